import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../cli/main";

const directory = mkdtempSync(join(tmpdir(), "steppe-review-output-"));
afterAll(() => rmSync(directory, { recursive: true }));

const fleet = {
  name: "pilot",
  tailnet: { domain: "steppe.test" },
  backend: { kind: "local" },
  sites: { home: { platform: "onprem", networks: ["192.168.7.0/24"], hosts: { s1: { address: "192.168.7.11" } } } },
  regions: { home: { site: "home", servers: { hosts: ["s1"] }, authoritative: true } },
  pools: {},
};

function synthesized(name: string, resource: object): string {
  const out = join(directory, name);
  mkdirSync(out);
  const stack = { name: "pilot-x", synthesizedStackPath: "x.json", dependencies: [] };
  writeFileSync(join(out, "manifest.json"), JSON.stringify({ stacks: { "pilot-x": stack } }));
  writeFileSync(join(out, "x.json"), JSON.stringify({ resource }));
  writeFileSync(join(out, "fleet.json"), JSON.stringify(fleet));
  return out;
}

const volume = { size: 40, tags: { Name: "<b>@octocat</b>" } };
const base = synthesized("base", { aws_ebs_volume: { old: volume } });
const head = synthesized("head", { aws_ebs_volume: { new: volume } });

async function review(...argv: readonly string[]) {
  const lines: string[] = [];
  const add = (text: string) => void lines.push(text);
  const code = await main(["review", "--base-out", base, "--head-out", head, ...argv], {
    output: { out: add, err: add, terminal: false },
    env: {},
  });
  return { code, text: lines.join("\n") };
}

describe("steppe review", () => {
  test("prints the comment", async () => {
    const { code, text } = await review("--markdown");
    expect(code).toBe(3);
    expect(text).toMatch(/^<!-- steppe-review:pilot -->\n### ⛔ Review of fleet pilot: blocked/);
    expect(text).toContain("- `pilot-x`: `aws_ebs_volume.old` ");
    expect(text).not.toContain("<b>");
  });

  test("prints SARIF", async () => {
    const { code, text } = await review("--sarif");
    expect(code).toBe(3);
    expect(JSON.parse(text)).toMatchObject({ version: "2.1.0", runs: [{ results: [{ ruleId: "ids/renamed" }] }] });
  });

  test("prints one form at a time", async () => {
    const { code, text } = await review("--sarif", "--markdown");
    expect(code).toBe(1);
    expect(text).toContain("cannot be used with");
  });

  test("writes every form, and says no all the same", async () => {
    const out = join(directory, "made", "here");
    const { code } = await review("--write", out);
    expect(code).toBe(3);
    expect(readdirSync(out).sort()).toEqual([
      "fleet.mmd",
      "review-full.md",
      "review.json",
      "review.md",
      "review.sarif",
    ]);
    const modes = readdirSync(out).map((file) => statSync(join(out, file)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o644]));
    expect(JSON.parse(readFileSync(join(out, "review.json"), "utf8"))).toMatchObject({ formatVersion: "1.0" });
    expect((await review("--write", out, "--label", "steppe-accept:ids")).code).toBe(0);
    expect(readFileSync(join(out, "review.md"), "utf8")).toContain("#### Accepted (1)");
  });

  test("leaves nothing behind where it cannot write", async () => {
    const out = join(directory, "taken");
    mkdirSync(join(out, "review.sarif"), { recursive: true });
    const { code, text } = await review("--write", out);
    expect(code).toBe(1);
    expect(text).toContain("the review cannot be written to");
    expect(readdirSync(out)).toEqual(["review.sarif"]);
    writeFileSync(join(directory, "file"), "");
    for (const path of ["file", "file/below"]) {
      const refused = await review("--write", join(directory, path));
      expect(refused.code).toBe(1);
      expect(refused.text).toContain("the review cannot be written to");
    }
  });
});
