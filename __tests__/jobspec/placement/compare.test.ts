import { compareSides, type Side, type Tri } from "../../../constructs/jobspec/placement/compare";
import { compareDeviceValues, parseDeviceValue } from "../../../constructs/jobspec/placement/device-value";
import { goPattern } from "../../../constructs/jobspec/placement/pattern";
import { versionHolds } from "../../../constructs/jobspec/placement/version";

const none: Side = { isSet: false };
const set: Side = { isSet: true };
const open: Side = { isSet: undefined };
const text = (value: string): Side => ({ text: value });

describe("compareSides", () => {
  test.each<[Side, string, Side, Tri]>([
    [text("a"), "=", text("a"), true],
    [text("a"), "is", text("b"), false],
    [none, "=", text("a"), false],
    [none, "=", none, false],
    [open, "=", text("a"), undefined],
    [text("a"), "!=", text("a"), false],
    [none, "!=", text("a"), true],
    [none, "!=", none, false],
    [none, "not", text(""), false],
    [open, "!=", text("a"), undefined],
    [set, "is_set", text(""), true],
    [set, "is_not_set", text(""), false],
    [text(""), "is_set", text(""), true],
    [none, "is_not_set", text(""), true],
    [open, "is_set", text(""), undefined],
    [open, "is_not_set", text(""), undefined],
    [text("a"), "unheard_of", text("a"), undefined],
  ])("%j %s %j is %s", (left, operator, right, expected) => {
    expect(compareSides(operator, left, right)).toBe(expected);
  });

  test.each([
    ["9", "<", "10", true],
    ["9", "<", "10x", false],
    ["+9", "=", "9", false],
    ["+9", ">=", "9", true],
    ["009", "<=", "9", true],
    ["1e1", ">=", "10", true],
    ["9.5", ">", "9", true],
    ["9223372036854775807", "<", "9223372036854775808", false],
    ["9007199254740993", ">", "9007199254740992", true],
    ["1e400", "<", "2", true],
    ["inf", ">", "1e300", true],
    ["nan", "<=", "nan", false],
    ["b", ">", "a", true],
    ["", "<", "a", true],
  ])("orders %s %s %s: %s", (left, operator, right, expected) => {
    expect(compareSides(operator, text(left), text(right))).toBe(expected);
  });

  test.each([
    ["a, b,c", "set_contains", "c , a", true],
    ["a,b", "set_contains_all", "a,c", false],
    ["a,b", "set_contains_any", "c, b", true],
    ["", "set_contains_any", "a", false],
    ["web-12", "regexp", "^web-\\d+$", true],
    ["web", "regexp", "(?i)^WEB$", true],
    ["web", "regexp", "x", false],
  ])("%s %s %s is %s", (left, operator, right, expected) => {
    expect(compareSides(operator, text(left), text(right))).toBe(expected);
  });
});

describe("goPattern", () => {
  test.each(["(?=a)", "(?P<n>a)", "\\pL", "[[:alpha:]]", "\\x61", "\\1", "\\s", "[]a]", "é", "(?U)a", "(", "[\\w-z]"])(
    "leaves %s to Nomad",
    (pattern) => {
      expect(goPattern(pattern)).toBeUndefined();
    },
  );
});

describe("versionHolds", () => {
  test.each([
    ["1.2.3", "1.2.3", true, true],
    ["v1.2", ">= 1.2.0", true, true],
    ["1.2.3", ">= 1.0, < 2", true, true],
    ["1.2.3.4", "> 1.2.3", true, true],
    ["2.0.0-beta1", "> 1.0", false, true],
    ["2.0.0-beta1", "> 2.0.0-alpha", true, true],
    ["2.0.0-beta1", "> 1.0.0-alpha", false, true],
    ["2.0.0-beta.2", "< 2.0.0-beta.10", true, true],
    ["2.0.0-beta", "< 2.0.0-beta.1", true, true],
    ["1.11.3+ent", "= 1.11.3", true, true],
    ["1.2.3", "!= 1.2.3", false, false],
    ["one", ">= 1", false, false],
  ])("%s keeps %s: version %s, semver %s", (version, comparisons, loose, strict) => {
    expect(versionHolds(version, comparisons, "version")).toBe(loose);
    expect(versionHolds(version, comparisons, "semver")).toBe(strict);
  });

  test.each([
    ["1.2.9", "~> 1.2.3", true],
    ["1.3.0", "~> 1.2.3", false],
    ["1.9.0", "~> 1.2", true],
    ["2.0.0", "~> 1.2", false],
    ["1.2.4-rc1", "~> 1.2.3", false],
  ])("%s keeps %s: %s", (version, comparisons, expected) => {
    expect(versionHolds(version, comparisons, "version")).toBe(expected);
  });

  test("does not know what Nomad would refuse", () => {
    expect(versionHolds("1.0.0", ">= one", "version")).toBeUndefined();
    expect(versionHolds("1.0.0", "~> 1.0", "semver")).toBeUndefined();
  });
});

describe("compareDeviceValues", () => {
  test.each([
    ["81559 MiB", ">=", "79.6 GiB", true],
    ["81559 MiB", ">=", "80 GiB", false],
    ["81559 MiB", ">", "85 GB", true],
    ["23034 MiB", "=", "23034MiB", true],
    ["23034 MiB", "=", "23034", false],
    ["23034 MiB", "!=", "23034", false],
    ["23034 MiB", "!=", "much", false],
    ["23034 MiB", "<", "1 GHz", false],
    ["1500 MHz", "=", "1.5 GHz", true],
    ["300 W", "<", "1kW", true],
    ["true", "=", "T", true],
    ["true", "!=", "false", true],
    ["NVIDIA L4", "regexp", "L4", true],
    ["23034 MiB", "regexp", "2", false],
    ["550.54", "version", ">= 500", false],
    ["NVIDIA L4", "set_contains_any", "NVIDIA L4,other", true],
  ])("%s %s %s is %s", (left, operator, right, expected) => {
    expect(compareDeviceValues(operator, parseDeviceValue(left), parseDeviceValue(right))).toBe(expected);
  });
});
