import { parsePolicy } from "../../constructs/tailnet/language/parse-policy";
import { tailnetPolicy } from "../../constructs/tailnet/policy";
import { policyText } from "../../constructs/tailnet/policy-text";
import { fleet as example } from "../../fleets/example";
import { fleet as lab } from "../../fleets/lab";
import { smallFleet, spoil } from "../helpers/fleet";

describe("policyText", () => {
  test("of the example fleet", () => {
    expect(policyText(example)).toMatchSnapshot();
  });

  test.each(Object.entries({ lab, example, small: smallFleet() }))(
    "says what the policy of %s says",
    (_name, fleet) => {
      expect(parsePolicy(policyText(fleet))).toEqual({ policy: tailnetPolicy(fleet), problems: [] });
    },
  );

  test("explains every rule in a line above it", () => {
    const lines = policyText(example).split("\n");
    const bare = lines.filter((line, index) => /^ {4}("|\{)/.test(line) && !/^ {4}\/\/ /.test(lines[index - 1] ?? ""));
    expect(bare.filter((line) => !line.includes('"routes"'))).toEqual([]);
  });
});

describe("policyText of a tailnet that had a policy", () => {
  const old = {
    // A rule that the tests of the fleet let stand.
    acls: [{ action: "accept", src: ["ada@example.com"], dst: ["tag:web:443"] }],
    tagOwners: { "tag:web": ["autogroup:admin"] },
  };
  const fleet = spoil(smallFleet(), "tailnet.adopted", { policy: old });

  test("keeps the old rules, and says which they are", () => {
    const text = policyText(fleet);
    expect(text).toContain(
      '    // kept of the policy before the fleet\n    { "action": "accept", "src": ["ada@example.com"], "dst": ["tag:web:443"] },\n',
    );
    expect(text).toContain('    // kept of the policy before the fleet\n    "tag:web": ["autogroup:admin"],\n');
  });

  test("explains the fleet's own rules as it does without", () => {
    const comments = (text: string) => text.split("\n").filter((line) => line.trim().startsWith("// "));
    expect(comments(policyText(fleet))).toEqual(expect.arrayContaining(comments(policyText(smallFleet()))));
  });
});
