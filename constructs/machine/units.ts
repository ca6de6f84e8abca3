import { paths, type DataPaths } from "./paths";

/** What units have in common on machines of some sites. */
export interface Surroundings {
  /** Slice that they run in. @default - systemd's own */
  readonly slice?: string;
  /** Directory that is a volume of its own: without it they do not start. @default - none */
  readonly volume?: string;
  /** Unit without which no task may run. @default - none */
  readonly lock?: string;
  /** Unit that stops only after Nomad has. @default - none */
  readonly after?: string;
}

/** How Nomad starts and stops. */
export interface NomadUnitOptions {
  readonly role: "server" | "client";
  readonly stopSeconds: number;
  /** Further command without whose success it does not start. @default - none */
  readonly check?: string;
}

const needs = ({ volume }: Surroundings): string => (volume === undefined ? "" : `RequiresMountsFor=${volume}\n`);
const place = ({ slice }: Surroundings): string => (slice === undefined ? "" : `Slice=${slice}\n`);

/**
 * Unit of tailscaled. It wants Nomad, so that starting it (also after a crash) brings Nomad back. Names without a
 * directory are looked up by systemd: the vendor's package and a golden image differ in it.
 */
export function tailscaledUnit(data: DataPaths, around: Surroundings = {}): string {
  return `[Unit]
Description=Tailscale node agent
Documentation=https://tailscale.com/kb/
Wants=network-pre.target nomad.service
After=network-pre.target NetworkManager.service systemd-resolved.service
${needs(around)}StartLimitIntervalSec=0

[Service]
Type=notify
${place(around)}ExecStart=tailscaled --state=${data.tailscale}/tailscaled.state --statedir=${data.tailscale} --socket=/run/tailscale/tailscaled.sock --port=41641 --tun=tailscale0
ExecStopPost=tailscaled --cleanup
Restart=always
RestartSec=1
RuntimeDirectory=tailscale
RuntimeDirectoryMode=0755

[Install]
WantedBy=multi-user.target
`;
}

/**
 * Unit that joins the tailnet at every boot; does nothing on a machine that is in it. Ephemeral machines leave it when they
 * are switched off, after Nomad has stopped.
 */
export function joinUnit({ ephemeral }: { readonly ephemeral: boolean }, around: Surroundings = {}): string {
  // Each login with an OAuth client or a workload identity makes a key, so a refused one is not tried again at once.
  return `[Unit]
Description=Join the tailnet
Requires=tailscaled.service
After=tailscaled.service network-online.target
Wants=network-online.target

[Service]
Type=oneshot
${place(around)}ExecStart=${paths.library}/join
${ephemeral ? `ExecStopPost=${paths.library}/leave\n` : ""}RemainAfterExit=yes
TimeoutStartSec=120
Restart=on-failure
RestartSec=30

[Install]
WantedBy=multi-user.target
`;
}

/** Unit that cares for the path of packets while tailscaled runs, from before the first route is accepted. */
export function pathUnit(): string {
  return `[Unit]
Description=Path of packets through the tailnet
PartOf=tailscaled.service
After=tailscaled.service
Before=steppe-join.service nomad.service

[Service]
Type=oneshot
ExecStart=${paths.library}/path up
ExecStop=${paths.library}/path down
RemainAfterExit=yes

[Install]
WantedBy=tailscaled.service
`;
}

/**
 * Unit of the Nomad agent. The guard decides at every start whether there is a tailnet to listen on. Stopping or
 * restarting tailscaled does the same to Nomad (PartOf).
 *
 * It reads the bundle's files by name, for the vendor's package puts one of its own beside them that makes every machine a
 * server and a client on all addresses.
 */
