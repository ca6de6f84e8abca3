import { formatProblem, isError } from "../../constructs/core/problems";
import type { Job } from "../../constructs/jobspec/job";
import { validateJob } from "../../constructs/jobspec/validate";
import { jobs } from "./jobs";
import { job, refused } from "./refused";

const errors = (subject: Job) => validateJob(subject).filter(isError).map(formatProblem);
const warnings = (subject: Job) =>
  validateJob(subject)
    .filter((problem) => !isError(problem))
    .map(formatProblem);
const docker = (config: object, options: object = {}) => job({}, {}, { driver: "docker", config, ...options } as never);

describe("validateJob", () => {
  test.each(Object.entries(jobs))("has nothing against %s", (_name, subject) => {
    expect(errors(subject)).toEqual([]);
  });

  test.each(Object.entries(refused))("names the problem, its place and the fix: %s", (_name, subject) => {
    expect(errors(subject)).toMatchSnapshot();
  });

  test("reports all problems at once", () => {
    const subject = job({ id: "" }, { count: -1 }, { env: { HF_TOKEN: "hf_abc" }, killTimeout: "1d" as never });
    expect(errors(subject)).toEqual([
      'id: must not be empty or hold spaces, got ""; rename the job',
      "groups.web.count: must be a whole number from 0 to 50000, got -1",
      'groups.web.tasks.web.killTimeout: must be a duration such as 30s or 1h30m (there is no unit for days), got "1d"',
      expect.stringMatching(
        /^groups\.web\.tasks\.web\.env\.HF_TOKEN: must not hold a secret in plain text; put it into/,
      ),
    ]);
  });

  test("asks for a shutdown delay where there is a service", () => {
    const subject = job({}, { network: { ports: { http: {} } }, services: [{ name: "web", port: "http" }] });
    expect(warnings(subject)).toEqual([
      'groups.web.shutdownDelay: should be set on a group with a service: callers still reach it while it stops; add shutdownDelay: "5s"',
    ]);
  });

  test("wants services to name a port of the network", () => {
    expect(errors(job({}, { services: [{ name: "web", port: "http" }] }))).toEqual([
      'groups.web.services.0.port: must be a port of the group\'s network, got "http"; add ports: { http: {} }',
    ]);
  });
});

describe("images", () => {
  test.each(["nginx", "registry:5000/nginx", "ghcr.io/a/b"])("refuses %s, which has no version", (image) => {
    expect(errors(docker({ image }))).toEqual([
      `groups.web.tasks.web.config.image: must have a version: without a tag it means latest, got "${image}"; name a version (repo:1.2.3) or a digest (repo@sha256:…)`,
    ]);
  });

  test.each(["nginx:latest", "registry:5000/team/nginx:latest"])("refuses %s, which floats", (image) => {
    expect(errors(docker({ image }))).toHaveLength(1);
  });

  test.each(["nginx:1.29", "registry:5000/nginx@sha256:abc", "nginx:${NOMAD_META_tag}", "${TfToken[TOKEN.1]}"])(
    "accepts %s",
    (image) => {
      expect(errors(docker({ image }))).toEqual([]);
    },
  );

  test("warns of a tag that moves", () => {
    expect(warnings(docker({ image: "nginx:stable" }))).toHaveLength(1);
  });
});

