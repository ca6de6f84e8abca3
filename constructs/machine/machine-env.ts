import { type MachineIdentity, tagsOf } from "../../model/identities";
import { activeServerNames, magicDnsName } from "../../model/names";
import type { Fleet } from "../../model/types";
import { tailnetPath } from "./tailnet-path";

const DEFAULT_CONTROL_SERVER = "https://controlplane.tailscale.com";

/** Settings that the scripts on a machine read: shell assignments, no secret among them. */
export function machineEnv(fleet: Fleet, identity: MachineIdentity, dataDirectory: string): string {
  const servers = (region: string) => activeServerNames(fleet, region).map((host) => magicDnsName(fleet, host));
  const others = Object.keys(fleet.regions).filter((region) => region !== identity.region);
  const settings = {
    STEPPE_FLEET: fleet.name,
    STEPPE_ROLE: identity.role,
    STEPPE_REGION: identity.region,
    ...joinSettings(fleet, identity),
    ...pathSettings(fleet, identity),
    STEPPE_SERVERS: servers(identity.region).join(","),
    STEPPE_SERVER_COUNT: String(servers(identity.region).length),
    STEPPE_DATA: dataDirectory,
    ...(identity.role === "server"
      ? { STEPPE_FEDERATION: others.map((region) => `${region}=${servers(region).join(",")}`).join(" ") }
      : {}),
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}='${value}'`)
    .join("\n")}\n`;
}

/**
 * How the machine logs in. An OAuth client is asked for keys at Tailscale's API, or at the coordination server where that
 * is another; the tool does the same by itself for workload identity.
 */
function joinSettings({ tailnet }: Fleet, identity: MachineIdentity): Readonly<Record<string, string>> {
  const { controlServer = DEFAULT_CONTROL_SERVER } = tailnet;
  const ownApi = identity.join.kind === "oauth-client" && !/\.tailscale\.com(:\d+)?$/.test(controlServer);
  return {
    STEPPE_LOGIN_SERVER: controlServer,
    STEPPE_TAGS: tagsOf(identity).join(","),
    STEPPE_JOIN: identity.join.kind,
    STEPPE_EPHEMERAL: String(identity.ephemeral),
    ...(ownApi ? { STEPPE_KEY_SERVER: controlServer } : {}),
  };
}

function pathSettings(fleet: Fleet, identity: MachineIdentity): Readonly<Record<string, string>> {
  const { acceptRoutes, advertisedRoutes, ownNetworks, ssh } = tailnetPath(fleet, identity);
  return {
    STEPPE_ACCEPT_ROUTES: String(acceptRoutes),
    STEPPE_ADVERTISE_ROUTES: advertisedRoutes.join(","),
    STEPPE_OWN_NETWORKS: ownNetworks.join(" "),
    STEPPE_SSH: String(ssh),
  };
}
