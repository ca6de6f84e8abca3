import { fleet as lab } from "../../fleets/lab";
import { tailnetPolicy } from "../../constructs/tailnet/policy";
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
