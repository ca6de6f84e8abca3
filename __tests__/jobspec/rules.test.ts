import { formatProblem, isError } from "../../constructs/core/problems";
import type { Job } from "../../constructs/jobspec/job";
import { validateJob } from "../../constructs/jobspec/validate";
import { jobs } from "./jobs";
import { job, refused } from "./refused";

const errors = (subject: Job) => validateJob(subject).filter(isError).map(formatProblem);
const tfNumber = -1.8881545897087626e289;

describe("validateJob", () => {
  test.each(Object.entries(jobs))("has nothing against %s", (_name, subject) => {
    expect(errors(subject)).toEqual([]);
  });

  test.each(Object.entries(refused))("names the problem, its place and the fix: %s", (_name, subject) => {
    expect(errors(subject)).toMatchSnapshot();
  });

  test.each(Object.entries(refused))("knows that no reason helps: %s", (_name, subject) => {
    expect(validateJob(subject).some((problem) => isError(problem) && problem.name === undefined)).toBe(true);
  });

  test("reports all problems at once", () => {
    const subject = job({ id: "" }, { count: -1 }, { env: { HF_TOKEN: "hf_abc" }, killTimeout: "1d" as never });
    expect(errors(subject)).toEqual([
      'id: must not be empty or hold spaces, got ""; rename the job',
      "groups.web.count: must be a whole number of at least 0, got -1",
      'groups.web.tasks.web.killTimeout: must be a duration such as 30s or 1h30m (there is no unit for days), got "1d"',
      expect.stringMatching(
        /^groups\.web\.tasks\.web\.env\.HF_TOKEN: must not hold a secret in plain text; put it into .* \[plain-secret\]$/,
      ),
    ]);
  });

  test("counts what several groups inherit once", () => {
    const subject = job({ update: { canary: -1 }, groups: { a: job().groups["web"]!, b: job().groups["web"]! } });
    expect(errors(subject)).toEqual(["update.canary: must be a whole number of at least 0, got -1"]);
  });

  test("says where a setting of a merged block was written", () => {
    const subject = job({ update: { progressDeadline: "1m" } }, { update: { healthyDeadline: "2m" } });
    expect(errors(subject)).toEqual([
      'groups.web.update.healthyDeadline: must be less than progressDeadline (1m), got "2m"; raise progressDeadline or lower healthyDeadline',
    ]);
  });
});

describe("values that cannot be written as a job", () => {
  test.each<[string, object, object]>([
    ["a duration with days", {}, { killTimeout: "1d" }],
    ["a duration known only to Terraform", {}, { killTimeout: "${TfToken[TOKEN.1]}s" }],
    ["a size in MB", {}, { resources: { memory: "300MB" } }],
    ["half a MiB", {}, { resources: { memory: "300.5MiB" } }],
    ["a frequency without a unit", {}, { resources: { cpu: "500" } }],
    ["half a count", { count: 1.5 }, {}],
  ])("are refused: %s", (_name, group, task) => {
    const [problem, ...more] = validateJob(job({}, group, task));
    expect(more).toEqual([]);
    expect(problem?.name).toBeUndefined();
  });
});

describe("values known only to Terraform or Nomad", () => {
  test("pass every check", () => {
    const token = "${TfToken[TOKEN.1]}";
    const subject = job(
      {
        id: token,
        name: token,
        namespace: token,
        nodePool: token,
        priority: tfNumber,
        datacenters: ["#{TfToken[TOKEN.2]}"],
        type: "service",
        constraints: [
          { attribute: "${node.class}", operator: "regexp", value: `${token}(` },
          { attribute: "${node.class}", operator: "version", value: token },
          { attribute: "${meta.rack}", operator: "distinct_property", value: token },
        ],
        update: { maxParallel: tfNumber, canary: tfNumber },
        meta: { owner: token },
      },
      {
        count: tfNumber,
        shutdownDelay: "1s",
        scaling: { min: tfNumber, max: tfNumber },
        restart: { attempts: tfNumber },
        reschedule: { attempts: tfNumber, unlimited: false },
        network: { mode: "bridge", hostname: "${NOMAD_JOB_ID}", ports: { http: { static: tfNumber, to: tfNumber } } },
        services: [
          { name: "${JOB}-web", port: token, checks: [{ type: "http", path: token, interval: "5s", timeout: "1s" }] },
        ],
        volumes: { data: { type: "host", source: token } },
      },
      {
        driver: "docker",
        config: { image: `${token}:latest` },
        resources: { cores: tfNumber, devices: [{ name: token, count: tfNumber }] },
        templates: [{ data: token, destination: token, perms: token }],
        artifacts: [{ source: token, destination: token, options: { checksum: token } }],
        volumeMounts: [{ volume: token, destination: token }],
        logs: { maxFiles: tfNumber },
        killSignal: token,
      } as never,
    );
    expect(validateJob(subject)).toEqual([]);
  });
});
