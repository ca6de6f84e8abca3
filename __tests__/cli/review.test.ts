import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../cli/main";
import type { Report } from "../../review/report/report";

const fleet = {
  name: "pilot",
  tailnet: { domain: "steppe.test" },
  backend: { kind: "local" },
  sites: { home: { platform: "onprem", networks: ["192.168.7.0/24"], hosts: { s1: { address: "192.168.7.11" } } } },
  regions: { home: { site: "home", servers: { hosts: ["s1"] }, authoritative: true } },
  pools: {},
};
const FLEET = `export const fleet = ${JSON.stringify(fleet)};\n`;

/** Stands in for the synthesis of a real fleet: one stack, which is a file of the project. Refuses to work beside a credential. */
const SYNTH = `
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
for (const name of ["AWS_SECRET_ACCESS_KEY", "NOMAD_TOKEN", "GITHUB_TOKEN"])
  if (process.env[name] !== undefined) throw new Error("sees " + name);
const document = JSON.parse(readFileSync("stack.json", "utf8"));
const out = process.env.CDKTF_OUTDIR;
const path = "stacks/pilot-site-home/cdk.tf.json";
mkdirSync(out + "/stacks/pilot-site-home", { recursive: true });
writeFileSync(out + "/" + path, JSON.stringify(document));
const stack = { name: "pilot-site-home", workingDirectory: "stacks/pilot-site-home", synthesizedStackPath: path, dependencies: [] };
writeFileSync(out + "/manifest.json", JSON.stringify({ stacks: { [stack.name]: stack } }));
writeFileSync(out + "/fleet.json", readFileSync("fleet.json"));
`;

const volume = { availability_zone: "eu-central-1a", size: 40, encrypted: true };
const withVolumes = (...names: readonly string[]) => ({
  resource: { aws_ebs_volume: Object.fromEntries(names.map((name) => [name, volume])) },
});

