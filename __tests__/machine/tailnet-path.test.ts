import { clientBundle, serverBundle } from "../../constructs/machine/bundle";
import { tailnetPath } from "../../constructs/machine/tailnet-path";
import { clientIdentity, serverIdentity } from "../../model/identities";
import type { LanHost } from "../../model/tailnet-types";
import type { Fleet } from "../../model/types";
import { smallFleet, spoil } from "../helpers/fleet";

const nas = (callers: readonly string[]): LanHost => ({
  address: "10.1.0.50",
  routers: ["gpu"],
  services: { nfs: { port: 2049, callers: callers } },
});

/** The small fleet with a NAS at site north, reached through pool gpu. */
const withNas = (...callers: string[]) => spoil(smallFleet(), "sites.north.lanHosts", { nas: nas(callers) });
const poolPath = (fleet: Fleet, pool: string) => tailnetPath(fleet, clientIdentity(fleet, pool));
const serverPath = (fleet: Fleet, region: string) => tailnetPath(fleet, serverIdentity(fleet, region));
const pathsOf = (bundle: { files: readonly { path: string }[] }) => bundle.files.map(({ path }) => path);
const settingsOf = (bundle: { files: readonly { path: string; content: string }[] }) =>
  bundle.files.find(({ path }) => path === "/etc/steppe/machine.env")?.content ?? "";

describe("tailnetPath", () => {
  test("accepts and offers nothing without LAN hosts", () => {
    const nothing = { acceptRoutes: false, advertisedRoutes: [], ownNetworks: [], ssh: false };
    expect([poolPath(smallFleet(), "gpu"), serverPath(smallFleet(), "north")]).toEqual([nothing, nothing]);
  });

  test("accepts routes where a LAN host of another site is called, and keeps the own networks direct there", () => {
    const fleet = withNas("edge", "gpu");
    expect(poolPath(fleet, "edge")).toMatchObject({ acceptRoutes: true, ownNetworks: ["10.2.0.0/24"] });
    expect(poolPath(fleet, "gpu")).toMatchObject({ acceptRoutes: false, ownNetworks: [] });
    expect(serverPath(fleet, "south")).toMatchObject({ acceptRoutes: false, ownNetworks: [] });
  });

  test("counts servers of other sites as callers, not those of the host's own", () => {
    const fleet = withNas("servers");
    expect(serverPath(fleet, "south")).toMatchObject({ acceptRoutes: true, ownNetworks: ["10.2.0.0/24"] });
    expect(serverPath(fleet, "north")).toMatchObject({ acceptRoutes: false, ownNetworks: [] });
    expect(poolPath(fleet, "edge")).toMatchObject({ acceptRoutes: false });
  });

  test("offers the address alone, from its routers alone", () => {
    expect(poolPath(withNas("edge"), "gpu").advertisedRoutes).toEqual(["10.1.0.50/32"]);
    expect(poolPath(withNas("edge"), "edge").advertisedRoutes).toEqual([]);
  });
});

describe("bundles", () => {
  const router = "/etc/sysctl.d/60-steppe-router.conf";
  const unit = "/etc/systemd/system/steppe-path.service";

  test("forward packets only where the machine is a router", () => {
    const fleet = withNas("edge");
    expect(pathsOf(clientBundle(fleet, "gpu"))).toContain(router);
    expect(pathsOf(clientBundle(fleet, "edge"))).not.toContain(router);
    expect(pathsOf(clientBundle(smallFleet(), "gpu"))).not.toContain(router);
  });

  test("care for the path on every client, on servers only where they accept routes", () => {
    expect(pathsOf(clientBundle(smallFleet(), "gpu"))).toContain(unit);
    expect(pathsOf(serverBundle(smallFleet(), "south"))).not.toContain(unit);
    expect(pathsOf(serverBundle(withNas("servers"), "south"))).toContain(unit);
  });

  test("say every setting, also those that are off", () => {
    expect(settingsOf(clientBundle(smallFleet(), "gpu"))).toContain(
      "STEPPE_ACCEPT_ROUTES='false'\nSTEPPE_ADVERTISE_ROUTES=''\nSTEPPE_OWN_NETWORKS=''\nSTEPPE_SSH='false'\n",
    );
    const fleet = spoil(withNas("edge"), "tailnet.ssh", { users: ["root"] });
    expect(settingsOf(clientBundle(fleet, "gpu"))).toContain(
      "STEPPE_ACCEPT_ROUTES='false'\nSTEPPE_ADVERTISE_ROUTES='10.1.0.50/32'\nSTEPPE_OWN_NETWORKS=''\nSTEPPE_SSH='true'\n",
    );
  });

  test("write Docker's settings only where the pool has the driver", () => {
    expect(clientBundle(smallFleet(), "gpu").script).toContain("/etc/docker/daemon.json");
    expect(clientBundle(spoil(smallFleet(), "pools.gpu.drivers", ["exec"]), "gpu").script).not.toContain("docker");
    expect(serverBundle(smallFleet(), "north").script).not.toContain("docker");
  });

  test("let ephemeral machines leave when they are switched off, and no server", () => {
    const leave = "/usr/local/lib/steppe/leave";
    const fleet = spoil(smallFleet(), "pools.edge.ephemeral", true);
    expect(pathsOf(clientBundle(fleet, "edge"))).toContain(leave);
    expect(pathsOf(clientBundle(fleet, "gpu"))).not.toContain(leave);
    expect(pathsOf(serverBundle(fleet, "south"))).not.toContain(leave);
  });

  test("ask for keys at Tailscale's API, or at the coordination server where that is another", () => {
    const fleet = spoil(smallFleet(), "regions.south.join", { kind: "oauth-client" });
    expect(settingsOf(serverBundle(fleet, "south"))).not.toContain("STEPPE_KEY_SERVER");
    expect(settingsOf(serverBundle(fleet, "south"))).toContain(
      "STEPPE_JOIN='oauth-client'\nSTEPPE_EPHEMERAL='false'\n",
    );
    const own = spoil(fleet, "tailnet.controlServer", "https://tailnet.example.com");
    expect(settingsOf(serverBundle(own, "south"))).toContain("STEPPE_KEY_SERVER='https://tailnet.example.com'\n");
    expect(settingsOf(serverBundle(own, "north"))).not.toContain("STEPPE_KEY_SERVER");
  });

  test("hold no client id, and take it from the environment where the machine joins by workload identity", () => {
    const cloud = spoil(smallFleet(), "sites.cloud", { platform: "gcp", networks: ["10.4.0.0/16"] });
    const join = { kind: "workload-identity", subject: "1" };
    const fleet = spoil(cloud, "pools.edge", { ...cloud.pools["edge"], site: "cloud", hosts: undefined, join });
    const { script } = clientBundle(fleet, "edge");
    expect(script).toContain('if [ -n "${STEPPE_CLIENT_ID:-}" ]; then');
    expect(script).not.toMatch(/STEPPE_CLIENT_ID='[^%]/);
    expect(clientBundle(fleet, "gpu").script).not.toContain("STEPPE_CLIENT_ID:-");
  });
});
