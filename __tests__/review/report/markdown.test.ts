import fc from "fast-check";
import { COMMENT_BYTES, reviewComment, reviewDocument } from "../../../review/report/markdown";
import { code, prose } from "../../../review/report/markdown/escape";
import { shares } from "../../../review/report/markdown/share";
import type { JudgedFinding } from "../../../review/report/lifting";
import type { JobReport, Report } from "../../../review/report/report";
import { describeWithGfm } from "../../helpers/gfm";
import { ATTACKS, hostileReport, hostileText } from "../../helpers/hostile-report";

const TAGS = /<!--.*?-->|<\/?[A-Za-z][^>]*>/gs;
/** What GitHub makes a link, a mention, a picture or mathematics of, when it is outside of code. */
const LIVE = [
  /@\w/,
  /#\d/,
  /GH-\d/i,
  /[0-9a-f]{7}/i,
  /:[\w+-]+:/,
  /:\/\//,
  /www\./i,
  /[\p{Cc}\p{Cs}\u061c\u200c-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u,
];

/** Text of HTML that a reader sees outside of code, references resolved. */
function shownText(html: string): string {
  return html
    .replace(/<code>.*?<\/code>/gs, "")
    .replace(TAGS, "")
    .replace(/&#(\d+);/g, (_, point: string) => String.fromCodePoint(Number(point)))
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&")
    .replace(/\n/g, " ");
}

/** The document without its texts: tags alone. */
function skeleton(html: string): readonly string[] {
  return (html.replace(/<span>\$<\/span>/g, "").match(TAGS) ?? []).filter((tag) => !/^<\/?code>$/.test(tag));
}

const PLACES: readonly (readonly [string, (text: string) => string])[] = [
  ["paragraph", (text) => text],
  ["list", (text) => `- ${text}\n`],
  ["table", (text) => `| a | b |\n| --- | --- |\n| ${text} | end |\n`],
  ["summary", (text) => `<details><summary>${text}</summary>\n\n</details>\n`],
];

describeWithGfm("texts of anybody, by a parser of GitHub's Markdown", (toHtml) => {
  test.each(PLACES)("prose stays a text in a %s", (_, place) => {
    const expected = skeleton(toHtml(place("x")));
    fc.assert(
      fc.property(hostileText, (text) => {
        const html = toHtml(place(prose(text)));
        expect(skeleton(html)).toEqual(text.trim() === "" ? skeleton(toHtml(place(""))) : expected);
        for (const pattern of LIVE) expect(shownText(html)).not.toMatch(pattern);
      }),
      { numRuns: 150, examples: ATTACKS.map((text) => [text]) },
    );
  });

  test.each(PLACES.slice(0, 3))("code stays a text in a %s", (_, place) => {
    const expected = skeleton(toHtml(place("x")));
    fc.assert(
      fc.property(hostileText, hostileText, (text, other) => {
        const html = toHtml(place(`${code(text)}, ${code(other)} x`));
        expect(skeleton(html)).toEqual(expected);
        for (const pattern of LIVE) expect(shownText(html)).not.toMatch(pattern);
      }),
      { numRuns: 150, examples: ATTACKS.map((text) => [text, "`"]) },
    );
  });

  test("the parser would see what gets out", () => {
    expect(skeleton(toHtml("[x](https://evil.example) <b>"))).toEqual(expect.arrayContaining(["<b>", "</a>"]));
    expect(skeleton(toHtml("www.evil.example"))).toContain("</a>");
  });

  test("a report without them has the same elements", () => {
    fc.assert(
      fc.property(
        hostileReport(fc.nat(99_999).map(String), { maxLength: 4 }),
        fc.infiniteStream(hostileText),
        (report, texts) => {
          const renamed = new Map<string, string>();
          const hostile = (value: unknown): unknown => {
            if (Array.isArray(value)) return value.map(hostile);
            if (typeof value === "object" && value !== null)
              return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hostile(item)]));
            if (typeof value !== "string" || !/^(data\/)?\d+$/.test(value)) return value;
            const other = renamed.get(value) ?? `${renamed.size} ${texts.next().value}`;
            renamed.set(value, other);
            return other;
          };
          const [plain, attacked] = [report, hostile(report) as typeof report].map((one) =>
            toHtml(reviewDocument(one)),
          );
          const withoutMarker = (html = "") => skeleton(html).slice(1);
          expect(withoutMarker(attacked)).toEqual(withoutMarker(plain));
          expect(skeleton(attacked ?? "")[0]).toMatch(/^<!-- steppe-review:[\w-]* -->$/);
          for (const pattern of LIVE) expect(shownText(attacked ?? "")).not.toMatch(pattern);
        },
      ),
      { numRuns: 60 },
    );
  });
});

const report: Report = {
  formatVersion: "1.0",
  fleet: "acme",
  source: "synth diff",
  base: "0123456789ab",
  head: "work tree",
  verdict: "blocked",
  stacks: [
    { stack: "acme-site-fra", status: "changed", counts: { replace: 1, update: 2 } },
    { stack: "acme-control", status: "unchanged", counts: {} },
  ],
  findings: [
    {
      id: "data/volume-destroyed",
      severity: "blocking",
      stack: "acme-site-fra",
      resource: "aws_ebs_volume.data",
      reason: "is destroyed with its data",
      fix: "keep it",
    },
    {
      id: "cost/changed",
      severity: "notice",
      resource: "pools.h100",
      reason: "costs more",
      fix: "look",
    },
    {
      id: "removal/stack",
      severity: "blocking",
      stack: "acme-site-old",
      resource: "acme-site-old",
      reason: "is gone",
      fix: "retire it first",
      lifting: { by: "code", reason: "the site was sold" },
    },
  ],
  jobs: [
    {
      stack: "acme-jobs-eu",
      job: "web",
      namespace: "default",
      region: "eu",
      groups: [
        {
          group: "web",
          verdict: "canary",
          count: { before: 3, after: 3 },
          canaries: 1,
          causes: [{ path: "tasks.web.config" }],
        },
      ],
    },
  ],
  changes: [
    {
      stack: "acme-site-fra",
      address: "aws_ebs_volume.data",
      action: "replace",
      changed: ["size", "type"],
      replacedBy: ["type"],
    },
    { stack: "acme-site-fra", address: "aws_instance.a", action: "update", changed: ["tags.Name"], replacedBy: [] },
    { stack: "acme-site-fra", address: "aws_instance.b", action: "update", changed: ["tags.Name"], replacedBy: [] },
  ],
  notes: ["package-lock.json differs"],
};

