import { Testing } from "cdktf";
import { Construct } from "constructs";
import { paths } from "../../constructs/machine/paths";
import { serverBundle } from "../../constructs/machine/bundle";
import { FastStack } from "../../constructs/nomad/fast-stack";
import { NomadJob } from "../../constructs/nomad/job";
import { ReadinessGate } from "../../constructs/nomad/readiness-gate";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { SetupJob, type SetupJobProps } from "../../constructs/nomad/setup/setup-job";
import { fleet } from "../../fleets/lab";
import { describeWithTerraform, plan, removeTerraformDirs, terraformDir } from "../helpers/terraform";
import { scriptJob } from "../helpers/setup-jobs";

interface Resource {
  readonly depends_on?: readonly string[];
  readonly triggers_replace?: readonly string[];
  readonly jobspec?: string;
  readonly provisioner?: unknown;
}
interface Document {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Resource>>>>;
}

const app = Testing.app();
let number = 0;

function jobsStack(): FastStack {
  number += 1;
  const stack = new FastStack(app, `stack-${number}`);
  new RegionProvider(stack, "nomad", { region: "east", address: "https://a.example:4646" });
  new ReadinessGate(stack, "ReadinessGate", {
    connection: { type: "ssh", host: "10.0.0.1", user: "ops", agent: "true", hostKey: "ssh-ed25519 AAAA" },
    check: ["region", "300"],
    timeoutSeconds: 300,
  });
  return stack;
}

function synthesize(stack: FastStack): string {
  stack.prepareStack();
  return Testing.synth(stack, true);
}

/** The resource whose address begins so. */
function found(stack: FastStack, type: string, start: string): { address: string; resource: Resource } {
  const { resource } = JSON.parse(synthesize(stack)) as Document;
  const [entry, ...others] = Object.entries(resource[type] ?? {}).filter(([name]) => name.startsWith(start));
  expect(others).toEqual([]);
  return { address: `${type}.${entry?.[0] ?? ""}`, resource: entry?.[1] ?? {} };
}

const migrate = scriptJob("migrate", "true");
const api = { ...scriptJob("api", "sleep 600"), type: "service" } as const;
const setup = (stack: FastStack, props: Partial<SetupJobProps> = {}) =>
  new SetupJob(stack, "Migrate", { job: migrate, ...props });

afterAll(removeTerraformDirs);

