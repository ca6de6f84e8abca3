import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { command, describeInLab, eventually, nomad, on, operatorEnvironment, root, steppe } from "../helpers/lab";
import { findProvider } from "../helpers/terraform";

jest.setTimeout(400_000);

const FILE = join(root, "dist", "fleets", "lab-graph.ts");
const PROGRAM = readFileSync(join(root, "__tests__", "helpers", "stand-ins", "node.pl"), "utf8");
const PORT = 8001;

/** An orchestrator on the GPU machine calls all agents on the other; each agent calls it back. The programs stand in for models. */
const fleetText = `import { ModelGraph } from "../../constructs/ai/agents/graph";
import { fleet as lab } from "../../fleets/lab";
const program = {
  image: "none.example/in-the-lab:1",
  command: "/usr/bin/perl",
  args: ["-e", ${JSON.stringify(PROGRAM)}],
  healthPath: "/own",
  runtime: { kind: "installed", driver: "raw_exec", reason: "no other driver runs in the lab's containers" },
  cpu: "50MHz",
  memory: "48MiB",
} as const;
const graph = new ModelGraph({
  orchestrator: {
    pool: "gpu",
    program,
    calls: [{ service: "agent", instances: "all" }],
    wiring: "file",
    callers: ["operators"],
    port: ${PORT},
  },
  agent: { pool: "general", program, count: 2, calls: ["orchestrator"] },
});
export const fleet = {
  ...lab,
  sites: { "dc-east": lab.sites["dc-east"], onprem: lab.sites.onprem },
  regions: { east: lab.regions.east },
  pools: { general: lab.pools.general, gpu: lab.pools.gpu },
  services: { ...graph.services() },
};
export const workloads = { east: (scope) => void graph.deploy(scope) };
`;

const suite = findProvider("hashicorp/nomad") === undefined ? describe.skip : describeInLab;

suite("an orchestrator and its agents in two pools", () => {
  let env: Record<string, string> = {};
  const about = async (...args: readonly string[]) => {
    const { code, err } = await steppe([...args, "--fleet", FILE]);
    expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  };
  const ask = async (path: string) =>
    (await on("operator", `curl -sf --max-time 8 http://gpu-1.lab.internal:${PORT}/${path}`, env)).out;
  const answers = async (path: string) => (await ask(path)).split("\n").filter((line) => line !== "");
  const withoutTimes = (lines: readonly string[]) => lines.map((line) => line.replace(/ since \d+/g, ""));
  /** URLs of the agents, as the orchestrator's file has them. */
  const agents = async () => {
    const { out } = await nomad(env, `alloc exec -i=false -t=false -job orchestrator cat local/endpoints.json`);
    return (JSON.parse(out) as { readonly agent: readonly string[] }).agent;
  };

  beforeAll(async () => {
    await steppe(["lab", "down"]);
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(FILE, fleetText);
    await about("lab", "up");
    await about("apply", "--yes");
    env = operatorEnvironment();
  });
  afterAll(async () => {
    const { code, err } = await steppe(["lab", "down"]);
    await command(["rm", "-f", FILE]);
    if (code !== 0) throw new Error(err);
  });

  test("call each other across pools, whoever was there first", async () => {
    await eventually(90, "both agents answer, and call back", async () => {
      const lines = withoutTimes(await answers("chain"));
      return lines.length === 2 && lines.every((line) => line.includes("asks orchestrator.0"));
    });
    expect(withoutTimes(await answers("ask"))).toEqual(["orchestrator.0 asks agent.0", "orchestrator.0 asks agent.1"]);
  });

  test("are closed to machines that the graph does not name", async () => {
    const [agent = ""] = await agents();
    const fromCaller = await on("gpu-1", `curl -s --max-time 5 ${agent}/own`, env);
    expect(fromCaller.out).toMatch(/^agent\.\d since \d+$/);
    const fromOperator = await on("operator", `curl -s --max-time 5 ${agent}/own`, env);
    expect({ code: fromOperator.code, out: fromOperator.out }).toEqual({ code: 28, out: "" });
  });

  test("follow an agent to its new place while the orchestrator goes on", async () => {
    const before = await agents();
    const sinceOf = async () => /since (\d+)/.exec(await ask("own"))?.[1];
    const since = await sinceOf();
    const { out } = await nomad(env, "job allocs -json agent");
    const [first] = (JSON.parse(out) as readonly { readonly ID: string; readonly ClientStatus: string }[]).filter(
      ({ ClientStatus }) => ClientStatus === "running",
    );
    expect((await nomad(env, `alloc stop -detach ${first?.ID ?? ""}`)).code).toBe(0);
    await eventually(90, "another agent has taken its place", async () => {
      const now = await agents();
      return now.length === 2 && now.join(" ") !== before.join(" ") && (await answers("ask")).length === 2;
    });
    expect(withoutTimes(await answers("ask"))).toEqual(["orchestrator.0 asks agent.0", "orchestrator.0 asks agent.1"]);
    expect(await sinceOf()).toBe(since);
  });

  test("change nothing when they are applied again", async () => {
    const { out, code } = await steppe(["plan", "jobs-east", "--fleet", FILE]);
    expect(code).toBe(0);
    expect(out).toMatch(/^lab-jobs-east +unchanged/m);
  });
});