/** So many jobs that change in the same way, and others that each change in their own. */
function large(count: number): Report {
  const numbers = Array.from({ length: count }, (_, index) => index);
  return {
    ...report,
    stacks: numbers
      .slice(0, 60)
      .map((index) => ({ stack: `stack-${index}`, status: "changed", counts: { update: 17 } })),
    jobs: numbers.map((index) => ({ ...(report.jobs[0] as JobReport), job: `web-${index}` })),
    findings: numbers.map((index) => ({
      ...(report.findings[0] as JudgedFinding),
      resource: `aws_ebs_volume.data-${index}`,
      reason: index % 2 === 0 ? "is destroyed with its data" : `loses ${index} GiB`,
    })),
    changes: numbers.map((index) => ({
      stack: `stack-${index % 60}`,
      address: `nomad_job.web-${index}`,
      action: "update",
      changed: [`jobspec-${index}`],
      replacedBy: [],
    })),
  };
}

describe("the comment", () => {
  test("is never longer than a comment may be, and says what it leaves out", () => {
    const size = { minLength: 100, maxLength: 400, size: "max" } as const;
    fc.assert(
      fc.property(hostileReport(hostileText, size), (hostile) => {
        const comment = reviewComment(hostile);
        expect(Buffer.byteLength(comment)).toBeLessThanOrEqual(COMMENT_BYTES);
        expect(comment).toMatch(/^<!-- steppe-review:[\w-]* -->\n### \S+ Review/u);
        expect(comment).toContain("left out");
        expect(comment).toContain("`review-full.md`");
      }),
      { numRuns: 6 },
    );
  });

  test("says the verdict, then the stacks, the findings, the jobs and the changes", () => {
    expect(reviewComment(report)).toBe(`<!-- steppe-review:acme -->
### ⛔ Review of fleet acme: blocked: something must not be merged as it is

By synth diff from \`0123456789ab\` to \`work tree\`: 1 of 2 stacks changed, 1 blocking finding.

| stack |  | replace | update |
| --- | --- | --- | --- |
| \`acme-site-fra\` | changed | 1 | 2 |

#### Blocking (1)

- \`acme-site-fra\`: \`aws_ebs_volume.data\` is destroyed with its data (\`data/volume-destroyed\`)
  Fix: keep it

#### Accepted (1)

- \`acme-site-old\`: \`acme-site-old\` is gone (\`removal/stack\`)
  Fix: retire it first
  Accepted by code: the site was sold

<details><summary>Notices (1)</summary>

- \`pools.h100\` costs more (\`cost/changed\`)
  Fix: look

</details>

#### Jobs (1)

| job | group | allocations | what Nomad does | why |
| --- | --- | --- | --- | --- |
| \`web in eu\` | \`web\` | 3 | canary (1 first) | \`tasks.web.config\` |

#### Changes (3)

<details><summary>acme-site-fra: 1 to replace, 2 to update</summary>

| | resource | arguments |
| --- | --- | --- |
| replace | \`aws_ebs_volume.data\` | replaced by \`type\`; \`size\` |
| update | \`aws_instance.a\`, \`aws_instance.b\` | \`tags.Name\` |

</details>

#### Notes

- package-lock.json differs

`);
  });

  test("of a thousand jobs tells once what happens to all of them", () => {
    const comment = reviewComment(large(1000));
    expect(comment).toContain("`web-4 in eu` and 995 more | `web` |");
    expect(comment).toMatch(/`aws_ebs_volume.data-8` and 495 more is destroyed with its data/);
    expect(comment).toMatch(/… \d+ more lines of blocking left out\./);
    expect(comment).toMatch(/… changes of \d+ more stacks left out\./);
    expect(reviewDocument(large(1000))).toContain("nomad_job.web-999");
  });

  test("of the same report is the same", () => {
    expect(reviewComment(large(200))).toBe(reviewComment(large(200)));
  });
});

describe("shares", () => {
  test("are as wide as wanted where there is room, else by weight", () => {
    expect(shares([10, 20], [1, 1], 100)).toEqual([10, 20]);
    expect(shares([10, 500, 500], [1, 1, 3], 100)).toEqual([10, 22, 67]);
    expect(shares([], [], 100)).toEqual([]);
    expect(shares([5], [1], -1)).toEqual([0]);
  });

  test("never give more than there is, nor more than is wanted", () => {
    const part = fc.record({ wanted: fc.nat(10_000), weight: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(part), fc.nat(20_000), (parts, room) => {
        const wanted = parts.map((one) => one.wanted);
        const given = shares(
          wanted,
          parts.map(({ weight }) => weight),
          room,
        );
        expect(given.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(room);
        expect(given.every((bytes, index) => bytes <= (wanted[index] ?? 0))).toBe(true);
      }),
    );
  });
});
