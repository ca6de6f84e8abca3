import { backupsOf } from "../../model/backups";
import { clientIdentity, type MachineIdentity, serverIdentity } from "../../model/identities";
import { authoritativeRegion, regionOf, siteOf } from "../../model/names";
import type { Architecture, Fleet, HostVolume, InstallSource } from "../../model/types";
import { DEFAULT_NOMAD_VERSION, DEFAULT_TAILSCALE_VERSION } from "../../model/versions";
import { accessFiles, activateAccess, needAccessTools } from "./access-files";
import { clientConfig, drainSeconds, driversOf, serverConfig } from "./agent-config";
import { activateSnapshots, backupFiles, needSnapshotTools } from "./backup-files";
import { type BundleFile, file, putStep, script } from "./bundle-file";
import { activateMetadataLock, activateNotices, type CloudPool, cloudPool, needCloudTools } from "./cloud-pool";
import { type GpuSetup, gpuSetup } from "./gpu-setup";
import { machineEnv } from "./machine-env";
import { type CsiSetup, csiSetup } from "./csi-setup";
import { CLOUD_DATA_DIRECTORY, DEFAULT_DATA_DIRECTORY, dataPaths, paths } from "./paths";
import { dockerSettings, restartDocker } from "./shell/docker";
import { gate } from "./shell/gate";
import {
  activate,
  checkVersions,
  installFromImage,
  installFromMirror,
  installFromRepository,
  placeJoinClient,
  placeSecrets,
  prologue,
  remove,
  removeStale,
} from "./shell/install";
import { join, leave } from "./shell/join";
import { aclBootstrap, federate, guard, nomadLocal, readmit } from "./shell/library";
import { path } from "./shell/path";
import type { Program } from "./shell/programs";
import { setup } from "./shell/setup";
import { tailnetPath } from "./tailnet-path";
import { aclBootstrapUnit, joinUnit, nomadUnit, pathUnit, type Surroundings, tailscaledUnit, tendUnits } from "./units";

const EVERYTHING = ["nomad", "tailscale"] as const satisfies readonly Program[];

/** All that turns a bare machine into a server or client. The same on every platform; holds no secret. */
export interface MachineBundle {
  readonly identity: MachineIdentity;
  readonly files: readonly BundleFile[];
  /**
   * The whole as one POSIX shell script: \`sh bundle <host name> [last|more]\`. May run again and again. Where the machines
   * join by workload identity, \`STEPPE_CLIENT_ID\` and \`STEPPE_AUDIENCE\` in its environment say as which client; later
   * runs may leave them out.
   */
  readonly script: string;
}

/** The bundle of a region's servers. */
export function serverBundle(fleet: Fleet, regionName: string): MachineBundle {
  const site = regionOf(fleet, regionName).site;
  const directory = dataDirectory(fleet, site);
  const units = tendUnits();
  const around: Surroundings = siteOf(fleet, site).platform === "onprem" ? {} : { volume: directory };
  const identity = serverIdentity(fleet, regionName);
  const own = [
    file(`${paths.nomadConfig}/steppe.json`, json(serverConfig(fleet, regionName, directory)), "nomad"),
    file(`${paths.units}/nomad.service`, nomadUnit({ role: "server", stopSeconds: 60 }, around), "nomad"),
    file(`${paths.units}/steppe-tend.service`, units.service, "none"),
    file(`${paths.units}/steppe-tend.timer`, units.timer, "none"),
    script("federate", federate),
    script("readmit", readmit),
    script("setup", setup),
    ...(authoritativeRegion(fleet) === regionName
      ? [
          file(`${paths.units}/steppe-acl-bootstrap.service`, aclBootstrapUnit(), "none"),
          script("acl-bootstrap", aclBootstrap),
        ]
      : []),
    ...backupFiles(fleet, regionName),
    file(paths.machineEnv, machineEnv(fleet, identity, directory), "join"),
    ...accessFiles(fleet, regionName, directory),
  ];
  return assemble(fleet, site, identity, own, { around });
}

