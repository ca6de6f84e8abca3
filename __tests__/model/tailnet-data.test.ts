import { formatProblem } from "../../constructs/core/problems";
import { validateFleet } from "../../model/validate";
import { smallFleet, spoil } from "../helpers/fleet";

const problemsOf = (path: string, value: unknown) => validateFleet(spoil(smallFleet(), path, value)).map(formatProblem);

const grant = { reason: "a jump host", src: ["tag:nomad-pool-gpu"], dst: ["tag:nomad-client"], ip: ["tcp:22"] };
const nas = { address: "10.1.0.5", routers: ["gpu"], services: { nfs: { port: 2049, callers: ["gpu"] } } };
const nasWith = (change: object) => ({ nas: { ...nas, ...change } });

describe("what a fleet says of its tailnet", () => {
  test.each([
    ["an extra grant", "tailnet.extraGrants", [grant]],
    ["every port", "tailnet.extraGrants", [{ ...grant, ip: ["*", "icmp:*", "17:53", "tcp:1-65535", "443,8443"] }]],
    [
      "every kind of subject",
      "tailnet.extraGrants",
      [
        {
          ...grant,
          src: ["*", "autogroup:member", "ada@example.com", "group:it@example.com"],
          dst: ["10.0.0.0/8", "10.0.0.1", "fd7a::1"],
        },
      ],
    ],
    ["a tag of its own", "tailnet.otherTags", { "tag:monitoring": ["autogroup:admin"] }],
    ["a LAN host", "sites.north.lanHosts", { nas }],
    [
      "Tailscale SSH",
      "tailnet.ssh",
      { users: ["steppe", "autogroup:nonroot", "localpart:*@example.com"], checkPeriod: "1h30m" },
    ],
    ["collectors of metrics", "metrics.scrapers", ["edge", "operators"]],
  ])("accepts %s", (_name, path, value) => {
    expect(problemsOf(path, value)).toEqual([]);
  });

  test.each([
    [
      "a grant without a reason",
      "tailnet.extraGrants",
      [{ ...grant, reason: " " }],
      'tailnet.extraGrants[0].reason: must say why, got " "; write one sentence for the reviewer',
    ],
    [
      "a grant that opens nothing",
      "tailnet.extraGrants",
      [{ ...grant, ip: [] }],
      "tailnet.extraGrants[0].ip: must name something, got []; or remove the grant",
    ],
    [
      "a port out of range",
      "tailnet.extraGrants",
      [{ ...grant, ip: ["tcp:65536"] }],
      'tailnet.extraGrants[0].ip[0]: must have ports from 1 to 65535, ranges of them, or *, got "tcp:65536"; write it like "tcp:443", "tcp:8000-8100", "icmp:*" or "*"',
    ],
    [
      "a range that ends before it begins",
      "tailnet.extraGrants",
      [{ ...grant, ip: ["tcp:90-80"] }],
      'tailnet.extraGrants[0].ip[0]: must have ports from 1 to 65535, ranges of them, or *, got "tcp:90-80"; write it like "tcp:443", "tcp:8000-8100", "icmp:*" or "*"',
    ],
    [
      "port 0",
      "tailnet.extraGrants",
      [{ ...grant, ip: ["udp:0"] }],
      'tailnet.extraGrants[0].ip[0]: must have ports from 1 to 65535, ranges of them, or *, got "udp:0"; write it like "tcp:443", "tcp:8000-8100", "icmp:*" or "*"',
    ],
    [
      "a tag that nobody owns",
      "tailnet.extraGrants",
      [{ ...grant, src: ["tag:jump"] }],
      'tailnet.extraGrants[0].src[0]: must be a tag of the fleet or of tailnet.otherTags: nobody owns this one, got "tag:jump"; use one of tag:nomad-client, tag:nomad-client-north, tag:nomad-client-south, tag:nomad-operator, tag:nomad-pool-edge, tag:nomad-pool-gpu, tag:nomad-server, tag:nomad-server-north, tag:nomad-server-south, or add otherTags: { "tag:jump": ["autogroup:admin"] }',
    ],
    [
      "a group that nothing defines",
      "tailnet.extraGrants",
      [{ ...grant, src: ["group:ml"] }],
      'tailnet.extraGrants[0].src[0]: must be a group of tailnet.groups, or one of the identity provider with its domain, got "group:ml"; add groups: { "group:ml": ["ada@example.com"] }',
    ],
    [
      "a pool by its bare name",
      "tailnet.extraGrants",
      [{ ...grant, dst: ["gpu"] }],
      'tailnet.extraGrants[0].dst[0]: must be somebody of the tailnet: tag:…, group:…, autogroup:…, a user, an address or range, a LAN host of the fleet, got "gpu"; write tag:nomad-pool-gpu',
    ],
    [
      "a tag of the fleet with owners of its own",
      "tailnet.otherTags",
      { "tag:nomad-server": ["autogroup:admin"] },
      'tailnet.otherTags.tag:nomad-server: is a tag of the fleet\'s own machines, whose owners are tailnet.tagOwners, got "tag:nomad-server"; leave it out, or rename it',
    ],
    [
      "a tag without an owner",
      "tailnet.otherTags",
      { "tag:monitoring": [] },
      'tailnet.otherTags.tag:monitoring: must be owned by somebody, got []; write ["autogroup:admin"]',
    ],
    [
      "a tag that is none",
      "tailnet.otherTags",
      { "tag:1st": ["autogroup:admin"] },
      'tailnet.otherTags.tag:1st: must be tag: and a name of letters, digits and hyphens, a letter first, got "tag:1st"; rename the tag',
    ],
    [
      "a LAN host elsewhere",
      "sites.north.lanHosts",
      nasWith({ address: "10.9.0.5" }),
      'sites.north.lanHosts.nas.address: must lie in one of the site\'s networks (10.1.0.0/24), got "10.9.0.5"; correct the address or add the network',
    ],
    [
      "a LAN host that is a machine of the fleet",
      "sites.north.lanHosts",
      nasWith({ address: "10.1.0.21" }),
      'sites.north.lanHosts.nas.address: is also the address of sites.north.hosts.n-gpu, got "10.1.0.21"; correct the address',
    ],
    [
      "a LAN host with a machine's name",
      "sites.north.lanHosts",
      { "n-gpu": nas },
      'sites.north.lanHosts.n-gpu: is also the name of sites.north.hosts.n-gpu, got "n-gpu"; rename one of them: names are of the whole tailnet',
    ],
    [
      "a router of another site",
      "sites.north.lanHosts",
      nasWith({ routers: ["edge"] }),
      'sites.north.lanHosts.nas.routers[0]: must be a pool of site north, where the host is, got "edge"; use one of: gpu',
    ],
    [
      "no router",
      "sites.north.lanHosts",
      nasWith({ routers: [] }),
      "sites.north.lanHosts.nas.routers: must name a pool whose machines are the way to it, got []; use one of: gpu",
    ],
    [
      "a LAN host that offers nothing",
      "sites.north.lanHosts",
      nasWith({ services: {} }),
      "sites.north.lanHosts.nas.services: must name what the host offers, got {}; add a service, or leave the host out",
    ],
    [
      "a LAN host's port out of range",
      "sites.north.lanHosts",
      nasWith({ services: { nfs: { port: 70_000, callers: ["gpu"] } } }),
      'sites.north.lanHosts.nas.services.nfs.port: must be a port from 1 to 65535, or a range, got 70000; write it like 2049 or "8000-8010"',
    ],
    [
      "two services of a LAN host at one port",
      "sites.north.lanHosts",
      nasWith({ services: { nfs: { port: 2049, callers: [] }, other: { port: "2000-3000", callers: [] } } }),
      'sites.north.lanHosts.nas.services.other.port: overlaps the ports of service nfs, got "2000-3000"; join the services, or correct the port',
    ],
    [
      "an unknown caller of a LAN host",
      "sites.north.lanHosts",
      nasWith({ services: { nfs: { port: 2049, callers: ["tag:web"] } } }),
      'sites.north.lanHosts.nas.services.nfs.callers[0]: must be a tag of tailnet.otherTags; machines of the fleet are named by pool, got "tag:web"; add otherTags: { "tag:web": ["autogroup:admin"] }, or name a pool',
    ],
    ["no login", "tailnet.ssh", { users: [] }, 'tailnet.ssh.users: must name a login, got []; write ["root"]'],
    [
      "every login",
      "tailnet.ssh",
      { users: ["*"] },
      'tailnet.ssh.users[0]: must be a login, autogroup:nonroot or localpart:*@<domain>, got "*"; name the logins one by one',
    ],
    [
      "a week and a day until the next check",
      "tailnet.ssh",
      { users: ["root"], checkPeriod: "192h" },
      'tailnet.ssh.checkPeriod: must be a duration from 1m to 168h, or always, got "192h"; write it like "12h" or "1h30m"',
    ],
    [
      "a period without a check",
      "tailnet.ssh",
      { users: ["root"], action: "accept", checkPeriod: "1h" },
      'tailnet.ssh.checkPeriod: goes with action check: accept asks nobody again, got "1h"; remove it, or write action: check',
    ],
    [
      "an unknown collector of metrics",
      "metrics.scrapers",
      ["prometheus"],
      'metrics.scrapers[0]: must be a pool of this fleet, "operators", "servers", or somebody of the tailnet (group:…, tag:…, autogroup:…, a user), got "prometheus"; name one of: gpu, edge, operators, servers',
    ],
    [
      "disks that migrate nowhere",
      "pools.gpu.migratesDisks",
      true,
      "pools.gpu.migratesDisks: has no effect: a disk moves between machines of a pool, and this one has a single machine, got true; leave it out until there are two",
    ],
  ])("refuses %s", (_name, path, value, message) => {
    expect(problemsOf(path, value)).toEqual([message]);
  });

  test("refuses one name for two LAN hosts, and one address", () => {
    const twice = spoil(
      spoil(smallFleet(), "sites.north.lanHosts", { nas, spare: { ...nas } }),
      "sites.south.lanHosts",
      { nas: { address: "10.2.0.5", routers: ["edge"], services: nas.services } },
    );
    expect(validateFleet(twice).map(({ path, rule }) => `${path}: ${rule}`)).toEqual([
      "sites.north.lanHosts.spare.address: is also the address of sites.north.lanHosts.nas",
      "sites.south.lanHosts.nas: is also the name of sites.north.lanHosts.nas",
    ]);
  });
});
