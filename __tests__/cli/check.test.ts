import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { main } from "../../cli/main";
import { NomadJob } from "../../constructs/nomad/job";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { FastStack } from "../../constructs/nomad/fast-stack";
import { writeChecks } from "../../scripts/checks";
import type { ProgramCheck } from "../../scripts/checks-file";
import { job } from "../jobspec/refused";

const fleet = `
export const fleet = {
  name: "pilot",
  tailnet: { domain: "steppe.test" },
  backend: { kind: "local" },
  sites: { home: { platform: "onprem", networks: ["192.168.7.0/24"], hosts: { s1: { address: "192.168.7.11" } } } },
  regions: { home: { site: "home", servers: { hosts: ["s1"] }, authoritative: true } },
  pools: {},
};
`;

const synth = `
import { mkdirSync, writeFileSync } from "node:fs";
const out = process.env.CDKTF_OUTDIR;
const path = "stacks/pilot-jobs-home/cdk.tf.json";
mkdirSync(out + "/stacks/pilot-jobs-home", { recursive: true });
writeFileSync(out + "/" + path, JSON.stringify({ terraform: { backend: { local: { path: "../../../state/x.tfstate" } } } }));
const stack = { name: "pilot-jobs-home", workingDirectory: "stacks/pilot-jobs-home", synthesizedStackPath: path, dependencies: [] };
writeFileSync(out + "/manifest.json", JSON.stringify({ stacks: { [stack.name]: stack } }));
if (process.env.CHECKS) writeFileSync(out + "/checks.json", process.env.CHECKS);
`;

const floating = {
  path: "groups.web.tasks.web.config.image",
  rule: "must not float",
  got: "nginx:latest",
  name: "floating-image",
};
const stale = { path: "allow.1", rule: "allows nothing: the job keeps this rule there", severity: "warning" } as const;
const checks: readonly ProgramCheck[] = [
  {
    construct: "pilot-jobs-home/web",
    job: "web",
    region: "home",
    warnings: [stale],
    allowances: [
      { rule: "floating-image", path: "", reason: "the publisher has no versions", problems: [floating, floating] },
      { rule: "privileged", path: "groups.web", reason: "it mounts for others", problems: [floating] },
    ],
  },
];

describe("./steppe check", () => {
  const root = mkdtempSync(join(tmpdir(), "steppe-check-"));
  const project = join(root, "project");
  const lines = { out: "", err: "" };

  beforeAll(() => {
    for (const folder of ["fleets", "scripts"]) mkdirSync(join(project, folder), { recursive: true });
    writeFileSync(join(project, "fleets", "pilot.ts"), fleet);
    writeFileSync(join(project, "scripts", "synth.mjs"), synth);
  });
  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  async function run(given: readonly ProgramCheck[], ...argv: readonly string[]): Promise<number> {
    lines.out = "";
    lines.err = "";
    const output = {
      out: (text: string) => void (lines.out += `${text}\n`),
      err: (text: string) => void (lines.err += `${text}\n`),
      terminal: false,
    };
    const env = {
      PATH: process.env["PATH"],
      HOME: root,
      STEPPE_TRUST_DIR: join(root, "trust"),
      STEPPE_FLEET: "pilot",
      ...(given.length === 0 ? {} : { CHECKS: JSON.stringify(given) }),
    };
    rmSync(join(project, "cdktf.out.pilot"), { recursive: true, force: true });
    return await main(["check", ...argv], { output, env, project });
  }

  test("lists the rules that jobs break on purpose, and warnings under the job's path", async () => {
    const code = await run(checks); // 1 for want of trust
    expect({ code, ...lines }).toMatchObject({ code: 1, err: expect.stringContaining("trust: has not been made") });
    expect(lines.out).toBe(
      [
        "rules that are broken on purpose:",
        "",
        "region  job  rule            where                                         reason",
        "home    web  floating-image  groups.web.tasks.web.config.image and 1 more  the publisher has no versions",
        "home    web  privileged      groups.web                                    it mounts for others",
        "",
        "",
      ].join("\n"),
    );
    expect(lines.err).toContain(
      "warning: pilot-jobs-home/web allow.1: allows nothing: the job keeps this rule there\n",
    );
  });

  test("prints the same as data", async () => {
    expect(await run(checks, "--json")).toBe(1);
    expect(JSON.parse(lines.out)).toMatchObject({
      fleet: "pilot",
      stacks: ["pilot-jobs-home"],
      problems: expect.arrayContaining([{ ...stale, path: "pilot-jobs-home/web allow.1" }]),
      allowances: [
        { job: "web", region: "home", rule: "floating-image", path: "", problems: [floating, floating] },
        { job: "web", region: "home", rule: "privileged", reason: "it mounts for others" },
      ],
    });
  });

  test("says nothing of allowances where there are none", async () => {
    await run([]);
    expect(lines.out).toBe("");
    expect(lines.err).not.toContain("broken on purpose");
  });
});

test("a program writes down what the rules say of its jobs", () => {
  const outdir = mkdtempSync(join(tmpdir(), "steppe-checks-"));
  const app = new App({ outdir });
  const stack = new FastStack(app, "jobs");
  new RegionProvider(stack, "Region", { region: "east", address: "https://s.example:4646" });
  const allow = [{ rule: "raw-exec", reason: "the node has no Docker" }];
  const raw = { driver: "raw_exec", config: { command: "/bin/true" } } as const;
  new NomadJob(stack, "raw", { job: job({ allow }, { tasks: { raw } }) });
  new NomadJob(stack, "plain", { job: job({ id: "plain" }) });
  new NomadJob(stack, "slow", { job: job({ id: "slow" }, {}, { killTimeout: "2m" }) });
  writeChecks(app);
  const written = JSON.parse(readFileSync(join(outdir, "checks.json"), "utf8")) as unknown;
  rmSync(outdir, { recursive: true });
  expect(written).toEqual([
    {
      construct: "jobs/raw",
      job: "web",
      region: "east",
      warnings: [],
      allowances: [
        {
          ...allow[0],
          path: "",
          problems: [expect.objectContaining({ path: "groups.web.tasks.raw.driver", name: "raw-exec" })],
        },
      ],
    },
    {
      construct: "jobs/slow",
      job: "slow",
      region: "east",
      warnings: [expect.objectContaining({ name: "kill-timeout", severity: "warning" })],
      allowances: [],
    },
  ]);
});
