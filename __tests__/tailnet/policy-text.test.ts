import { parseHujson } from "../../constructs/tailnet/parse-hujson";
import { tailnetPolicy } from "../../constructs/tailnet/policy";
import { policyText } from "../../constructs/tailnet/policy-text";
import { fleet as example } from "../../fleets/example";
import { fleet as lab } from "../../fleets/lab";
import { smallFleet } from "../helpers/fleet";

describe("policyText", () => {
  test("of the example fleet", () => {
    expect(policyText(example)).toMatchSnapshot();
  });

  test.each(Object.entries({ lab, example, small: smallFleet() }))(
    "says what the policy of %s says",
    (_name, fleet) => {
      expect(parseHujson(policyText(fleet), "policy")).toEqual(tailnetPolicy(fleet));
    },
  );

  test("explains every rule in a line above it", () => {
    const lines = policyText(example).split("\n");
    const bare = lines.filter((line, index) => /^ {4}("|\{)/.test(line) && !/^ {4}\/\/ /.test(lines[index - 1] ?? ""));
    expect(bare.filter((line) => !line.includes('"routes"'))).toEqual([]);
  });
});
