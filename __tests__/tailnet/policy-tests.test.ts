import type { AccessTest } from "../../constructs/tailnet/language/policy-file";
import { tailnetPolicy } from "../../constructs/tailnet/policy";
import { policyProblems } from "../../constructs/tailnet/policy-problems";
import { annotatedPolicy } from "../../constructs/tailnet/policy";
import type { Fleet } from "../../model/types";
import { smallFleet, spoil } from "../helpers/fleet";

/** Claims of the tests for one source: `accept tcp tag:nomad-server-north:4647`. */
function claims(fleet: Fleet, src: string): string[] {
  const tests: readonly AccessTest[] = tailnetPolicy(fleet).tests ?? [];
  return tests.flatMap((test) =>
    test.src === src
      ? (["accept", "deny"] as const).flatMap((kind) =>
          (test[kind] ?? []).map((dst) => `${kind} ${test.proto ?? ""} ${dst}`),
        )
      : [],
  );
}

const gpu = "tag:nomad-pool-gpu";
const edge = "tag:nomad-pool-edge";

describe("tests of the policy", () => {
  test("hold a pool to the servers of its own region", () => {
    expect(claims(smallFleet(), gpu)).toEqual([
      "accept tcp tag:nomad-server-north:4647",
      "deny tcp tag:nomad-server:4646",
      "deny tcp tag:nomad-server:4648",
      "deny tcp tag:nomad-server-south:4647",
      "deny tcp tag:nomad-server:22",
      "deny tcp tag:nomad-client:22",
      "deny tcp tag:nomad-client:4646",
      "deny tcp tag:nomad-client:20000",
      "deny udp tag:nomad-server:4648",
    ]);
  });

  test("accept what a service opens, one port of a range, and deny the port beside it", () => {
    const ranged = spoil(smallFleet(), "services.vllm.port", "18000-18999");
    expect(claims(ranged, edge)).toEqual(
      expect.arrayContaining(["accept tcp tag:nomad-pool-gpu:18000", "deny tcp tag:nomad-pool-gpu:19000"]),
    );
  });

  test("deny the services of a pool that the caller does not call", () => {
    const two = spoil(smallFleet(), "services.ollama", { port: 11434, pools: ["gpu"], callers: ["operators"] });
    expect(claims(two, edge)).toContain("deny tcp tag:nomad-pool-gpu:11434");
    expect(claims(two, "tag:nomad-operator")).toContain("accept tcp tag:nomad-pool-gpu:11434");
  });

  test("deny the dynamic range of each pool that a caller of another may not reach", () => {
    const dynamic = spoil(smallFleet(), "services.vllm.port", "dynamic");
    expect(claims(dynamic, edge)).toEqual(
      expect.arrayContaining(["accept tcp tag:nomad-pool-gpu:20000", "deny tcp tag:nomad-pool-edge:20000"]),
    );
    expect(claims(dynamic, edge)).not.toContain("deny tcp tag:nomad-client:20000");
  });

  test("keep callers from outside away from machines", () => {
    const outside = spoil(spoil(smallFleet(), "services.vllm.callers", ["tag:monitoring"]), "tailnet.otherTags", {
      "tag:monitoring": ["autogroup:admin"],
    });
    expect(claims(outside, "tag:monitoring")).toEqual([
      "accept tcp tag:nomad-pool-gpu:8000",
      "deny tcp tag:nomad-server:22",
      "deny tcp tag:nomad-client:22",
      "deny tcp tag:nomad-client:4646",
      "deny tcp tag:nomad-server:4646",
      "deny tcp tag:nomad-pool-gpu:8001",
    ]);
  });

  test("say nothing against an extra grant", () => {
    const extra = { reason: "a jump host", src: [gpu], dst: ["tag:nomad-client"], ip: ["tcp:22"] };
    const fleet = spoil(smallFleet(), "tailnet.extraGrants", [extra]);
    expect(claims(fleet, gpu)).toContain("accept tcp tag:nomad-client:22");
    expect(claims(fleet, gpu).filter((claim) => /^deny.*client.*:22$|^deny.*pool.*:22$/.test(claim))).toEqual([]);
    expect(claims(fleet, edge)).toContain("deny tcp tag:nomad-client:22");
    expect(policyProblems(fleet, annotatedPolicy(fleet))).toEqual([]);
  });

  test("claim nothing of a group whose members operate the fleet", () => {
    const fleet = spoil(spoil(smallFleet(), "services.vllm.callers", ["group:ml"]), "tailnet", {
      domain: "tail0.ts.net",
      groups: { "group:ml": ["ada@example.com", "eve@example.com"], "group:platform": ["ada@example.com"] },
      operators: ["group:platform"],
    });
    expect(claims(fleet, "group:ml")).toEqual([
      "accept tcp tag:nomad-pool-gpu:8000",
      "deny tcp tag:nomad-client:4646",
      "deny tcp tag:nomad-pool-gpu:8001",
    ]);
    expect(policyProblems(fleet, annotatedPolicy(fleet))).toEqual([]);
  });

  test("ask headscale about machines alone", () => {
    const fleet = spoil(spoil(smallFleet(), "services.vllm.callers", ["ops@", "edge"]), "tailnet", {
      domain: "tail0.ts.net",
      dialect: "headscale",
      tagOwners: ["ops@"],
      operators: ["ops@"],
    });
    const sources = (tailnetPolicy(fleet).tests ?? []).map(({ src }) => src);
    expect(sources.filter((src) => !src.startsWith("tag:"))).toEqual([]);
  });

  test("catch a rule that opens too much", () => {
    const { policy, reasons } = annotatedPolicy(smallFleet());
    const widened = {
      ...policy,
      grants: [...policy.grants, { src: [edge], dst: ["tag:nomad-client"], ip: ["tcp:22"] }],
    };
    expect(policyProblems(smallFleet(), { policy: widened, reasons })).toEqual([
      expect.objectContaining({ got: "tag:nomad-pool-edge to tag:nomad-client:22" }),
    ]);
  });
});