/** The bundle of a pool's clients. */
export function clientBundle(fleet: Fleet, poolName: string): MachineBundle {
  const pool = fleet.pools[poolName];
  if (pool === undefined) throw new RangeError(`no pool ${poolName} in fleet ${fleet.name}`);
  const directory = dataDirectory(fleet, pool.site);
  const identity = clientIdentity(fleet, poolName);
  const stopSeconds = drainSeconds(pool, siteOf(fleet, pool.site).platform) + 30;
  const cloud = cloudPool(fleet, poolName);
  const around = cloud?.around ?? {};
  const gpu = gpuSetup(fleet, pool, dataPaths(directory).plugins);
  const csi = csiSetup(fleet, poolName);
  const unit = { role: "client", stopSeconds, ...(gpu.check === undefined ? {} : { check: gpu.check }) } as const;
  return assemble(
    fleet,
    pool.site,
    identity,
    [
      file(`${paths.nomadConfig}/steppe.json`, json(clientConfig(fleet, poolName, directory)), "nomad"),
      file(`${paths.units}/nomad.service`, nomadUnit(unit, around), "nomad"),
      file(paths.machineEnv, machineEnv(fleet, identity, directory), "join"),
      ...gpu.files,
      ...csi.files,
      ...(cloud?.files ?? []),
    ],
    {
      hostVolumes: pool.hostVolumes ?? {},
      docker: driversOf(pool).includes("docker"),
      gpu,
      csi,
      around,
      ...(cloud === undefined ? {} : { cloud }),
    },
  );
}

/** What only some machines have. */
interface Extras {
  /** @default {} */
  readonly hostVolumes?: Readonly<Record<string, HostVolume>>;
  /** Jobs may use Docker. @default false */
  readonly docker?: boolean;
  /** @default - no GPUs */
  readonly gpu?: GpuSetup;
  /** @default - no CSI plugins that need anything */
  readonly csi?: CsiSetup;
  /** @default - a server, or on-prem */
  readonly cloud?: CloudPool;
  /** How its units run. @default {} */
  readonly around?: Surroundings;
}

/** Where a site's machines keep data_dir and the tailnet identity. */
export function dataDirectory(fleet: Fleet, siteName: string): string {
  const site = siteOf(fleet, siteName);
  return site.platform === "onprem" ? (site.dataDirectory ?? DEFAULT_DATA_DIRECTORY) : CLOUD_DATA_DIRECTORY;
}

function assemble(
  fleet: Fleet,
  siteName: string,
  identity: MachineIdentity,
  own: readonly BundleFile[],
  extras: Extras = {},
): MachineBundle {
  const data = dataPaths(dataDirectory(fleet, siteName));
  const { ephemeral } = identity;
  const { around } = extras;
  const files = [
    script("nomad-local", nomadLocal),
    script("join", join),
    ...(ephemeral ? [script("leave", leave)] : []),
    script("guard", guard),
    script("gate", gate),
    script("remove", remove),
    file(`${paths.units}/tailscaled.service`, tailscaledUnit(data, around), "tailscaled"),
    file(`${paths.units}/steppe-join.service`, joinUnit({ ephemeral }, around), "none"),
    ...pathFiles(fleet, identity),
    ...own,
  ];
  return { identity, files, script: render(fleet, siteName, identity, files, extras) };
}

/** Only clients forward packets; servers need the rest where they accept routes. */
function pathFiles(fleet: Fleet, identity: MachineIdentity): readonly BundleFile[] {
  const { acceptRoutes, advertisedRoutes } = tailnetPath(fleet, identity);
  return [
    ...(identity.role === "client" || acceptRoutes
      ? [
          { ...script("path", path), concern: "path" as const },
          file(`${paths.units}/steppe-path.service`, pathUnit(), "path"),
        ]
      : []),
    ...(advertisedRoutes.length > 0
      ? [file(`${paths.sysctl}/60-steppe-router.conf`, "net.ipv4.ip_forward = 1\n", "sysctl")]
      : []),
  ];
}

