import { App } from "cdktf";
import { defineFleet } from "../../model/fleet";
import type { Tailnet } from "../../model/tailnet-types";
import type { Fleet, Service } from "../../model/types";
import { validFleet } from "../../model/validate";
import { TailnetStack } from "../../stacks/tailnet";

/** A fleet as its file writes it, with what a test changes. */
function fleetWith(tailnet: Partial<Tailnet>, services: Readonly<Record<string, Service<"gpu">>> = {}): Fleet {
  return defineFleet({
    name: "refused",
    tailnet: { domain: "tail0.ts.net", ...tailnet },
    backend: { kind: "local" },
    sites: {
      north: {
        platform: "onprem",
        networks: ["10.1.0.0/24"],
        hosts: { "n-1": { address: "10.1.0.11" }, "n-2": { address: "10.1.0.12" } },
      },
    },
    regions: { north: { site: "north", servers: { hosts: ["n-1"] }, authoritative: true } },
    pools: {
      gpu: { region: "north", site: "north", hosts: ["n-2"], hardware: { cpuMHz: 8000, memoryMiB: 65_536 } },
    },
    services: { vllm: { port: 8000, pools: ["gpu"], callers: ["gpu"] }, ...services },
  });
}

/** What the program does with a fleet: it validates the data, then the policy. */
const synthesize = (fleet: Fleet) => () => new TailnetStack(new App(), { fleet: validFleet(fleet) });

const grant = { reason: "for a test", src: ["tag:nomad-pool-gpu"], dst: ["tag:nomad-server"], ip: ["tcp:9000"] };

describe("synthesis of a fleet's policy", () => {
  test("takes the fleet that the other tests spoil", () => {
    expect(synthesize(fleetWith({ extraGrants: [grant] }))).not.toThrow();
  });

  test("refuses a test that contradicts a grant", () => {
    const tests = [{ src: "tag:nomad-pool-gpu", deny: ["tag:nomad-pool-gpu:8000"] }];
    expect(synthesize(fleetWith({ adopted: { policy: { acls: [], tests } } }))).toThrow(
      /tests\.0\.deny\.0: must hold, and grants\.\d opens it, got "tag:nomad-pool-gpu to tag:nomad-pool-gpu:8000"; narrow that rule, or drop the claim/,
    );
  });

  test("refuses an overlapping range", () => {
    expect(synthesize(fleetWith({}, { ray: { port: "7000-9000", pools: ["gpu"], callers: [] } }))).toThrow(
      'services.ray.port: is taken on pool gpu by service vllm, got "7000-9000"; choose another port',
    );
    expect(synthesize(fleetWith({ extraGrants: [{ ...grant, ip: ["tcp:80-90", "tcp:90-99"] }] }))).toThrow(
      /grants\.\d\.ip \(tailnet\.extraGrants\[0\]\): must not open 90 twice: tcp:80-90 has it too, got "tcp:90-99"; join the ranges/,
    );
  });

  test("refuses a tag that is not owned", () => {
    expect(synthesize(fleetWith({ otherTags: { "tag:web": [] } }))).toThrow(
      'tailnet.otherTags.tag:web: must be owned by somebody, got []; write ["autogroup:admin"]',
    );
  });

  test("refuses a port out of range", () => {
    expect(synthesize(fleetWith({}, { web: { port: 70_000, pools: ["gpu"], callers: [] } }))).toThrow(
      'services.web.port: must be a port from 1 to 65535, a range, or "dynamic", got 70000; write it like 8000, "18000-18999" or "dynamic"',
    );
    expect(synthesize(fleetWith({ extraGrants: [{ ...grant, ip: ["tcp:70000"] }] }))).toThrow(
      /tailnet\.extraGrants\[0\]\.ip\[0\]: must have ports from 1 to 65535, ranges of them, or \*, got "tcp:70000"; /,
    );
  });

  test("refuses an unknown tag", () => {
    expect(synthesize(fleetWith({ extraGrants: [{ ...grant, src: ["tag:jump"] }] }))).toThrow(
      /tailnet\.extraGrants\[0\]\.src\[0\]: must be a tag of the fleet .*, got "tag:jump"; use one of .*, or add otherTags: \{ "tag:jump": /,
    );
  });

  test("names all of them at once", () => {
    const broken = fleetWith(
      { otherTags: { "tag:web": [] }, extraGrants: [{ ...grant, src: ["tag:jump"], ip: ["tcp:0"] }] },
      { web: { port: 0, pools: ["gpu"], callers: [] } },
    );
    expect(synthesize(broken)).toThrow(/services\.web\.port.*\n.*otherTags\.tag:web.*\n.*src\[0\].*\n.*ip\[0\]/);
  });
});
