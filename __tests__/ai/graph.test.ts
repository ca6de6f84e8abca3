import { App, TerraformStack } from "cdktf";
import { ModelGraph } from "../../constructs/ai/agents/graph";
import { endpointVariable, withEndpoints } from "../../constructs/ai/base/endpoints";
import type { GraphNode } from "../../constructs/ai/agents/graph-types";
import { ValidationError } from "../../constructs/core/problems";
import type { Job } from "../../constructs/jobspec/job";
import { NomadJob } from "../../constructs/nomad/job";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { fleet as example } from "../../fleets/example";
import { validateFleet } from "../../model/validate";
import type { Fleet } from "../../model/types";

const program = { image: "acme/agent:1.2.3" };
const pipeline = () =>
  new ModelGraph({
    planner: {
      pool: "edge",
      program,
      calls: ["writer", { service: "reader", instances: "all" }],
      callers: ["operators"],
      port: 8001,
    },
    writer: { pool: "h100", program: { ...program, healthPath: "/health" }, count: 2 },
    reader: { pool: "h100", program, calls: ["planner"], wiring: "file" },
  });

function deployed(graph: ModelGraph<string, string>, services: Fleet["services"]): Readonly<Record<string, Job>> {
  const stack = new TerraformStack(new App({ outdir: "unused" }), "graph");
  const fleet = { ...example, services: { ...example.services, ...services } };
  expect(validateFleet(fleet).filter(({ severity }) => severity !== "warning")).toEqual([]);
  new RegionProvider(stack, "Region", { region: "eu-onprem", address: "https://nomad.example:4646", fleet });
  graph.deploy(stack);
  const jobs = stack.node.findAll().flatMap((node) => (node instanceof NomadJob ? [node.job] : []));
  return Object.fromEntries(jobs.map((job) => [job.id, job]));
}

function problemsOf(nodes: Readonly<Record<string, GraphNode<string>>>): readonly string[] {
  try {
    new ModelGraph(nodes);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return error.problems.map(({ path, rule }) => `${path} ${rule}`);
  }
  return [];
}

describe("ModelGraph", () => {
  test("opens those calls alone", () => {
    expect(pipeline().services()).toEqual({
      planner: { port: 8001, pools: ["edge"], callers: ["h100", "operators"] },
      writer: { port: "dynamic", pools: ["h100"], callers: ["edge"] },
      reader: { port: "dynamic", pools: ["h100"], callers: ["edge"] },
    });
  });

  test("makes a job per node at the port that the fleet opens", () => {
    const jobs = deployed(pipeline(), pipeline().services());
    const ports = Object.values(jobs).map(({ id, groups }) => [id, groups["program"]?.network?.ports?.["http"]]);
    expect(Object.fromEntries(ports)).toEqual({
      planner: { static: 8001, hostNetwork: "tailscale" },
      reader: { hostNetwork: "tailscale" },
      writer: { hostNetwork: "tailscale" },
    });
    expect(jobs["planner"]?.groups["program"]?.disconnect).toEqual({ lostAfter: "3600s", reconcile: "best_score" });
    expect(jobs["writer"]?.groups["program"]).toMatchObject({
      count: 2,
      services: [{ checks: [{ path: "/health" }] }],
    });
  });

  test("is refused where the fleet does not open a call", () => {
    const { reader, ...services } = pipeline().services();
    expect(() => deployed(pipeline(), { ...services, reader: { ...reader, callers: [] } })).toThrow(
      "calls reader, which the fleet does not open for pool edge",
    );
    expect(() => deployed(pipeline(), services)).toThrow("asks for the service reader, which nothing registers");
  });

  test("finds all that is wrong with its calls at once", () => {
    const nodes = { a: { pool: "edge", program, calls: ["a", "b", "b", "c"] }, b: { pool: "edge", program } };
    expect(problemsOf(nodes)).toEqual([
      "a.calls.0 must be another node",
      "a.calls.2 must not be there twice",
      "a.calls.3 must be a node of the graph",
    ]);
  });

  test("names a pool of another region", () => {
    const graph = new ModelGraph({ a: { pool: "l40s", program } });
    expect(() => deployed(graph, graph.services())).toThrow("is in region eu-aws, not eu-onprem");
  });

  test("a program that is found by luck", () => {
    const program = { runtime: { kind: "installed", command: "planner" } } as const;
    expect(() => new ModelGraph({ planner: { pool: "h100", program: { image: "x:1", ...program } } })).toThrow(
      'planner.program.runtime.command: must be an absolute path, got "planner"',
    );
  });
});

describe("withEndpoints", () => {
  const job: Job = {
    id: "a",
    groups: { g: { tasks: { t: { driver: "docker", config: { image: "acme/agent:1" }, env: { A: "1" } } } } },
  };
  const place = { group: "g", task: "t" };
  const taskOf = (wired: Job) => wired.groups["g"]?.tasks["t"];

  test("leaves a job without calls alone", () => {
    expect(withEndpoints(job, place, [])).toBe(job);
  });

  test("gives one instance or all, in variables named after the service", () => {
    const [template] = taskOf(
      withEndpoints(job, place, [{ service: "big-model" }, { service: "b", instances: "all" }]),
    )!.templates!;
    expect(template).toMatchObject({ destination: "local/endpoints.env", env: true, splay: "30s" });
    expect(template!.data).toBe(
      '{{ range nomadService 1 (env "NOMAD_ALLOC_ID") "big-model" }}BIG_MODEL_URL=http://{{ .Address }}:{{ .Port }}\n{{ end }}' +
        '{{ with nomadService "b" }}B_URLS={{ range $i, $one := . }}{{ if $i }},{{ end }}http://{{ $one.Address }}:{{ $one.Port }}{{ end }}\n{{ end }}',
    );
    expect([endpointVariable({ service: "big-model" }), endpointVariable({ service: "b", instances: "all" })]).toEqual([
      "BIG_MODEL_URL",
      "B_URLS",
    ]);
  });

  test("gives a file that is written anew while the task goes on", () => {
    const task = taskOf(withEndpoints(job, place, [{ service: "b", instances: "all" }], "file"))!;
    expect(task.env).toEqual({ A: "1", ENDPOINTS_FILE: "${NOMAD_TASK_DIR}/endpoints.json" });
    expect(task.templates).toEqual([
      expect.objectContaining({ destination: "local/endpoints.json", changeMode: "noop" }),
    ]);
  });
});
