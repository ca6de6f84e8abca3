import { tailnetPolicy } from "../../constructs/tailnet/policy";
import { policyText } from "../../constructs/tailnet/policy-text";
import { identitiesOf, tagsOf } from "../../model/identities";
import type { Fleet } from "../../model/types";
import { validFleet } from "../../model/validate";
import { iscsi, nfs, nodeExporter, rayServices } from "../../model/well-known";
import { smallFleet } from "../helpers/fleet";
import { describeWithTool } from "../helpers/tools";
import { type Headscale, startHeadscale } from "../tailnet/reach/headscale";

/** A fleet with everything that opens a tailnet, in words that headscale has. */
function wholeFleet(): Fleet {
  const fleet = smallFleet();
  return validFleet({
    ...fleet,
    tailnet: {
      domain: "tail.internal",
      dialect: "headscale",
      groups: { "group:platform": ["alice@"], "group:research": ["alice@"] },
      tagOwners: ["group:platform"],
      operators: ["group:platform"],
      otherTags: { "tag:monitoring": ["alice@"], "tag:backup": ["group:platform"] },
      ssh: { users: ["steppe", "autogroup:nonroot"], checkPeriod: "4h" },
      extraGrants: [
        { reason: "backups", src: ["tag:backup"], dst: ["nas", "tag:nomad-pool-gpu"], ip: ["tcp:22", "udp:53"] },
      ],
    },
    sites: {
      ...fleet.sites,
      north: {
        ...fleet.sites["north"],
        lanHosts: {
          nas: {
            address: "10.1.0.5",
            routers: ["gpu"],
            services: { nfs: nfs("gpu", "edge", "group:research"), iscsi: iscsi("servers") },
          },
        },
      },
    },
    pools: { ...fleet.pools, gpu: { ...fleet.pools["gpu"], migratesDisks: true } },
    services: {
      ...fleet.services,
      ...rayServices({ head: "edge", workers: ["gpu"], clients: ["group:research", "autogroup:member"] }),
      "node-exporter": nodeExporter({ pools: ["gpu", "edge"], callers: ["tag:monitoring"] }),
      dns: { port: 53, protocol: "tcp+udp", pools: ["edge"], callers: ["gpu", "servers"] },
    },
    metrics: { scrapers: ["tag:monitoring"] },
  } as Fleet);
}

describeWithTool("headscale", "the policy of a fleet and the real headscale", (path) => {
  const fleet = wholeFleet();
  let headscale: Headscale;
  beforeAll(async () => {
    const carried = [...identitiesOf(fleet).map(tagsOf), ["tag:monitoring"], ["tag:backup"]];
    const machines = carried.map((tags, index) => ({ name: `machine-${index}`, tags, user: "alice" }));
    headscale = await startHeadscale(path, ["alice"], [...machines, { name: "laptop", user: "alice" }]);
  }, 60_000);
  afterAll(async () => await headscale.stop(), 30_000);

  test("is taken with all its tests, as text with comments too", async () => {
    const { tests = [], sshTests = [] } = tailnetPolicy(fleet);
    expect([tests.length, sshTests.length].every((count) => count > 2)).toBe(true);
    expect(await headscale.check(tailnetPolicy(fleet))).toBeUndefined();
    expect(await headscale.check(policyText(fleet))).toBeUndefined();
  });

  test("is refused when a rule opens what its tests deny", async () => {
    const policy = tailnetPolicy(fleet);
    const widened = { src: ["tag:nomad-pool-edge"], dst: ["tag:nomad-client"], ip: ["tcp:22"] };
    expect(await headscale.check({ ...policy, grants: [...policy.grants, widened] })).toContain(
      "tag:nomad-pool-edge -> tag:nomad-client:22 (tcp): expected DENIED, got ALLOWED",
    );
  });

  test("is refused when a login is let in that its tests deny", async () => {
    const policy = tailnetPolicy(fleet);
    const widened = { action: "accept", src: ["tag:nomad-client"], dst: ["tag:nomad-server"], users: ["steppe"] };
    expect(await headscale.check({ ...policy, ssh: [...(policy.ssh ?? []), widened] })).toContain(
      "tag:nomad-client/steppe -> ",
    );
  });

  test("is refused without a rule that its tests ask for", async () => {
    const policy = tailnetPolicy(fleet);
    const without = policy.grants.filter(({ dst }) => !dst.includes("nas"));
    expect(await headscale.check({ ...policy, grants: without })).toContain(
      "tag:nomad-pool-edge -> nas:2049 (tcp): expected ALLOWED, got DENIED",
    );
  });
});