describe("SetupJob", () => {
  test("registers a template, runs it on a server of the region, and the wait is triggered by the hash", () => {
    const stack = jobsStack();
    const { hash } = setup(stack, { timeout: "90s" });
    const template = found(stack, "nomad_job", "Migrate_Template");
    expect(JSON.parse(template.resource.jobspec ?? "")).toMatchObject({
      Type: "batch",
      ParameterizedJob: { Payload: "forbidden" },
      Meta: { "setup-hash": hash },
    });
    expect(found(stack, "terraform_data", "Migrate_Success").resource).toMatchObject({
      depends_on: [template.address],
      triggers_replace: [hash],
      provisioner: [
        {
          "remote-exec": {
            connection: { host: "10.0.0.1", host_key: "ssh-ed25519 AAAA" },
            inline: [
              `$([ "$(id -u)" = 0 ] || echo sudo) timeout 210 ${paths.library}/setup 90 default migrate ${hash} 1`,
            ],
          },
        },
      ],
    });
  });

  test("calls a script that every server of a region has", () => {
    expect(serverBundle(fleet, "east").files.map(({ path }) => path)).toContain(`${paths.library}/setup`);
  });

  test("comes before what follows it, and set-ups can be strung together", () => {
    const stack = jobsStack();
    const seed = new SetupJob(stack, "Seed", { job: scriptJob("seed", "true") });
    const service = setup(stack)
      .then(seed)
      .then(new NomadJob(stack, "api", { job: api }));
    expect(service.job.id).toBe("api");
    const first = found(stack, "terraform_data", "Migrate_Success").address;
    const second = found(stack, "terraform_data", "Seed_Success");
    expect(found(stack, "nomad_job", "Seed_Template").resource.depends_on).toContain(first);
    expect(second.resource.depends_on).toContain(first);
    expect(found(stack, "nomad_job", "api").resource.depends_on).toContain(second.address);
    expect(found(stack, "nomad_job", "api").resource.depends_on).toHaveLength(2);
  });

  test("comes before everything that a construct holds", () => {
    const stack = jobsStack();
    const both = new Construct(stack, "Both");
    new NomadJob(both, "api", { job: api });
    new NomadJob(both, "web", { job: { ...api, id: "web" } });
    setup(stack).then(both);
    const { address } = found(stack, "terraform_data", "Migrate_Success");
    for (const name of ["Both_api", "Both_web"])
      expect(found(stack, "nomad_job", name).resource.depends_on).toContain(address);
  });

  test("runs again when job or inputs change, and only then", () => {
    const hashOf = (props: Partial<SetupJobProps>) => setup(jobsStack(), props).hash;
    const same = hashOf({});
    expect(same).toMatch(/^[0-9a-f]{16}$/);
    expect(hashOf({ timeout: "1h" })).toBe(same);
    expect(hashOf({ job: { ...migrate, allow: [...(migrate.allow ?? [])] } })).toBe(same);
    const others = [
      hashOf({ inputs: ["schema 2"] }),
      hashOf({ inputs: ["schema ", "2"] }),
      hashOf({ job: scriptJob("migrate", "false") }),
    ];
    expect(new Set([same, ...others]).size).toBe(4);
  });

  test.each<[string, Partial<SetupJobProps>, string]>([
    [
      "a service",
      { job: api },
      'job.type: must be batch: a set-up ends, and what follows waits for its end, got "service"; write type: "batch"',
    ],
    [
      "a job that runs by the clock",
      { job: { ...migrate, periodic: { cron: "@daily" } } },
      "job.periodic: must be left out",
    ],
    ["a template", { job: { ...migrate, parameterized: {} } }, "job.parameterized: must be left out"],
    [
      "a hash of one's own",
      { job: { ...migrate, meta: { "setup-hash": "1" } } },
      "job.meta.setup-hash: is written by Steppe",
    ],
    [
      "an id that a shell would read",
      { job: { ...migrate, id: "a;b" } },
      'job.id: must be letters, digits and . _ - / alone, got "a;b"',
    ],
    [
      "a job that runs nothing",
      { job: { ...migrate, groups: { work: { ...migrate.groups["work"], count: 0 } as never } } },
      "job.groups: must have a group with a count above 0",
    ],
    ["no time", { timeout: "0s" }, 'timeout: must be a duration from 1s to 24h, got "0s"; write, for example, "15m"'],
    ["more than a day", { timeout: "25h" }, 'timeout: must be a duration from 1s to 24h, got "25h"'],
    ["what nobody can read", { timeout: "soon" as never }, 'timeout: must be a duration from 1s to 24h, got "soon"'],
  ])("refuses %s", (_what, props, message) => {
    expect(() => setup(jobsStack(), props)).toThrow(message);
  });

  test("refuses a reference to another resource in what decides whether it runs", () => {
    const stack = jobsStack();
    const { resource } = new NomadJob(stack, "api", { job: api });
    expect(() => setup(stack, { inputs: [resource.modifyIndex] })).toThrow("job: must be known when the program runs");
  });

  test("says all that is wrong at once, and needs a server to wait on", () => {
    const stack = new FastStack(app, "bare");
    expect(() => setup(stack, { job: { ...api, id: "a b" }, timeout: "0" })).toThrow(
      /job\.type: .*\n.*job\.id: .*\n.*timeout: .*\n.*connection: must be given in a stack without a readiness gate/,
    );
  });

  test("is followed by constructs of its stack that hold something, not by itself or its own job", async () => {
    const stack = jobsStack();
    const made = setup(stack);
    const follow = (next: Construct) => () => made.then(next);
    expect(follow(new Construct(stack, "Empty"))).toThrow(
      'then: must be given a construct that holds a resource, got "',
    );
    expect(follow(new NomadJob(jobsStack(), "api", { job: api }))).toThrow(
      `then: must be given a construct of the stack ${stack.node.id}`,
    );
    expect(follow(made)).toThrow("it would wait for its own end");
    expect(follow(new NomadJob(stack, "api", { job: { ...api, id: "migrate" } }))).toThrow(
      'then: must be another job than the set-up: both have the same id and namespace, got "migrate"',
    );
    await expect(Promise.resolve(made as unknown)).rejects.toThrow("a set-up cannot be awaited: leave out await");
  });
});

describeWithTerraform("a set-up, by the provider's schema", ["hashicorp/nomad"], () => {
  test("can be planned: template, wait, service", () => {
    const stack = jobsStack();
    setup(stack).then(new NomadJob(stack, "api", { job: api }));
    const planned = plan(terraformDir({ "cdk.tf.json": synthesize(stack) }, ["hashicorp/nomad"]));
    expect(planned.map(({ address }) => address.replace(/_[0-9A-F]{8}$/, ""))).toEqual(
      expect.arrayContaining(["nomad_job.Migrate_Template", "terraform_data.Migrate_Success"]),
    );
  });
});
