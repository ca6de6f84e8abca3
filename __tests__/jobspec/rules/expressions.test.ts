import { cronTrouble } from "../../../constructs/jobspec/rules/cron";
import { isVersionConstraint, regexpTrouble } from "../../../constructs/jobspec/rules/expressions";
import { leavesAllocation } from "../../../constructs/jobspec/rules/paths";
import { cronExpressions, regularExpressions, versionConstraints } from "./expressions";

test.each(cronExpressions.good)("is a cron expression: %j", (text) => {
  expect(cronTrouble(text)).toBeUndefined();
});

test.each(cronExpressions.bad)("is no cron expression: %j", (text) => {
  expect(cronTrouble(text)).toMatch(/^has /);
});

test.each(regularExpressions.good)("is a regular expression: %j", (text) => {
  expect(regexpTrouble(text)).toBeUndefined();
});

test.each(regularExpressions.bad)("is no regular expression: %j", (text) => {
  expect(regexpTrouble(text)).toBe("broken");
});

test.each(regularExpressions.beyondGo)("is no regular expression of Go: %j", (text) => {
  expect(regexpTrouble(text)).toBe("beyond go");
});

test.each(versionConstraints.version)("is a version constraint: %j", (text) => {
  expect(isVersionConstraint(text, "version")).toBe(true);
});

test.each(versionConstraints.semver)("is a semver constraint: %j", (text) => {
  expect(isVersionConstraint(text, "semver")).toBe(true);
});

test.each(versionConstraints.notVersion)("is no version constraint: %j", (text) => {
  expect(isVersionConstraint(text, "version")).toBe(false);
});

test.each(versionConstraints.notSemver)("is no semver constraint: %j", (text) => {
  expect(isVersionConstraint(text, "semver")).toBe(false);
});

test.each([
  ["local/a", false],
  ["../a", false],
  ["/etc/passwd", false],
  ["../../a", true],
  ["a/../../../b", true],
  ["a/../b", false],
  ["../../../../../a", true],
])("%s leaves the allocation's directory: %s", (path, leaves) => {
  expect(leavesAllocation("task", path)).toBe(leaves);
});
