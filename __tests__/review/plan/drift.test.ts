import { driftOf } from "../../../review/plan/drift";
import { type Plan, readPlan } from "../../../review/source/plan";
import type { Snapshot } from "../../../review/source/snapshot";
import { synthSubject } from "../../../review/subject";

const snapshot = (values: Readonly<Record<string, unknown>>): Snapshot => ({
  stacks: [{ name: "s", dependencies: [], document: { resource: { terraform_data: values } } }],
});
function planOf(changes: Readonly<Record<string, readonly string[]>>, drifted: readonly string[] = []): Plan {
  const read = readPlan("s", {
    format_version: "1.2",
    resource_changes: Object.entries(changes).map(([name, actions]) => ({
      address: `terraform_data.${name}`,
      change: { actions, before: { input: 1 }, after: { input: 2 } },
    })),
    resource_drift: drifted.map((name) => ({ address: `terraform_data.${name}` })),
  });
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  return read.plan;
}
const between = (base: Snapshot, head: Snapshot, plan: Plan) =>
  driftOf(synthSubject(base, head).changes, [plan], head).map(({ address, kind }) => `${kind}: ${address}`);

describe("plans beside the change of the code", () => {
  test("agree where the plan does what is written, and what follows from it", () => {
    const [base, head] = [1, 2].map((input) => snapshot({ a: { input }, b: { input: "${terraform_data.a.output}" } }));
    expect(between(base!, head!, planOf({ a: ["update"], b: ["update"] }))).toEqual([]);
  });

  test("tell drift from an earlier change that waits, by what Terraform saw", () => {
    const same = snapshot({ a: { input: 1 }, b: { input: 1 }, c: { input: 1 } });
    expect(between(same, same, planOf({ a: ["update"], b: ["update"] }, ["a"]))).toEqual([
      "drift: terraform_data.a",
      "not applied yet: terraform_data.b",
    ]);
    expect(between(same, same, planOf({ "c[0]": ["delete"] }, ["c[0]"]))).toEqual(["drift: terraform_data.c[0]"]);
  });

  test("say what is applied already, but not of a guard that comes", () => {
    const base = snapshot({ a: { input: 1 }, b: { input: 1 } });
    const head = snapshot({ a: { input: 2 }, b: { input: 1, lifecycle: { prevent_destroy: true } } });
    expect(between(base, head, planOf({}))).toEqual(["applied already: terraform_data.a"]);
  });

  test("say nothing of stacks without a plan", () => {
    const [base, head] = [snapshot({ a: { input: 1 } }), snapshot({ a: { input: 2 } })];
    expect(driftOf(synthSubject(base, head).changes, [], head)).toEqual([]);
  });
});
