import fc from "fast-check";
import type { GroupChange } from "../../review/jobs/classify";
import type { Drift } from "../../review/plan/drift";
import type { JudgedFinding } from "../../review/report/lifting";
import type { ChangeReport, JobReport, Report, StackReport } from "../../review/report/report";

/** Texts that get out of their place where they are not held in it. */
export const ATTACKS: readonly string[] = [
  "<img src=x onerror=alert(1)>",
  "</details></summary><script>alert(1)</script>",
  "<!-- steppe-review:other -->",
  "--> <b>x</b>",
  "[click](https://evil.example)",
  "![x](https://evil.example/x.png)",
  "[x]: https://evil.example",
  "[^1]",
  "- [x] done",
  "https://evil.example/a?b=c",
  "http://evil.example",
  "www.evil.example",
  "WWW.evil.example",
  "ftp://evil.example",
  "<https://evil.example>",
  "mail@evil.example",
  "mailto:mail@evil.example",
  "@octocat",
  "@org/team",
  "owner/repo#12",
  "#123",
  "GH-123",
  "gh-7",
  "owner/repo@deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
  "deadbeef1234567",
  ":tada:",
  ":+1:",
  "a | b | c",
  "\\| x",
  "\\",
  "\\`",
  "`",
  "``",
  "```",
  '```mermaid\nclick A href "https://evil.example"\n```',
  "~~~",
  "~~gone~~",
  "**bold** __bold__ *i* _i_",
  "# heading",
  "1. one",
  "10) ten",
  "> quote",
  "> [!CAUTION]",
  "---",
  "===",
  "| --- |",
  "    code",
  "a\nb\r\nc\u2028d\u0085e",
  "\n\n# heading",
  "&lt;b&gt; &#60;b&#62; &commat;octocat",
  "$x$ $$y$$ $`z`$",
  "\u202eevil\u202c \u2066x\u2069",
  "\u200bzero\u200dwidth\ufeff",
  "\u0000\u0007\u001b[31m",
  "\ud800 lone",
  "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
  "%%{init: {}}%%",
  "",
  " ",
  "x".repeat(5000),
  "@".repeat(5000),
];

/** Attacks, pieces of them in any order, and any other text. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ATTACKS),
  fc
    .array(fc.constantFrom(...ATTACKS, "a", " ", "1", "`", "|", "\\", "<", "@", ":"), { maxLength: 5 })
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 40 }),
);

const actions = ["create", "update", "replace", "delete", "move", "forget", "import"] as const;

/** A report with such texts wherever somebody may have written one, and lists of so many. */
export function hostileReport(
  text: fc.Arbitrary<string>,
  size: { readonly minLength?: number; readonly maxLength: number },
): fc.Arbitrary<Report> {
  const count = fc.nat(99_999);
  const some = fc.array(text, { maxLength: 8 });
  const finding: fc.Arbitrary<JudgedFinding> = fc.record(
    {
      id: text.map((name) => `data/${name}` as const),
      severity: fc.constantFrom("blocking" as const, "warning" as const, "notice" as const),
      stack: text,
      resource: text,
      reason: text,
      fix: text,
      lifting: fc.record({ by: fc.constantFrom("label" as const, "code" as const), reason: text }),
    },
    { requiredKeys: ["id", "severity", "resource", "reason", "fix"] },
  );
  const stack: fc.Arbitrary<StackReport> = fc.record({
    stack: text,
    status: fc.constantFrom("added" as const, "removed" as const, "changed" as const, "unchanged" as const),
    counts: fc.record({ create: count, delete: count }, { requiredKeys: [] }),
  });
  const group: fc.Arbitrary<GroupChange> = fc.record({
    group: text,
    verdict: fc.constantFrom("create" as const, "canary" as const, "destructive" as const, "unchanged" as const),
    count: fc.record({ before: count, after: fc.oneof(count, fc.constant(NaN)) }),
    canaries: fc.nat(3),
    causes: fc.array(
      text.map((path) => ({ path })),
      { maxLength: 8 },
    ),
  });
  const job: fc.Arbitrary<JobReport> = fc.record(
    { stack: text, job: text, namespace: text, region: text, groups: fc.array(group, { maxLength: 3 }) },
    { requiredKeys: ["stack", "job", "namespace", "groups"] },
  );
  const drift: fc.Arbitrary<Drift> = fc.record({
    stack: text,
    address: text,
    kind: fc.constantFrom("drift" as const, "not applied yet" as const, "applied already" as const),
    action: fc.constantFrom(...actions),
  });
  return fc
    .record(
      {
        formatVersion: fc.constant("1.0" as const),
        fleet: text,
        source: fc.constantFrom("synth diff" as const, "plan" as const),
        base: text,
        head: text,
        verdict: fc.constantFrom("blocked" as const, "to be looked at" as const, "clear" as const),
        stacks: fc.array(stack, size),
        findings: fc.array(finding, size),
        jobs: fc.array(job, size),
        drift: fc.array(drift, size),
        notes: fc.array(text, size),
      },
      { requiredKeys: ["formatVersion", "source", "verdict", "stacks", "findings", "jobs", "notes"] },
    )
    .chain((report) => {
      const stacks = report.stacks.map((one) => one.stack);
      const change: fc.Arbitrary<ChangeReport> = fc.record(
        {
          stack: stacks.length === 0 ? text : fc.constantFrom(...stacks),
          address: text,
          action: fc.constantFrom(...actions),
          changed: some,
          replacedBy: some,
          previousAddress: text,
        },
        { requiredKeys: ["stack", "address", "action", "changed", "replacedBy"] },
      );
      return fc.array(change, size).map((changes) => ({ ...report, changes }));
    });
}
