import { App } from "cdktf";
import { fleet as example } from "../../fleets/example";
import { fleet as lab } from "../../fleets/lab";
import { validatePolicy } from "../../constructs/tailnet/language/validate";
import { tailnetPolicy } from "../../constructs/tailnet/policy";
import { identitiesOf, tagsOf } from "../../model/identities";
import { tailnetDialect } from "../../model/names";
import type { Fleet } from "../../model/types";
import { TailnetStack } from "../../stacks/tailnet";
import { smallFleet, spoil } from "../helpers/fleet";

describe("tailnetPolicy", () => {
  const policy = tailnetPolicy(smallFleet());
  const reach = (src: string, dst: string) =>
    policy.grants.filter((grant) => grant.src.includes(src) && grant.dst.includes(dst)).flatMap((grant) => grant.ip);

  test("owns every tag that a machine carries", () => {
    expect(policy.tagOwners).toEqual(
      Object.fromEntries(
        [
          "client",
          "client-north",
          "client-south",
          "operator",
          "pool-edge",
          "pool-gpu",
          "server",
          "server-north",
          "server-south",
        ].map((name) => [`tag:nomad-${name}`, ["autogroup:admin"]]),
      ),
    );
  });

  test("lets servers federate and nobody else reach Serf", () => {
    expect(reach("tag:nomad-server", "tag:nomad-server")).toEqual(["tcp:4647", "tcp:4648", "udp:4648"]);
    const toSerf = policy.grants.filter((grant) => grant.ip.some((port) => port.endsWith(":4648")));
    expect(toSerf.flatMap((grant) => grant.src)).toEqual(["tag:nomad-server"]);
  });

  test("lets clients reach RPC of their own region alone", () => {
    expect(reach("tag:nomad-client-north", "tag:nomad-server-north")).toEqual(["tcp:4647"]);
    expect(reach("tag:nomad-client-north", "tag:nomad-server-south")).toEqual([]);
    expect(reach("tag:nomad-client", "tag:nomad-server")).toEqual([]);
  });

  test("lets pools reach each other where a service says so, in that direction", () => {
    expect(reach("tag:nomad-pool-edge", "tag:nomad-pool-gpu")).toEqual(["tcp:8000"]);
    expect(reach("tag:nomad-pool-gpu", "tag:nomad-pool-edge")).toEqual([]);
  });

  test("opens Nomad's dynamic range for a dynamic service only", () => {
    const opened = tailnetPolicy(spoil(smallFleet(), "services.vllm.port", "dynamic"));
    expect(JSON.stringify(opened.grants)).toContain("tcp:20000-32000");
    expect(JSON.stringify(policy.grants)).not.toContain("20000");
  });

  test("tests that clients reach neither Serf nor another region", () => {
    expect(policy.tests).toContainEqual({
      src: "tag:nomad-pool-gpu",
      accept: ["tag:nomad-server-north:4647"],
      deny: ["tag:nomad-server-north:4648", "tag:nomad-server-south:4647"],
    });
  });

  test("names no role in a fleet that joins headscale, which has none", () => {
    expect(JSON.stringify(tailnetPolicy(lab))).not.toContain("autogroup");
  });
});

describe("the policy file", () => {
  const machines = (fleet: Fleet) => identitiesOf(fleet).map((identity) => ({ tags: tagsOf(identity) }));

  test.each(Object.entries({ lab, example, small: smallFleet() }))(
    "of fleet %s is valid in its dialect",
    (_name, fleet) => {
      const options = { dialect: tailnetDialect(fleet), devices: machines(fleet) };
      expect(validatePolicy(tailnetPolicy(fleet), options)).toEqual([]);
    },
  );

  test("holds the groups of the fleet, and a group that nothing defines stops synthesis", () => {
    expect(tailnetPolicy(example).groups).toEqual({ "group:platform": ["ada@example.com", "grace@example.com"] });
    const broken = spoil(example, "tailnet.operators", ["group:plattform"]);
    expect(() => new TailnetStack(new App(), { fleet: broken })).toThrow(/grants\.\d+\.src\.1: .*group:plattform/);
  });
});
