import { authKeyProblems, parseAuthKeyRecord, tailnetKeys } from "../../ops/trust/auth-keys";
import type { Identity } from "../../model/identities";

const now = new Date("2030-01-01T00:00:00Z");
const machine = { role: "client", region: "east", ephemeral: false } as const;
const identities: readonly Identity[] = [
  { ...machine, name: "client-key", pool: "key", join: { kind: "auth-key" } },
  { ...machine, name: "client-oauth", pool: "oauth", join: { kind: "oauth-client" } },
  { ...machine, name: "client-cloud", pool: "cloud", join: { kind: "workload-identity", subject: "a" } },
  { name: "operator", role: "operator" },
];

function trust(authKeys: Readonly<Record<string, string>>, ends: Readonly<Record<string, string>> = {}) {
  const records = Object.entries(ends).map(([name, expires]) => [name, { created: "2029-10-01T00:00:00Z", expires }]);
  return { fleet: "lab", authKeys, authKeyRecords: Object.fromEntries(records) as Readonly<Record<string, never>> };
}

describe("tailnetKeys", () => {
  test("says of each identity what there is, by how its machines join", () => {
    const states = (keys: Readonly<Record<string, string>>, ends = {}) =>
      tailnetKeys(trust(keys, ends), identities, now).map(({ state }) => state);
    expect(states({})).toEqual(["missing", "missing", "not needed", "not needed"]);
    expect(
      states({ "client-key": "tskey-auth-1", "client-oauth": "tskey-client-1", operator: "hskey-auth-1" }),
    ).toEqual(["present", "present", "not needed", "present"]);
    expect(states({ "client-key": "tskey-client-1", "client-oauth": "tskey-auth-1" }).slice(0, 2)).toEqual([
      "other kind",
      "other kind",
    ]);
    expect(states({ "client-key": "tskey-auth-1" }, { "client-key": now.toISOString() })[0]).toBe("expired");
  });
});

describe("authKeyProblems", () => {
  const keys = { "client-key": "tskey-auth-1", "client-oauth": "tskey-client-1" };
  const problems = (ends: string) =>
    authKeyProblems(trust(keys, { "client-key": ends }), identities, now).map(({ rule, severity }) => [rule, severity]);

  test("warns from fourteen days before the end, and after it", () => {
    expect(problems("2030-01-16T00:00:00Z")).toEqual([]);
    expect(problems("2030-01-15T23:59:59Z")).toEqual([["expires in 14 days", "warning"]]);
    expect(problems("2030-01-02T00:00:00Z")).toEqual([["expires in 1 day", "warning"]]);
    expect(problems("2029-12-31T00:00:00Z")).toEqual([["has expired: no further machine can join", "warning"]]);
  });

  test("names what is missing and what is of another kind, with the command that mends it", () => {
    const found = authKeyProblems(trust({ "client-oauth": "tskey-auth-1" }), identities, now);
    expect(found).toEqual([
      {
        path: "trust.auth-keys.client-key",
        rule: "is missing",
        fix: "run ./steppe secret put tailnet-key client-key --fleet lab",
      },
      {
        path: "trust.auth-keys.client-oauth",
        rule: "must be the secret of an OAuth client, by which its machines join",
        fix: "run ./steppe secret put tailnet-key client-oauth --fleet lab",
      },
    ]);
  });
});

describe("parseAuthKeyRecord", () => {
  test("takes what is none as not recorded", () => {
    expect(parseAuthKeyRecord('{"id":"k1","created":"2030-01-01T00:00:00Z","more":1}')).toEqual({
      id: "k1",
      created: "2030-01-01T00:00:00Z",
    });
    expect([undefined, "", "{", '{"id":"k1"}', "null"].map(parseAuthKeyRecord)).toEqual(Array(5).fill(undefined));
  });
});
