import { regionOf } from "../../model/names";
import { type MachineIdentity, serverIdentity } from "../../model/identities";
import type { Fleet } from "../../model/types";
import { DEFAULT_TAILSCALE_VERSION } from "../../model/versions";
import { AssumptionError } from "../core/problems";
import { dataDirectory, installStep, serverBundle } from "./bundle";
import { type BundleFile, putStep, script } from "./bundle-file";
import { dataPaths, paths } from "./paths";
import { dataVolume } from "./shell/data-volume";
import { checkVersions, placeJoinClient, prologue, secretReader } from "./shell/install";
import { placeHostKey } from "./shell/sshd";

/** What a cloud runs when a machine boots, and the files in it. Holds no secret. */
export interface UserData {
  readonly text: string;
  readonly files: readonly BundleFile[];
}

/** As which client of the tailnet machines join by workload identity; the provider makes up both. */
export interface JoinClient {
  readonly id: string;
  readonly audience: string;
}

/** How a cloud's server comes to what it needs before its bundle. Steps are shell text. */
export interface ServerStart {
  /** Name of the server. */
  readonly host: string;
  /** What this is. Shape: `First boot`. */
  readonly what: string;
  /** @default - none: the machine joins with a key */
  readonly joinClient?: JoinClient;
  /** Before anything else. @default - nothing */
  readonly before?: string;
  /** Lets the operators in, before anything that can fail. */
  readonly logins: string;
  /** Files that \`fetchSecrets\` needs. */
  readonly secretFiles: readonly BundleFile[];
  readonly fetchSecrets: string;
  /** The data volume: a path, or a pattern that names one disk beside the system's. */
  readonly dataDevice: string;
  /** Port of sshd. */
  readonly sshPort: number;
}

/**
 * What a server does before its bundle: logins, data volume, SSH host key, tailnet, and no more, so that it stays as it is
 * while the fleet changes. The bundle follows over the tailnet; the files here are those of the bundle, so that nothing is
 * restarted when it comes.
 *
 * Nomad is not installed yet: its package brings a unit that tailscaled's would start.
 */
export function serverStartup(fleet: Fleet, regionName: string, start: ServerStart): UserData {
  const siteName = regionOf(fleet, regionName).site;
  const identity = serverIdentity(fleet, regionName);
  const directory = dataDirectory(fleet, siteName);
  const { host, joinClient, before } = start;
  const source = fleet.sites[siteName]?.install ?? { kind: "repository" };
  const bundle = serverBundle(fleet, regionName).files;
  const own = [...start.secretFiles, script("data-volume", dataVolume)];
  const shared = [
    `${paths.library}/join`,
    `${paths.units}/tailscaled.service`,
    `${paths.units}/steppe-join.service`,
    paths.machineEnv,
  ].map((path) => fileAt(bundle, path));
  const parts = [
    ...head(fleet, `${start.what} of server ${host}`, joinClient),
    ...(before === undefined ? [] : [before]),
    `set -- ${host}`,
    `tailscale_version=${fleet.versions?.tailscale ?? DEFAULT_TAILSCALE_VERSION}`,
    prologue,
    start.logins,
    ...own.map(putStep),
    `${paths.library}/data-volume '${start.dataDevice}' ${directory}`,
    installStep(fleet, identity, source, ["tailscale"]),
    checkVersions(["tailscale"]),
    ...(source.kind === "repository" ? ["need curl curl"] : []),
    `install -d -m 0755 ${paths.settings}`,
    `install -d -m 0700 ${dataPaths(directory).tailscale}`,
    `printf '%s\\n' "$host" | put 0644 root:root ${paths.hostName} nomad`,
    ...shared.map(putStep),
    start.fetchSecrets,
    secretReader,
    placeHostKey(start.sshPort),
    placeJoinSecret(identity),
    `rm -f ${paths.incoming}/secrets`,
    joinTailnet,
  ];
  return { text: parts.join("\n"), files: [...own, ...shared] };
}

/** Beginning of what a cloud runs. @param what - it is. Shape: `First boot of client-gpu`. */
export function head(fleet: Fleet, what: string, joinClient: JoinClient | undefined): readonly string[] {
  return [
    "#!/bin/sh",
    `# ${what}, fleet ${fleet.name}. Rendered by Steppe.`,
    "# shellcheck disable=SC2034 # not every setting of the bundle has a use at the first boot",
    "set -eu",
    ...(joinClient === undefined
      ? []
      : [
          `STEPPE_CLIENT_ID='${joinClient.id}'`,
          `STEPPE_AUDIENCE='${joinClient.audience}'`,
          "export STEPPE_CLIENT_ID STEPPE_AUDIENCE",
        ]),
  ];
}

/** Lets the holders of keys log in. The login must be there. */
export function authorizeKeys(user: string, authorizedKeys: readonly string[]): string {
  return `home=$(getent passwd ${user} | cut -d: -f6)
[ -n "$home" ] || { echo "steppe: this machine's image has no login ${user}: name its own in the site's ssh.user" >&2; exit 1; }
install -d -m 0700 -o ${user} -g "$(id -gn ${user})" "$home/.ssh"
put 0600 "${user}:$(id -gn ${user})" "$home/.ssh/authorized_keys" none <<'STEPPE_END'
${authorizedKeys.join("\n")}
STEPPE_END`;
}

function placeJoinSecret({ join }: MachineIdentity): string {
  return join.kind === "workload-identity"
    ? placeJoinClient
    : `secret tailnet.key | put 0600 root:root ${paths.authKey} none`;
}

const joinTailnet = `systemctl daemon-reload
systemctl enable --quiet tailscaled.service steppe-join.service
if [ -e "$changed/tailscaled" ]; then
  systemctl restart tailscaled.service
else
  systemctl start tailscaled.service
fi
systemctl restart steppe-join.service || {
  journalctl -u steppe-join.service -n 5 --no-pager -o cat >&2
  exit 1
}
echo "steppe: $host is in the tailnet and waits for its bundle"
`;

function fileAt(files: readonly BundleFile[], path: string): BundleFile {
  const found = files.find((entry) => entry.path === path);
  if (found === undefined) throw new AssumptionError(`the bundle has no ${path}`);
  return found;
}
