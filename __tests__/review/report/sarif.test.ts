import fc from "fast-check";
import type { JudgedFinding } from "../../../review/report/lifting";
import type { Report } from "../../../review/report/report";
import { sarifOf } from "../../../review/report/sarif";
import { hostileReport, hostileText } from "../../helpers/hostile-report";

const finding: JudgedFinding = {
  id: "data/volume-destroyed",
  severity: "blocking",
  stack: "acme-site-fra",
  resource: 'aws_ebs_volume.data["a"]',
  reason: "is destroyed with its data",
  fix: "keep it",
};

const report = (findings: readonly JudgedFinding[]): Report => ({
  formatVersion: "1.0",
  fleet: "acme",
  source: "synth diff",
  verdict: "blocked",
  stacks: [],
  findings,
  jobs: [],
  changes: [],
  notes: [],
});

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly object[];
  readonly partialFingerprints: { readonly primaryLocationLineHash: string };
  readonly suppressions?: readonly object[];
}

interface Log {
  readonly version: string;
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string; readonly help: object }[] } };
      readonly automationDetails: { readonly id: string };
      readonly results: readonly Result[];
    },
  ];
}

const log = (findings: readonly JudgedFinding[], fleetFile?: string) =>
  sarifOf(report(findings), fleetFile === undefined ? {} : { fleetFile }) as Log;

describe("sarifOf", () => {
  test("says of a finding what, where and how bad", () => {
    const [run] = log([finding], "fleets/acme.ts").runs;
    expect(run.results).toEqual([
      {
        ruleId: "data/volume-destroyed",
        ruleIndex: 0,
        level: "error",
        message: {
          text: 'acme-site-fra: aws_ebs_volume.data\\["a"\\] is destroyed with its data. Fix: keep it.',
        },
        locations: [
          {
            physicalLocation: { artifactLocation: { uri: "fleets/acme.ts" }, region: { startLine: 1 } },
            logicalLocations: [
              {
                name: 'aws_ebs_volume.data["a"]',
                fullyQualifiedName: 'acme-site-fra/aws_ebs_volume.data["a"]',
                kind: "resource",
              },
            ],
          },
        ],
        partialFingerprints: { primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]{64}:1$/) as string },
      },
    ]);
    expect(run.automationDetails.id).toBe("steppe-review/acme/");
  });

  test("names no file where the fleet's is not known", () => {
    expect(JSON.stringify(log([finding]))).not.toContain("physicalLocation");
  });

  test("explains each rule once, with the way to lift what blocks", () => {
    const [run] = log([
      finding,
      { ...finding, resource: "other" },
      { ...finding, id: "cost/changed", severity: "notice" },
    ]).runs;
    expect(run.tool.driver.rules).toMatchObject([
      { id: "cost/changed", help: { text: "What machines cost, roughly." }, defaultConfiguration: { level: "note" } },
      {
        id: "data/volume-destroyed",
        shortDescription: { text: "data: volume destroyed" },
        help: { text: expect.stringContaining("steppe-accept:data/volume-destroyed") as string },
        defaultConfiguration: { level: "error" },
      },
    ]);
    expect(run.results.map(({ ruleIndex }) => ruleIndex)).toEqual([1, 1, 0]);
  });

  test("suppresses what is lifted, and says by what", () => {
    const [run] = log([
      { ...finding, lifting: { by: "code", reason: "moved away" } },
      { ...finding, lifting: { by: "label", reason: "label x" } },
    ]).runs;
    expect(run.results.map(({ suppressions }) => suppressions)).toEqual([
      [{ kind: "inSource", status: "accepted", justification: "moved away" }],
      [{ kind: "external", status: "accepted", justification: "label x" }],
    ]);
  });

  test("knows a finding again whose numbers changed, and tells two of one resource apart", () => {
    const hashes = (...findings: readonly JudgedFinding[]) =>
      log(findings).runs[0].results.map((result) => result.partialFingerprints.primaryLocationLineHash);
    expect(hashes({ ...finding, reason: "loses 5 GiB" })).toEqual(hashes({ ...finding, reason: "loses 6 GiB" }));
    expect(new Set(hashes(finding, finding, { ...finding, resource: "other" })).size).toBe(3);
  });

  test("keeps texts of anybody texts, and to what GitHub takes", () => {
    fc.assert(
      fc.property(hostileReport(hostileText, { maxLength: 20 }), (hostile) => {
        const { runs } = sarifOf(hostile) as Log;
        const [{ results, tool }] = runs;
        expect(results).toHaveLength(hostile.findings.length);
        for (const { message, ruleIndex, ruleId } of results) {
          expect(message.text).not.toMatch(/(?<!\\)(?:\\\\)*[[\]]/);
          expect(message.text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b]/u);
          expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
        }
      }),
      { numRuns: 100 },
    );
    const many = Array.from({ length: 25_001 }, (_, index) => ({ ...finding, resource: `r${index}` }));
    expect(log(many).runs[0].results).toHaveLength(25_000);
  });
});
