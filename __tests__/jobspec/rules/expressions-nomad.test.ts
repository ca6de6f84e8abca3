import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "../../../constructs/jobspec/job";
import type { Constraint } from "../../../constructs/jobspec/placement";
import { renderJob } from "../../../constructs/jobspec/render";
import { describeWithTool } from "../../helpers/tools";
import { job } from "../refused/job";
import { cronExpressions, regularExpressions, versionConstraints } from "./expressions";

describeWithTool("nomad", "expressions and the real nomad", (nomad) => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "steppe-expressions-"));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  /** What `nomad job validate` says without a server. */
  function validate(subject: Job): string {
    const path = join(directory, "job.json");
    writeFileSync(path, JSON.stringify(renderJob(subject)));
    const env = { PATH: process.env["PATH"] ?? "", NOMAD_ADDR: "http://127.0.0.1:9" };
    const { stdout, stderr } = spawnSync(nomad, ["job", "validate", "-json", path], { env, encoding: "utf8" });
    return stdout + stderr;
  }

  const periodic = (crons: readonly string[]) => job({ type: "batch", periodic: { crons } });
  const constrained = (operator: Constraint["operator"], values: readonly string[]) =>
    job({
      constraints: values.map((value) => ({ attribute: "${node.class}", operator, value }) as Constraint),
    });
  const count = (text: string, what: RegExp) => [...text.matchAll(what)].length;

  test("agrees on what is an expression", () => {
    const { constraints: regexps } = constrained("regexp", regularExpressions.good);
    const { constraints: versions } = constrained("version", versionConstraints.version);
    const { constraints: semvers } = constrained("semver", versionConstraints.semver);
    const all = [...(regexps ?? []), ...(versions ?? []), ...(semvers ?? [])];
    expect(validate({ ...periodic(cronExpressions.good), constraints: all })).toContain("Job validation successful");
  });

  test.each<[string, Job, number, RegExp]>([
    ["cron", periodic(cronExpressions.bad), cronExpressions.bad.length, /Invalid cron spec/g],
    [
      "regexp",
      constrained("regexp", [...regularExpressions.bad, ...regularExpressions.beyondGo]),
      regularExpressions.bad.length + regularExpressions.beyondGo.length,
      /failed to compile/g,
    ],
    [
      "version",
      constrained("version", versionConstraints.notVersion),
      versionConstraints.notVersion.length,
      /Version constraint is invalid/g,
    ],
    [
      "semver",
      constrained("semver", versionConstraints.notSemver),
      versionConstraints.notSemver.length,
      /Semver constraint is invalid/g,
    ],
  ])("agrees on what is none: %s", (_name, subject, expected, what) => {
    const said = validate(subject);
    expect({ said, count: count(said, what) }).toEqual({ said, count: expected });
  });
});
