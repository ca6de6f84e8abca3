import { Testing, TerraformVariable } from "cdktf";
import { FastStack } from "../../constructs/nomad/fast-stack";
import { NomadJob } from "../../constructs/nomad/job";
import { NomadNamespace } from "../../constructs/nomad/namespace";
import { NomadNodePool } from "../../constructs/nomad/node-pool";
import { ReadinessGate, type ReadinessGateProps } from "../../constructs/nomad/readiness-gate";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { NomadSchedulerConfig } from "../../constructs/nomad/scheduler-config";
import type { Job } from "../../constructs/jobspec/job";
import { fleet as labFleet } from "../../fleets/lab";
import { renderHcl } from "../../review/hcl/render";
import { describeWithTerraform, plan, removeTerraformDirs, runTerraform, terraformDir } from "../helpers/terraform";
import { jobs } from "../jobspec/jobs";
import { job } from "../jobspec/refused";

interface Document {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;
  readonly [key: string]: unknown;
}

const app = Testing.app();
let number = 0;

function regionStack(): FastStack {
  number += 1;
  const stack = new FastStack(app, `stack-${number}`);
  new RegionProvider(stack, "nomad", { region: "east", address: "https://a.example:4646" });
  return stack;
}

const gateProps: ReadinessGateProps = {
  connection: { type: "ssh", host: "10.0.0.1", user: "ops", agent: "true", hostKey: "ssh-ed25519 AAAA" },
  check: ["region", "300", "namespace/ai"],
  timeoutSeconds: 300,
  triggers: ["east"],
};

function synthesize(stack: FastStack): Document {
  stack.prepareStack();
  return JSON.parse(Testing.synth(stack, true)) as Document;
}

/** The only resource of a type. */
function only(document: Document, type: string): Record<string, unknown> {
  const [resource, ...others] = Object.values(document.resource[type] ?? {});
  expect(others).toEqual([]);
  return resource ?? {};
}

afterAll(removeTerraformDirs);

describe("RegionProvider", () => {
  test("names its source in full, the version exactly, and the address as a variable", () => {
    const stack = regionStack();
    new NomadNamespace(stack, "ai", { name: "ai" });
    expect(synthesize(stack)).toMatchObject({
      provider: { nomad: [{ address: "${var.nomad_address}", region: "east" }] },
      terraform: {
        required_providers: { nomad: { source: "registry.terraform.io/hashicorp/nomad", version: "2.5.2" } },
      },
      variable: { nomad_address: { default: "https://a.example:4646", nullable: false, type: "string" } },
    });
  });

  test("refuses an address without TLS, and a second provider", () => {
    const stack = regionStack();
    const again = (address: string) => () => new RegionProvider(stack, `p${address}`, { region: "east", address });
    expect(again("http://a:4646")).toThrow('address: must be https://<host>:<port>, got "http://a:4646"');
    expect(again("https://b:4646")).toThrow("must be the only one of its stack");
  });
});

describe("ReadinessGate", () => {
  test("runs the gate on a server, bounded, and says what it waits for", () => {
    const stack = regionStack();
    new ReadinessGate(stack, "ReadinessGate", gateProps);
    const gate = only(synthesize(stack), "terraform_data");
    expect(gate).toMatchObject({
      triggers_replace: ["east"],
      provisioner: [
        {
          "remote-exec": {
            connection: { agent: "true", host: "10.0.0.1", host_key: "ssh-ed25519 AAAA", type: "ssh", user: "ops" },
            inline: [
              "echo 'waiting up to 300 s for: region 300 namespace/ai'",
              '$([ "$(id -u)" = 0 ] || echo sudo) timeout 315 /usr/local/lib/steppe/gate region 300 namespace/ai',
            ],
          },
        },
      ],
    });
  });

  test("is waited for by everything of Nomad in its stack", () => {
    const stack = regionStack();
    new ReadinessGate(stack, "ReadinessGate", gateProps);
    new NomadNamespace(stack, "ai", { name: "ai", enabledTaskDrivers: ["docker"] });
    new NomadNodePool(stack, "gpu", { name: "gpu" });
    new NomadSchedulerConfig(stack, "Scheduler");
    new NomadJob(stack, "web", { job: job() });
    const { resource } = synthesize(stack);
    const [gate] = Object.keys(resource["terraform_data"] ?? {});
    for (const type of ["nomad_namespace", "nomad_node_pool", "nomad_scheduler_config", "nomad_job"]) {
      expect(Object.values(resource[type] ?? {})).toMatchObject([{ depends_on: [`terraform_data.${gate ?? ""}`] }]);
    }
  });

  test.each([0, 1.5, 3601])("refuses a deadline of %s seconds", (timeoutSeconds) => {
    expect(() => new ReadinessGate(regionStack(), "Gate", { ...gateProps, timeoutSeconds })).toThrow(
      `timeoutSeconds: must be a whole number of seconds from 1 to 3600, got ${timeoutSeconds}`,
    );
  });

  test("refuses to be the second of its stack", () => {
    const stack = regionStack();
    new ReadinessGate(stack, "Gate", gateProps);
    expect(() => new ReadinessGate(stack, "Other", gateProps)).toThrow("must be the only gate of its stack");
  });
});

