import { formatProblem } from "../../../constructs/core/problems";
import type { Allowance } from "../../../constructs/jobspec/job";
import { allowancesInForce, checkJob, validateJob } from "../../../constructs/jobspec/validate";
import { smallFleet } from "../../helpers/fleet";
import { job } from "../refused/job";

const raw = { driver: "raw_exec", config: { command: "/bin/true" } } as const;
const withAllow = (...allow: readonly Allowance[]) => job({ allow }, { tasks: { a: raw, ab: raw } });
const texts = (...allow: readonly Allowance[]) => validateJob(withAllow(...allow)).map(formatProblem);

describe("an allowance", () => {
  test("is of a part of the job when it names one", () => {
    expect(texts({ rule: "raw-exec", path: "groups.web.tasks.a", reason: "a test" })).toEqual([
      expect.stringMatching(/^groups\.web\.tasks\.ab\.driver: /),
    ]);
  });

  test("is listed with what it keeps silent", () => {
    const allowance = { rule: "raw-exec", reason: "the node has no Docker" };
    expect(allowancesInForce(withAllow(allowance))).toEqual([
      {
        ...allowance,
        path: "",
        problems: [
          expect.objectContaining({ path: "groups.web.tasks.a.driver", name: "raw-exec" }),
          expect.objectContaining({ path: "groups.web.tasks.ab.driver", name: "raw-exec" }),
        ],
      },
    ]);
  });

  test("is refused for a rule that is not there, with the one that was meant", () => {
    expect(texts({ rule: "raw_exec", reason: "a test" })).toContain(
      'allow.0.rule: must be a rule of docs/rules.md; what has no name in brackets, Nomad itself refuses, and nothing allows it, got "raw_exec"; did you mean raw-exec?',
    );
  });

  test("is refused without a reason, and allows nothing then", () => {
    const found = texts({ rule: "raw-exec", reason: "  " });
    expect(found).toHaveLength(3);
    expect(found).toContain('allow.0.reason: must say why, got "  "; write one sentence for the reviewer');
  });

  test("is refused for what Nomad enforces", () => {
    expect(texts({ rule: "enterprise-only", reason: "a test" })).toContain(
      'allow.0.rule: cannot be allowed: Nomad itself enforces it, got "enterprise-only"; remove the allowance, and what the rule names',
    );
  });

  test("does not help against Nomad's own rules", () => {
    const subject = job({ allow: [{ rule: "out-of-range", reason: "a test" }] }, { count: -1 });
    expect(validateJob(subject).map(({ path }) => path)).toEqual(["groups.web.count", "allow.0"]);
  });

  test("that allows nothing is a warning", () => {
    expect(validateJob(job({ allow: [{ rule: "privileged", reason: "a test" }] }))).toEqual([
      {
        path: "allow.0",
        rule: "allows nothing: the job keeps this rule there",
        got: "privileged",
        fix: "remove the allowance",
        severity: "warning",
      },
    ]);
  });

  test("of a rule that needs a fleet is not called stale without one", () => {
    const subject = job({ allow: [{ rule: "nomad-version", reason: "the upgrade is on Monday" }] });
    expect(validateJob(subject)).toEqual([]);
    expect(checkJob(subject, { fleet: smallFleet() }).problems).toHaveLength(1);
  });
});
