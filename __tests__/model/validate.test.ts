import { formatProblem, isError, ValidationError } from "../../constructs/core/problems";
import { fleet as example } from "../../fleets/example";
import { fleet as lab } from "../../fleets/lab";
import { validateFleet, validFleet } from "../../model/validate";
import { awsSite, smallFleet, spoil } from "../helpers/fleet";

const errorsOf = (path: string, value: unknown) =>
  validateFleet(spoil(smallFleet(), path, value))
    .filter(isError)
    .map(formatProblem);

describe("validateFleet", () => {
  test("accepts the fleets of this repository", () => {
    expect([lab, example].flatMap((fleet) => validateFleet(fleet).filter(isError))).toEqual([]);
  });

  test("accepts the fixture that every other test spoils", () => {
    expect(validateFleet(smallFleet())).toEqual([]);
  });

  test.each([
    [
      "two servers",
      "regions.north.servers.hosts",
      ["n-1", "n-2"],
      "regions.north.servers.hosts: must be 1, 3 or 5 servers: an even number tolerates no more failures than one fewer, got 2; add a third server, or drop to one",
    ],
    [
      "no server",
      "regions.south.servers.hosts",
      [],
      "regions.south.servers.hosts: must be 1, 3 or 5 servers: an even number tolerates no more failures than one fewer, got 0; use 1, 3 or 5",
    ],
    [
      "a server of another site",
      "regions.south.servers.hosts",
      ["n-1"],
      'regions.south.servers.hosts[0]: must be a host of site south of this fleet (s-1, s-edge), got "n-1"; correct the name, or add it',
    ],
    [
      "cloud servers at an on-prem site",
      "regions.south.servers",
      { count: 1, machineType: "m7i.large" },
      "regions.south.servers: site south is on-prem, where machines exist already; give hosts: [...] from the site",
    ],
    [
      "no authoritative region",
      "regions.north.authoritative",
      false,
      "regions: must have exactly one authoritative region, got []; set authoritative: true on one region",
    ],
    [
      "two authoritative regions",
      "regions.south.authoritative",
      true,
      'regions: must have exactly one authoritative region, got ["north","south"]; keep authoritative: true on one region only',
    ],
    [
      "an unknown home site",
      "regions.south.site",
      "east",
      'regions.south.site: must be a site of this fleet (north, south), got "east"; correct the name, or add it',
    ],
    [
      "an unknown region of a pool",
      "pools.edge.region",
      "east",
      'pools.edge.region: must be a region of this fleet (north, south), got "east"; correct the name, or add it',
    ],
    [
      "a host listed twice",
      "pools.gpu.hosts",
      ["n-gpu", "n-1"],
      'pools.gpu.hosts[1]: lists a host that regions.north.servers.hosts[0] already lists, got "n-1"; a machine has one role in one pool or region',
    ],
    [
      "overlapping sites",
      "sites.south.networks",
      ["10.1.0.0/16"],
      'sites.south.networks[0]: must not overlap sites.north.networks[0] (10.1.0.0/24), got "10.1.0.0/16"; give each site its own range',
    ],
    [
      "tailnet addresses",
      "sites.south.networks",
      ["100.100.0.0/16"],
      'sites.south.networks[0]: must not overlap 100.64.0.0/10 (tailnet addresses), got "100.100.0.0/16"; choose another range',
    ],
    [
      "Nomad's bridge",
      "sites.south.networks",
      ["172.26.0.0/16"],
      `sites.south.networks[0]: must not overlap 172.26.64.0/20 (Nomad's bridge network), got "172.26.0.0/16"; choose another range`,
    ],
    [
      "Docker's bridge",
      "sites.south.networks",
      ["172.16.0.0/12"],
      `sites.south.networks[0]: must not overlap 172.17.0.0/16 (Docker's default bridge), got "172.16.0.0/12"; choose another range`,
    ],
    [
      "a malformed range",
      "sites.south.networks",
      ["10.2.0.0"],
      'sites.south.networks[0]: must be an IPv4 range, got "10.2.0.0"; write it like 192.168.10.0/24',
    ],
    [
      "a range that begins inside",
      "sites.south.networks",
      ["10.2.0.1/24"],
      'sites.south.networks[0]: must begin at the range\'s first address, got "10.2.0.1/24"; write 10.2.0.0/24',
    ],
    [
      "an address of another site",
      "sites.south.hosts.s-1.address",
      "10.9.0.1",
      'sites.south.hosts.s-1.address: must lie in one of the site\'s networks (10.2.0.0/24), got "10.9.0.1"; correct the address or add the network',
    ],
    [
      "an address used twice",
      "sites.south.hosts.s-1.address",
      "10.2.0.21",
      'sites.south.hosts.s-edge.address: is also the address of sites.south.hosts.s-1.address, got "10.2.0.21"; give each host its own address',
    ],
    [
      "a host key that is none",
      "sites.south.hosts.s-1.hostKey",
      "SHA256:abc",
      'sites.south.hosts.s-1.hostKey: must be an SSH public key, got "SHA256:abc"; copy /etc/ssh/ssh_host_ed25519_key.pub without its comment',
    ],
    [
      "an unknown GPU",
      "pools.gpu.hardware.gpu.model",
      "h900",
      /^pools\.gpu\.hardware\.gpu\.model: must be a model of the catalogue \(.*h100-80gb.*\), got "h900"; or give \{ model, memoryMiB, gpuArchitecture \} in full$/,
    ],
    [
      "no GPU in a gpu block",
      "pools.gpu.hardware.gpu.count",
      0,
      "pools.gpu.hardware.gpu.count: must be a whole number of at least 1, got 0; leave gpu out for machines without one",
    ],
    [
      "an on-prem pool without machines",
      "pools.edge.hosts",
      undefined,
      "pools.edge.hosts: must name the pool's machines, since the site is on-prem; list hosts of site south",
    ],
    [
      "a relative volume path",
      "pools.gpu.hostVolumes.models.path",
      "srv",
      'pools.gpu.hostVolumes.models.path: must be an absolute path, got "srv"',
    ],
    [
      "an unknown Nomad",
      "versions.nomad",
      "3.1.4",
      /^versions\.nomad: must be a Nomad version that Steppe knows \(.*2\.0\.5\), got "3\.1\.4"; use 2\.0\.5$/,
    ],
    [
      "an old tailscale",
      "versions.tailscale",
      "1.80.0",
      'versions.tailscale: must be 1.96.0 or newer (it brings tailscale wait), got "1.80.0"; use 1.102.3',
    ],
    [
      "an Enterprise feature",
      "pools.gpu.schedulerAlgorithm",
      "spread",
      'pools.gpu.schedulerAlgorithm: a scheduler configuration per node pool needs Nomad Enterprise, got "nomad 2.0.5"; leave it out, or change versions',
    ],
    [
      "an upper-case name",
      "name",
      "Small",
      'name: must be lower-case letters, digits and inner dashes, beginning with a letter, got "Small"; rename it',
    ],
    ["a long name", "name", "a".repeat(21), `name: must be at most 20 characters, got "${"a".repeat(21)}"; shorten it`],
    [
      "a domain that is none",
      "tailnet.domain",
      "tailnet",
      'tailnet.domain: must be a DNS domain, got "tailnet"; copy it from the DNS page of the tailnet',
    ],
    [
      "a service in the dynamic range",
      "services.vllm.port",
      25_000,
      'services.vllm.port: lies in Nomad\'s dynamic range 20000-32000, got 25000; choose a port outside it, or "dynamic"',
    ],
    [
      "a service on a port of the agent",
      "services.vllm.port",
      4646,
      "services.vllm.port: is a port of the Nomad agent, got 4646; choose another port",
    ],
    [
      "a caller that is no pool",
      "services.vllm.callers",
      ["web"],
      'services.vllm.callers[0]: must be a pool of this fleet, "operators", "servers", or somebody of the tailnet (group:…, tag:…, autogroup:…, a user), got "web"; name one of: gpu, edge, operators, servers',
    ],
    [
      "a port taken twice",
      "services.other",
      { port: 8000, pools: ["gpu"], callers: [] },
      "services.other.port: is taken on pool gpu by service vllm, got 8000; choose another port",
    ],
    [
      "an operator's group that nothing defines",
      "tailnet.operators",
      ["group:platform", "group:synced@example.com"],
      'tailnet.operators: must name a group that tailnet.groups defines, or one of the identity provider with its domain, got "group:platform"; add groups: { "group:platform": ["ada@example.com"] }',
    ],
    [
      "an unknown headscale group",
      "tailnet.dialect",
      "headscale",
      'tailnet.tagOwners: headscale does not know this group, got "autogroup:admin"; name a user, like "ops@"',
    ],
  ])("refuses %s", (_, path, value, expected) => {
    const matching = errorsOf(path, value).filter((error) =>
      typeof expected === "string" ? error === expected : expected.test(error),
    );
    expect(matching).toHaveLength(1);
  });

  test("refuses a machine name that a cloud region would make again", () => {
    const fleet = smallFleet();
    fleet.sites["cloud"] = awsSite();
    fleet.regions["cloud"] = { site: "cloud", servers: { count: 1, machineType: "m7i.large" } };
    fleet.sites["south"] = {
      platform: "onprem",
      networks: ["10.2.0.0/24"],
      hosts: {
        "s-1": { address: "10.2.0.11" },
        "s-edge": { address: "10.2.0.21" },
        "small-cloud-1": { address: "10.2.0.22" },
      },
    };
    expect(validateFleet(fleet).map(formatProblem)).toEqual([
      'regions.cloud.servers: must be unique in the tailnet, but is also sites.south.hosts.small-cloud-1, got "small-cloud-1"; rename one of them',
    ]);
  });

  test("counts only servers that are not retired", () => {
    const fleet = spoil(smallFleet(), "sites.north.hosts.n-3.retired", { reason: "old" });
    expect(validateFleet(fleet).map(({ path }) => path)).toEqual(["regions.north.servers.hosts"]);
  });

  test("warns of a Nomad with known security holes, and accepts it", () => {
    const problems = validateFleet(spoil(smallFleet(), "versions.nomad", "1.11.3"));
    expect(problems.map(({ rule, severity }) => [severity, rule.split(":")[0]])).toEqual([
      ["warning", "has CVE-2026-7474"],
      ["warning", "has CVE-2026-6959"],
    ]);
  });

  test("throws all errors at once", () => {
    const fleet = spoil(spoil(smallFleet(), "regions.north.servers.hosts", ["n-1", "n-2"]), "pools.edge.site", "moon");
    expect(() => validFleet(fleet)).toThrow(ValidationError);
    expect(() => validFleet(fleet)).toThrow(/regions\.north\.servers\.hosts[^]*pools\.edge\.site/);
  });
});