export function nomadUnit(options: NomadUnitOptions, around: Surroundings = {}): string {
  const { lock, after } = around;
  const isServer = options.role === "server";
  const configs = [
    `${paths.nomadConfig}/steppe.json`,
    ...(isServer ? [`${paths.nomadConfig}/secrets.json`] : []),
    paths.runtimeConfig,
  ];
  return `[Unit]
Description=Nomad agent
Documentation=https://developer.hashicorp.com/nomad/docs
PartOf=tailscaled.service
After=tailscaled.service steppe-join.service network-online.target
Wants=network-online.target
${after === undefined ? "" : `After=${after}\n`}${lock === undefined ? "" : `Requires=${lock}\nAfter=${lock}\n`}${needs(around)}StartLimitIntervalSec=0

[Service]
Type=notify
${place(around)}User=${isServer ? "nomad" : "root"}
ExecStartPre=+${paths.library}/guard
${options.check === undefined ? "" : `ExecStartPre=+${options.check}\n`}ExecStart=nomad agent ${configs.map((path) => `-config=${path}`).join(" ")}
ExecReload=/bin/kill -HUP $MAINPID
KillMode=process
KillSignal=SIGINT
TimeoutStartSec=120
TimeoutStopSec=${options.stopSeconds}
Restart=always
RestartSec=2
LimitNOFILE=65536
LimitNPROC=infinity
TasksMax=infinity
OOMScoreAdjust=-1000

[Install]
WantedBy=multi-user.target
`;
}

/** Tends the region, again and again: joins regions that the local gossip does not know, readmits clients that are back. */
export function tendUnits(): { readonly service: string; readonly timer: string } {
  return {
    service: `[Unit]
Description=Keep Nomad regions federated and clients that are back eligible
After=nomad.service
Requisite=nomad.service

[Service]
Type=oneshot
ExecStart=${paths.library}/federate
ExecStart=${paths.library}/readmit
TimeoutStartSec=60
`,
    timer: `[Unit]
Description=Tend the Nomad region
PartOf=nomad.service

[Timer]
OnActiveSec=2
OnUnitInactiveSec=5
AccuracySec=1

[Install]
WantedBy=nomad.service
`,
  };
}

/**
 * Takes snapshots of the region's state. All servers wake at the same time by the clock, so that a change of leader costs no
 * snapshot; the one that leads then takes it.
 *
 * @param options - `everyMinutes` divides an hour or a day.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.time.html#Calendar%20Events
 */
export function snapshotUnits(
  { everyMinutes }: { readonly everyMinutes: number },
  around: Surroundings,
): { readonly service: string; readonly timer: string } {
  const hours = everyMinutes / 60;
  const calendar = hours < 1 ? `*:00/${everyMinutes}` : hours < 24 ? `00/${hours}:00` : "00:00";
  return {
    service: `[Unit]
Description=Snapshot of the Nomad region's state, where this server leads
After=nomad.service
Requisite=nomad.service
${needs(around)}
[Service]
Type=oneshot
ExecStart=${paths.library}/snapshot
TimeoutStartSec=1800
UMask=0077
PrivateTmp=yes
Nice=5
`,
    timer: `[Unit]
Description=Snapshots of the Nomad region's state
PartOf=nomad.service

[Timer]
OnCalendar=*-*-* ${calendar}:00 UTC
Persistent=yes
AccuracySec=1

[Install]
WantedBy=nomad.service
`,
  };
}

/** Bootstraps ACLs with the operator's token, once for all regions, on the authoritative region's servers. */
export function aclBootstrapUnit(): string {
  return `[Unit]
Description=Bootstrap Nomad ACLs
After=nomad.service
Wants=nomad.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=${paths.library}/acl-bootstrap
RemainAfterExit=yes
TimeoutStartSec=900
Restart=on-failure
RestartSec=10

[Install]
WantedBy=multi-user.target
`;
}

/** Keeps tasks from the metadata service while Nomad runs. Stopped, it stops Nomad. */
export function metadataLockUnit(around: Surroundings): string {
  return `[Unit]
Description=Keep tasks away from the machine's metadata service
Before=nomad.service

[Service]
Type=oneshot
${place(around)}ExecStart=${paths.library}/metadata-lock up
ExecStop=${paths.library}/metadata-lock down
RemainAfterExit=yes

[Install]
WantedBy=multi-user.target
`;
}

/** Watches for a cloud taking the machine back. */
export function noticesUnit(
  { cloud, command }: { readonly cloud: string; readonly command: string },
  around: Surroundings,
): string {
  return `[Unit]
Description=Drain this machine when ${cloud} takes it back
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
${place(around)}ExecStart=${command}
Restart=always
RestartSec=10
CPUQuota=20%

[Install]
WantedBy=multi-user.target
`;
}