describe("secrets", () => {
  test.each([
    ["HF_TOKEN", "hf_abc"],
    ["POSTGRES_PASSWORD", "hunter2"],
    ["api_key", "abc"],
    ["DB_PASSWORD", "${TfToken[TOKEN.3]}"],
    ["TOKEN", "prefix-${NOMAD_META_x}"],
  ])("refuses %s in env, and does not repeat it", (name, value) => {
    const [problem] = validateJob(job({}, {}, { env: { [name]: value } }));
    expect(problem).toMatchObject({
      path: `groups.web.tasks.web.env.${name}`,
      rule: "must not hold a secret in plain text",
    });
    expect(JSON.stringify(problem)).not.toContain(value);
  });

  test.each([
    ["TOKEN_FILE", "secrets/token"],
    ["DB_PASSWORD", "/secrets/password"],
    ["DB_PASSWORD", "${NOMAD_SECRETS_DIR}/password"],
    ["NOMAD_TOKEN", "${NOMAD_TOKEN}"],
    ["API_KEY", ""],
    ["TOKENIZERS_PARALLELISM", "true"],
  ])("lets %s=%s be", (name, value) => {
    expect(errors(job({}, {}, { env: { [name]: value } }))).toEqual([]);
  });

  test.each([[["--password=x1"]], [["--api-key", "abc"]]])("refuses %j as arguments", (args) => {
    expect(errors(job({}, {}, { driver: "exec", config: { command: "/bin/app", args } } as never))).toHaveLength(1);
  });

  test.each([[["--token", "${NOMAD_TOKEN}"]], [["--token", "--verbose"]], [["--token-file=/a"]]])(
    "lets %j be",
    (args) => {
      expect(errors(job({}, {}, { driver: "exec", config: { command: "/bin/app", args } } as never))).toEqual([]);
    },
  );

  test("refuses a registry password", () => {
    const subject = docker({ image: "a:1", extra: { auth: [{ username: "me", password: "hunter2" }] } });
    expect(errors(subject)).toEqual([expect.stringContaining("config.auth.password: must not hold a secret")]);
  });
});

describe("mistakes of the reference system", () => {
  test("NVIDIA_VISIBLE_DEVICES beside a device", () => {
    expect(errors(job({}, {}, { env: { NVIDIA_VISIBLE_DEVICES: "all" } }))).toEqual([
      'groups.web.tasks.web.env.NVIDIA_VISIBLE_DEVICES: must not be set: it overrides the GPUs that the scheduler assigned, got "all"; remove it and ask for resources.devices: [{ name: "nvidia/gpu" }]',
    ]);
  });

  test.each([
    { devices: [{ hostPath: "/dev/nvidia0" }] },
    { volumes: ["/dev/nvidia0:/dev/nvidia0"] },
    { mounts: [{ type: "bind", source: "/dev/nvidiactl", target: "/dev/nvidiactl" }] },
  ])("GPU devices mounted by hand: %j", (config) => {
    expect(errors(docker({ image: "a:1", ...config }))).toEqual([
      expect.stringContaining("must not be mounted by hand: the device plugin does"),
    ]);
  });

  test("set_contains with alternatives", () => {
    const constraints = [{ attribute: "${meta.gpu}", operator: "set_contains", value: "h100,a100" }] as const;
    expect(errors(job({ constraints }))).toEqual([
      'constraints.0.operator: wants all of the listed members at once, got "h100,a100"; write set_contains_any for one of them, or set_contains_all if all are meant',
    ]);
  });

  test("the allocation's index as the size of the world", () => {
    expect(errors(job({}, {}, { env: { WORLD_SIZE: "${NOMAD_ALLOC_INDEX}", RANK: "${NOMAD_ALLOC_INDEX}" } }))).toEqual([
      expect.stringContaining("env.WORLD_SIZE: must be the number of workers, not the index of this one"),
    ]);
  });

  test("every worker its own master", () => {
    expect(errors(job({}, {}, { env: { MASTER_ADDR: "${attr.unique.network.ip-address}" } }))).toEqual([
      expect.stringContaining("env.MASTER_ADDR: must be the address of rank 0"),
    ]);
  });
});

describe("values known only to Terraform", () => {
  const number = -1.8881545897087626e289;

  test("pass every check", () => {
    const subject = job(
      { id: "${TfToken[TOKEN.1]}", namespace: "${TfToken[TOKEN.2]}", priority: number },
      { count: number },
      { resources: { cores: number } },
    );
    expect(errors(subject)).toEqual([]);
  });

  test("are refused where a duration must be known", () => {
    expect(errors(job({}, {}, { killTimeout: "${TfToken[TOKEN.1]}s" as never }))).toHaveLength(1);
  });
});
