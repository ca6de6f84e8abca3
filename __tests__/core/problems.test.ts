import { assertValid, formatProblem, ValidationError } from "../../constructs/core/problems";

const problem = { path: "groups.web.count", rule: "must be at least 0", got: -1, fix: "raise it" };

test("a problem is one line: where, which rule, what was given, what to do, and the rule's name", () => {
  expect(formatProblem(problem)).toBe("groups.web.count: must be at least 0, got -1; raise it");
  expect(formatProblem({ ...problem, name: "out-of-range" })).toBe(
    "groups.web.count: must be at least 0, got -1; raise it [out-of-range]",
  );
});

test("long values are cut", () => {
  expect(formatProblem({ path: "a", rule: "is long", got: "x".repeat(200) })).toHaveLength(136);
});

test("only errors are thrown", () => {
  expect(() => assertValid("a job", [{ ...problem, severity: "warning" }])).not.toThrow();
  expect(() => assertValid("a job", [problem, { ...problem, severity: "warning" }])).toThrow(ValidationError);
});
