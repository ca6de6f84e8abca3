import { differences, normalized, normalizedText } from "../../../review/plan/normalize";

const resource = (address: string, actions: readonly string[], change: object, more: object = {}) => ({
  address,
  ...more,
  change: { actions, ...change },
});
const plan = (...changes: readonly object[]) => ({ resource_changes: changes });

describe("a normalized plan", () => {
  test("is equal whatever the order, the time, the serial and what providers count", () => {
    const update = (index: number) => ({
      before: { name: "x", size: 1, modify_index: index },
      after: { size: 2, name: "x", modify_index: index },
      after_unknown: { version: true },
    });
    const one = {
      timestamp: "2026-01-01T00:00:00Z",
      ...plan(resource("a.x", ["update"], update(7)), resource("a.y", ["create"], { before: null, after: { n: 1 } })),
    };
    const other = {
      timestamp: "2026-02-02T00:00:00Z",
      prior_state: { serial: 9 },
      ...plan(
        resource("a.z", ["no-op"], { before: { n: 1 }, after: { n: 1 } }),
        resource("a.y", ["create"], { after: { n: 1 }, before: null }),
        resource("a.x", ["update"], update(8)),
      ),
    };
    expect(normalizedText(normalized(one))).toBe(normalizedText(normalized(other)));
    expect(normalized(one)[0]).toEqual({
      address: "a.x",
      actions: ["update"],
      before: { size: 1 },
      after: { size: 2 },
    });
  });

  test("tells what is unknown from what is known, and a replacement from an update", () => {
    const known = normalized(plan(resource("a.x", ["update"], { before: { n: 1 }, after: { n: 2 } })));
    const unknown = normalized(
      plan(resource("a.x", ["update"], { before: { n: 1 }, after: {}, after_unknown: { n: true } })),
    );
    expect(differences(known, unknown)).toHaveLength(1);
    const anew = normalized(
      plan(
        resource("a.x", ["delete", "create"], { before: { id: "i-1", n: 1 }, after: { n: 2 }, replace_paths: [["n"]] }),
      ),
    );
    expect(differences(known, anew)[0]?.now).toMatchObject({ id: "i-1", replacedBy: ["n"] });
  });

  test("knows what goes by its id, and moves, imports, leftovers and outputs", () => {
    const gone = (id: string) => normalized(plan(resource("a.x", ["delete"], { before: { id, age: 3 }, after: null })));
    expect(gone("v-1")).toEqual([{ address: "a.x", actions: ["delete"], id: "v-1" }]);
    expect(differences(gone("v-1"), gone("v-2"))).toHaveLength(1);
    const changes = normalized({
      ...plan(
        resource("a.new", ["no-op"], { before: { n: 1 }, after: { n: 1 } }, { previous_address: "a.old" }),
        resource("a.in", ["no-op"], { before: {}, after: {}, importing: { id: "there" } }),
        resource("a.x", ["delete"], { before: { id: "1" }, after: null }, { deposed: "abcd1234" }),
      ),
      output_changes: { url: { actions: ["update"], before: "a", after: "b" }, same: { actions: ["no-op"] } },
    });
    expect(changes.map(({ address }) => address)).toEqual(["a.in", "a.new", "a.x (deposed abcd1234)", "output.url"]);
    expect(changes[3]).toMatchObject({ before: { value: "a" }, after: { value: "b" } });
  });

  test("of odd shapes says little, and does not fail", () => {
    expect(normalized({ resource_changes: [1, null, { change: { actions: "create" } }], output_changes: "x" })).toEqual(
      [],
    );
    expect(normalized(plan({ change: { actions: ["create"], after: [1] } }))).toHaveLength(1);
  });
});
