import { ANOTHER, masked, SENSITIVE } from "../../../review/plan/mask";

const change = (more: object) => ({ resource_changes: [{ address: "a.b", change: more }] });
const shown = (more: object) =>
  (masked(change(more))["resource_changes"] as readonly { readonly change: object }[])[0]?.change;

describe("a masked plan", () => {
  test("hides what is sensitive on either side, and says that it changes", () => {
    const before = { key: "old-password", same: "unchanged-key", name: "x", none: null };
    const after = { key: "new-password", same: "unchanged-key", name: "y", none: "made-up-key" };
    const marks = { before_sensitive: { key: true }, after_sensitive: { same: true, none: true } };
    expect(shown({ before, after, ...marks })).toMatchObject({
      before: { key: SENSITIVE, same: SENSITIVE, name: "x", none: null },
      after: { key: ANOTHER, same: SENSITIVE, name: "y", none: SENSITIVE },
    });
  });

  test("hides within blocks and lists, and whole resources", () => {
    expect(
      shown({
        before: null,
        after: { users: [{ name: "a", password: "p" }], tags: { token: "t", team: "x" } },
        after_sensitive: { users: [{ password: true }], tags: { token: true } },
      }),
    ).toMatchObject({
      after: { users: [{ name: "a", password: SENSITIVE }], tags: { token: SENSITIVE, team: "x" } },
    });
    expect(shown({ before: null, after: { a: 1 }, after_sensitive: true })).toMatchObject({ after: SENSITIVE });
  });

  test("hides in variables, outputs, states of modules and drift", () => {
    const resources = [{ address: "a.b", values: { key: "k1" }, sensitive_values: { key: true } }];
    const plan = {
      variables: { key: { value: "v1" }, name: { value: "n" } },
      configuration: { root_module: { variables: { key: { sensitive: true }, name: {} } } },
      output_changes: { o: { before: null, after: "o1", before_sensitive: false, after_sensitive: true } },
      planned_values: { outputs: { o: { sensitive: true, value: "o1" } }, root_module: { resources } },
      prior_state: { values: { root_module: { child_modules: [{ resources }] } } },
      resource_drift: change({ before: { k: "d1" }, after: { k: "d2" }, before_sensitive: { k: true } })
        .resource_changes,
    };
    const text = JSON.stringify(masked(plan));
    expect(["k1", "v1", "o1", "d1", "d2"].filter((secret) => text.includes(`"${secret}"`))).toEqual([]);
    expect(text).toContain('"name":{"value":"n"}');
  });

  test("hides the same text wherever it stands, unless it is too short to be told apart", () => {
    const plan = {
      ...change({
        before: null,
        after: { key: "a-long-secret", size: "small" },
        after_sensitive: { key: true, size: true },
      }),
      checks: [{ message: "url https://a-long-secret@host, small" }],
    };
    expect(masked(plan)["checks"]).toEqual([{ message: `url https://${SENSITIVE}@host, small` }]);
  });

  test("leaves odd shapes as they are", () => {
    expect(masked({ resource_changes: "x", output_changes: [1], planned_values: null })).toEqual({
      resource_changes: [],
      output_changes: {},
      planned_values: {},
    });
  });
});