describe("NomadJob", () => {
  test("puts the region of the stack into the job", () => {
    const stack = regionStack();
    const web = new NomadJob(stack, "web", { job: job() });
    expect(web.job.region).toBe("east");
    const { jobspec } = only(synthesize(stack), "nomad_job");
    expect(JSON.parse(jobspec as string)).toMatchObject({ ID: "web", Region: "east" });
  });

  test("refuses a job of another region", () => {
    expect(() => new NomadJob(regionStack(), "web", { job: job({ region: "west" }) })).toThrow(
      'region: must be east, the region of the stack, got "west"; leave it out, or put the job into that region\'s stack',
    );
  });

  test("reports all problems of a job under its path", () => {
    const stack = regionStack();
    expect(() => new NomadJob(stack, "web", { job: job({ id: "", priority: 0 }) })).toThrow(
      `${stack.node.id}/web is not valid\n  - id: must not be empty or hold spaces, got ""; rename the job\n  - priority:`,
    );
  });

  test("escapes what belongs to Nomad exactly once", () => {
    const stack = regionStack();
    new NomadJob(stack, "web", { job: job({}, {}, { env: { A: "${NOMAD_DC} %{x} $${y}" } }) });
    expect(only(synthesize(stack), "nomad_job")["jobspec"]).toContain('"A":"$${NOMAD_DC} %%{x} $$${y}"');
  });

  test("names what is of no type, also where a fleet would be asked", () => {
    const props = { job: { id: "web", groups: { web: { tasks: { web: 7 } } } } as unknown as Job, fleet: labFleet };
    expect(() => new NomadJob(regionStack(), "web", props)).toThrow("groups.web.tasks.web: must be an object, got 7");
  });

  test("turns warnings into annotations", () => {
    const web = new NomadJob(regionStack(), "web", {
      job: job({}, { network: { ports: { http: {} } }, services: [{ name: "web", port: "http" }] }),
    });
    expect(web.node.metadata.map(({ data }) => data as unknown)).toContainEqual(
      expect.stringContaining("groups.web.shutdownDelay: should be set"),
    );
  });
});

describe("names", () => {
  test("of namespaces and node pools are checked", () => {
    expect(() => new NomadNamespace(regionStack(), "ns", { name: "a_b" })).toThrow(
      'name: must be letters, digits and dashes, at most 128 characters, got "a_b"',
    );
    expect(() => new NomadNodePool(regionStack(), "pool", { name: "a b", description: "x".repeat(257) })).toThrow(
      "description: must be at most 256 characters",
    );
  });
});

describeWithTerraform("Nomad-level stacks on the real provider", ["hashicorp/nomad"], () => {
  function everything(): Document {
    const stack = regionStack();
    new ReadinessGate(stack, "ReadinessGate", gateProps);
    new NomadNamespace(stack, "ai", { name: "ai", description: "AI", enabledTaskDrivers: ["docker"] });
    new NomadNodePool(stack, "gpu", { name: "gpu", description: "GPUs", meta: { a: "b" } });
    new NomadSchedulerConfig(stack, "Scheduler", { algorithm: "spread", preemption: { service: true } });
    const tag = new TerraformVariable(stack, "tag", { default: 'a "quoted" \\ tag' });
    const count = new TerraformVariable(stack, "replicas", { default: 3, type: "number" });
    new NomadJob(stack, "service", { job: jobs.service });
    new NomadJob(stack, "reference", {
      job: job(
        {},
        { count: count.numberValue },
        {
          env: {
            TAG: `\${NOMAD_DC} ${tag.stringValue}\n\b`,
            ALONE: tag.stringValue,
            WITHIN: `{{ "${tag.stringValue}" }} %{${tag.stringValue}} \${NOMAD_JOB_ID}`,
          },
        },
      ),
    });
    return synthesize(stack);
  }

  test("plan, and the jobspec arrives as rendered, with references filled in", () => {
    const directory = terraformDir({ "cdk.tf.json": JSON.stringify(everything()) }, ["hashicorp/nomad"]);
    const changes = plan(directory);
    const specs = changes
      .filter(({ address }) => address.startsWith("nomad_job."))
      .map(({ after }) => JSON.parse((after as { jobspec: string }).jobspec) as Record<string, unknown>);
    expect(specs).toContainEqual(
      expect.objectContaining({
        ID: "web",
        TaskGroups: [
          expect.objectContaining({
            Count: 3,
            Tasks: [
              expect.objectContaining({
                Env: {
                  TAG: '${NOMAD_DC} a "quoted" \\ tag\n\b',
                  ALONE: 'a "quoted" \\ tag',
                  WITHIN: '{{ "a "quoted" \\ tag" }} %{a "quoted" \\ tag} ${NOMAD_JOB_ID}',
                },
              }),
            ],
          }),
        ],
      }),
    );
    expect(specs.find(({ Meta }) => Meta !== undefined)).toMatchObject({
      TaskGroups: [
        { Tasks: [{ Env: { GREETING: 'a "quoted" ${NOMAD_ALLOC_ID} %{text}\nwith \\ lines', ZONE: "east" } }, {}] },
      ],
    });
    expect(changes).toHaveLength(6);
  }, 120_000);

  test("are shown as HCL that is valid", () => {
    const directory = terraformDir({ "main.tf": renderHcl(everything()) }, ["hashicorp/nomad"]);
    runTerraform(directory, "init", "-backend=false");
    expect(JSON.parse(runTerraform(directory, "validate", "-json"))).toMatchObject({ valid: true, diagnostics: [] });
  }, 120_000);
});