function render(
  fleet: Fleet,
  siteName: string,
  identity: MachineIdentity,
  files: readonly BundleFile[],
  { hostVolumes = {}, docker = false, gpu, csi, cloud }: Extras,
): string {
  const server = identity.role === "server";
  const site = siteOf(fleet, siteName);
  const data = dataPaths(dataDirectory(fleet, siteName));
  const source = site.install ?? { kind: "repository" };
  const parts = [
    "#!/bin/sh",
    `# Machine bundle of fleet ${fleet.name}: ${identity.name}. Rendered by Steppe; changes made on a machine are overwritten.`,
    `role=${identity.role}`,
    `join_method=${identity.join.kind}`,
    `nomad_group=${server ? "nomad" : "root"}`,
    `nomad_version=${fleet.versions?.nomad ?? DEFAULT_NOMAD_VERSION}`,
    `tailscale_version=${fleet.versions?.tailscale ?? DEFAULT_TAILSCALE_VERSION}`,
    prologue,
    ...(gpu?.settings ?? []),
    installStep(fleet, identity, source, [...EVERYTHING, ...(gpu?.programs ?? [])]),
    ...(cloud !== undefined && source.kind === "repository" ? [needCloudTools] : []),
    ...(server && source.kind === "repository"
      ? [...needSnapshotTools(fleet, identity.region), ...needAccessTools(fleet, identity.region)]
      : []),
    checkVersions(EVERYTHING),
    ...(gpu?.driver ?? []),
    ...(csi?.packages ?? []),
    ...(server
      ? [
          "id nomad >/dev/null 2>&1 || useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin nomad",
        ]
      : []),
    `install -d -m 0700 ${data.tailscale} ${paths.settings} ${paths.tls.replace("/tls", "")}`,
    `chmod 0755 ${paths.settings} ${paths.nomadConfig}`,
    `install -d -m 0700 -o ${server ? "nomad" : "root"} -g ${server ? "nomad" : "root"} ${data.nomad}`,
    ...(server ? [`chown -R nomad:nomad ${data.nomad}`] : []),
    ...Object.values(hostVolumes).map((volume) => directoryStep(volume)),
    `printf '%s\\n' "$host" | put 0644 root:root ${paths.hostName} nomad`,
    ...files.map(putStep),
    `cat >"$changed/files" <<'STEPPE_END'\n${files.map(({ path }) => path).join("\n")}\nSTEPPE_END`,
    ...(docker ? [dockerSettings({ nvidia: gpu?.nvidiaRuntime ?? false })] : []),
    removeStale,
    ...(cloud === undefined ? [] : [cloud.fetchSecrets]),
    placeSecrets,
    ...(identity.join.kind === "workload-identity" ? [placeJoinClient] : []),
    "systemctl daemon-reload",
    ...(docker ? [restartDocker] : []),
    ...(cloud === undefined ? [] : [...cloud.beforeLock, activateMetadataLock]),
    ...(gpu?.ready ?? []),
    ...(csi?.ready ?? []),
    activate,
    ...(cloud === undefined ? [] : [activateNotices]),
    ...(server && backupsOf(fleet, identity.region) !== undefined ? [activateSnapshots] : []),
    ...(files.some(({ concern }) => concern === "access") ? [activateAccess] : []),
  ];
  return parts.join("\n");
}

function directoryStep(volume: HostVolume): string {
  const [user, group] = (volume.owner ?? "root:root").split(":");
  return `install -d -m ${volume.mode ?? "0755"} -o ${user} -g ${group} ${volume.path}`;
}

/** The step that brings programs to a machine. */
export function installStep(
  fleet: Fleet,
  identity: MachineIdentity,
  source: InstallSource,
  programs: readonly Program[],
): string {
  switch (source.kind) {
    case "image":
      return installFromImage(programs);
    case "repository":
      return installFromRepository(programs);
    case "mirror": {
      const nomad = `nomad_${fleet.versions?.nomad ?? DEFAULT_NOMAD_VERSION}_linux_${architectureOf(fleet, identity)}.zip`;
      const tailscale = `tailscale_${fleet.versions?.tailscale ?? DEFAULT_TAILSCALE_VERSION}_${architectureOf(fleet, identity)}.tgz`;
      return [
        `mirror=${source.baseUrl}`,
        `nomad_archive=${nomad}`,
        `nomad_sha256=${source.sha256[nomad] ?? ""}`,
        `tailscale_archive=${tailscale}`,
        `tailscale_sha256=${source.sha256[tailscale] ?? ""}`,
        installFromMirror(programs),
      ].join("\n");
    }
  }
}

function architectureOf(fleet: Fleet, identity: MachineIdentity): Architecture {
  if (identity.role === "client") return fleet.pools[identity.pool]?.hardware.architecture ?? "amd64";
  const { servers } = regionOf(fleet, identity.region);
  return "hosts" in servers ? "amd64" : (servers.architecture ?? "amd64");
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
