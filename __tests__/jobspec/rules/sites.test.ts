import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Report } from "../../../constructs/jobspec/rules/report";
import { validateJob } from "../../../constructs/jobspec/validate";
import { refused } from "../refused";
import { job, meshed, wrong } from "../refused/job";
import { checkLinted, linted } from "./linted";

/** Methods that report what they find; the line that calls one is a rule. */
const methods = [
  ...["error", "lint", "wholeNumber", "sensibleNumber", "oneOf", "sensibleValue", "required", "needed"],
  ...["duration", "sensibleDuration", "mebibytes", "matches"],
] as const;
const root = join(__dirname, "..", "..", "..", "constructs", "jobspec", "rules");
const called = new RegExp(`\\breport\\.(${methods.join("|")})\\(`);

/** Lines of the rules that report something, as `file:line`. */
function sites(): string[] {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line, index) => (called.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

/** Where in the rules the running call of a method of Report was made. */
function caller(): string | undefined {
  for (const line of (new Error().stack ?? "").split("\n")) {
    const match = /\(?(\/[^():]+):(\d+):\d+\)?$/.exec(line);
    const file = match === null ? "" : relative(root, match[1] ?? "");
    if (file !== "" && !file.startsWith("..") && file !== "report.ts") return `${file}:${match?.[2] ?? ""}`;
  }
  return undefined;
}

/** Runs something, and returns the lines whose rule was broken. */
function brokenIn(run: () => void): Set<string> {
  const found = new Set<string>();
  const add = jest.spyOn(Report.prototype as never, "add").mockImplementation(function (
    this: Report,
    problem: unknown,
  ) {
    const site = caller();
    if (site !== undefined) found.add(site);
    (this.problems as unknown[]).push(problem);
  } as never);
  run();
  add.mockRestore();
  return found;
}

/** Jobs that cannot be rendered or do not compile, and one that only Nomad 2 refuses. */
const others = [
  job({}, {}, { resources: { memoryMax: "1GB" as never } }),
  job({}, {}, { resources: { secrets: "1MB" as never } }),
  meshed({ sidecarService: {}, sidecarTask: { logs: { maxFileSize: "1.5MiB" } } }),
  job({}, { maxRunDuration: "1h" }),
  job(wrong({ priority: "50", allow: [7, { rule: 7 }] }), {}, { env: wrong({ A: 1 }) }),
];

test("every rule has a job that breaks it", () => {
  const broken = brokenIn(() => {
    for (const subject of [...Object.values(refused), ...others]) validateJob(subject);
    for (const subject of Object.values(linted)) checkLinted(subject, subject.job);
  });
  const all = sites();
  expect(all.length).toBeGreaterThan(200);
  expect(all.filter((site) => !broken.has(site))).toEqual([]);
});