describe("./steppe review", () => {
  const root = mkdtempSync(join(tmpdir(), "steppe-review-test-"));
  const project = join(root, "repository", "infrastructure");
  const lines = { out: "", err: "" };

  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", "-C", project, ...args], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null" },
    }).trim();
  const stack = (document: object) => writeFileSync(join(project, "stack.json"), JSON.stringify(document));
  const accept = (accepted: readonly object[]) =>
    writeFileSync(join(project, "fleet.json"), JSON.stringify({ ...fleet, review: { accepted } }));
  const steppe = async (...args: readonly string[]): Promise<number> => {
    Object.assign(lines, { out: "", err: "" });
    return await main(["review", "--fleet", "pilot", ...args], {
      project,
      env: { ...process.env, AWS_SECRET_ACCESS_KEY: "x", NOMAD_TOKEN: "x", GITHUB_TOKEN: "x", TMPDIR: root },
      output: {
        out: (text) => void (lines.out += `${text}\n`),
        err: (text) => void (lines.err += `${text}\n`),
        terminal: false,
      },
    });
  };
  const report = (): Report => JSON.parse(lines.out) as Report;

  beforeAll(() => {
    for (const folder of ["fleets", "scripts", "node_modules"]) mkdirSync(join(project, folder), { recursive: true });
    writeFileSync(join(project, "package.json"), "{}");
    writeFileSync(join(project, "fleets", "pilot.ts"), FLEET);
    writeFileSync(join(project, "scripts", "synth.mjs"), SYNTH);
    accept([]);
    writeFileSync(join(project, ".gitignore"), "node_modules\n");
    stack(withVolumes("one", "two"));
    git("init", "--quiet", "--initial-branch=main");
    git("add", "--all");
    git("commit", "--quiet", "--message=base");
  });
  beforeEach(() => stack(withVolumes("one", "two")));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test("finds nothing in a work tree that is as its commit, and leaves nothing behind", async () => {
    const before = git("status", "--porcelain");
    expect(await steppe("--base", "main")).toBe(0);
    expect(lines.out).toContain("no changes (synth diff");
    expect(git("status", "--porcelain")).toBe(before);
    expect(git("worktree", "list").split("\n")).toHaveLength(1);
    expect(readdirSync(tmpdir()).filter((name) => /^steppe-(review|head)-(?!test)/.test(name))).toEqual([]);
  });

  test("says what a rename does, blocks it, and is lifted by a label and by a line in the fleet", async () => {
    stack(withVolumes("one", "three"));
    expect(await steppe("--base", "main", "--json")).toBe(3);
    expect(report()).toMatchObject({
      fleet: "pilot",
      verdict: "blocked",
      findings: [{ id: "ids/renamed", stack: "pilot-site-home", resource: "aws_ebs_volume.two" }],
    });
    expect(await steppe("--base", "main", "--label", "steppe-accept:ids/renamed", "--label", "bug")).toBe(0);
    expect(lines.out).toContain("accepted by label: label steppe-accept:ids/renamed");
    expect(await steppe("--base", "main", "--label", "steppe-accept:data")).toBe(3);
    expect(await steppe("--base", "main", "--fail-on", "never")).toBe(0);
    accept([{ finding: "ids", resource: "aws_ebs_volume.two", reason: "it holds nothing" }]);
    expect(await steppe("--base", "main")).toBe(0);
    expect(lines.out).toContain("accepted by code: it holds nothing");
    accept([{ finding: "ids/renamed", resource: "aws_ebs_volume.one", reason: "another one" }]);
    expect(await steppe("--base", "main")).toBe(3);
    accept([]);
  });

  test("keeps a renamed thing that a moved block tells of", async () => {
    const moved = [{ from: "aws_ebs_volume.two", to: "aws_ebs_volume.three" }];
    stack({ ...withVolumes("one", "three"), moved });
    expect(await steppe("--base", "main", "--json")).toBe(0);
    expect(report().changes).toMatchObject([{ action: "move", previousAddress: "aws_ebs_volume.two" }]);
  });

  test("takes a fleet that the base does not have for a new one", async () => {
    writeFileSync(join(project, "fleets", "other.ts"), FLEET);
    try {
      expect(await steppe("--base", "main", "--fleet", "other", "--json")).toBe(0);
      expect(report()).toMatchObject({
        stacks: [{ status: "added", counts: { create: 2 } }],
        notes: ["the base has no fleet other: everything is new"],
      });
    } finally {
      rmSync(join(project, "fleets", "other.ts"));
    }
  });

  test.each([
    [["--base", "nowhere"], /there is no commit "nowhere"[^]*git fetch origin/],
    [["--base", "--upload-pack=touch x"], /there is no commit/],
    [[], /a review compares two things[^]*--base <ref>/],
    [["--base", "main", "--base-out", "a", "--head-out", "b"], /a review compares two things/],
    [["--head-out", "b"], /a review compares two things/],
    [["--base", "main", "--fail-on", "sometimes"], /Allowed choices are blocking, warning, notice, never/],
  ])("refuses %j", async (args, message) => {
    expect(await steppe(...args)).toBe(1);
    expect(lines.err).toMatch(message);
    expect(lines.out).toBe("");
  });

  test("says which side cannot be synthesized", async () => {
    writeFileSync(join(project, "stack.json"), "{");
    expect(await steppe("--base", "main")).toBe(1);
    expect(lines.err).toMatch(/SyntaxError/);
    git("commit", "--quiet", "--all", "--message=broken");
    stack(withVolumes("one"));
    expect(await steppe("--base", "HEAD")).toBe(1);
    expect(lines.err).toMatch(/the base HEAD cannot be synthesized/);
    git("reset", "--quiet", "--hard", "HEAD~1");
  });

  describe("of directories that anybody may have written", () => {
    const written = (files: Readonly<Record<string, string>>): string => {
      const directory = mkdtempSync(join(root, "out-"));
      for (const [path, text] of Object.entries(files)) writeFileSync(join(directory, path), text);
      return directory;
    };
    const manifest = (entry: unknown) => ({ "manifest.json": JSON.stringify({ stacks: { s: entry } }) });
    const good = () => written({ ...manifest({ synthesizedStackPath: "s.json", dependencies: [] }), "s.json": "{}" });

    test("compares two that are in order", async () => {
      expect(await steppe("--base-out", good(), "--head-out", good())).toBe(0);
    });

    test.each([
      ["nothing in it", {}, /manifest\.json does not exist/],
      ["no JSON", { "manifest.json": "{" }, /is no JSON/],
      ["a stack elsewhere", manifest({ synthesizedStackPath: "../../x.json", dependencies: [] }), /lies outside of/],
      ["an absolute path", manifest({ synthesizedStackPath: "/etc/passwd", dependencies: [] }), /lies outside of/],
      ["a stack that is a text", manifest("s.json"), /must have a synthesizedStackPath/],
      [
        "a document that is a list",
        { ...manifest({ synthesizedStackPath: "s.json", dependencies: [] }), "s.json": "[]" },
        /must be a JSON object/,
      ],
      [
        "a document that is too deep",
        {
          ...manifest({ synthesizedStackPath: "s.json", dependencies: [] }),
          "s.json": `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`,
        },
        /nested deeper than/,
      ],
      [
        "a fleet of another shape",
        {
          ...manifest({ synthesizedStackPath: "s.json", dependencies: [] }),
          "s.json": "{}",
          "fleet.json": '{"name":1}',
        },
        /is no valid fleet/,
      ],
    ])("refuses one with %s", async (_name, files, message) => {
      expect(await steppe("--base-out", good(), "--head-out", written(files))).toBe(1);
      expect(lines.err).toMatch(message);
      expect(lines.err).not.toMatch(/fault of Steppe/);
    });

    test("has a gate that says which directory is none", async () => {
      expect(await steppe("gate", "--base-out", good(), "--head-out", join(root, "nowhere"))).toBe(1);
      expect(lines.err).toContain("nowhere is no directory");
    });

    test("survives resources of any shape", async () => {
      const odd = {
        resource: { aws_instance: { a: 1, b: [null], c: "x" }, nomad_job: { j: { json: true, jobspec: "{}" } }, x: [] },
        moved: "x",
        removed: [1],
        provider: 3,
      };
      const head = written({
        ...manifest({ synthesizedStackPath: "s.json", dependencies: [] }),
        "s.json": JSON.stringify(odd),
      });
      expect([0, 3]).toContain(await steppe("--base-out", good(), "--head-out", head));
      expect(existsSync(head) && readFileSync(join(head, "s.json"), "utf8")).toBe(JSON.stringify(odd));
    });
  });
});
