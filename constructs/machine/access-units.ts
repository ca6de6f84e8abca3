import { ACCESS_HEALTH_PORT } from "../../model/access";
import { ACCESS_PORT } from "./access-ports";
import { paths } from "./paths";
import { ACCESS_ENV } from "./shell/access";

/** Connections that a server forwards at once: what Nomad takes from one address (`limits.http_max_conns_per_client`). */
const MAXIMUM_CONNECTIONS = 100;

const OPENER = "steppe-access.service";

/**
 * Units of external access, by file name. The opener runs after each start of Nomad, and ends with it; sockets and what they
 * started end with the opener. They are named after the address that they listen on, for no other shall be open.
 *
 * Connections pass as they are: TLS and the certificates of both sides are Nomad's.
 *
 * @param networks - of the site. Shape: `["10.3.0.0/16"]`.
 * @param dataDirectory - closed to what answers strangers.
 * @param passthrough - true behind a load balancer that passes packets on as they are.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd-socket-proxyd.html
 */
export function accessUnits(
  networks: readonly string[],
  dataDirectory: string,
  passthrough = false,
): Readonly<Record<string, string>> {
  return {
    [OPENER]: `[Unit]
Description=Open Nomad's API for the load balancer
BindsTo=nomad.service
After=nomad.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=${paths.library}/access ${networks.join(" ")}
${passthrough ? `ExecStopPost=${paths.library}/access-passthrough down\n` : ""}RemainAfterExit=yes
TimeoutStartSec=60
Restart=on-failure
RestartSec=5

[Install]
WantedBy=nomad.service
`,
    "steppe-access-api@.socket": `[Unit]
Description=Nomad's API for the load balancer at %i
PartOf=${OPENER}

[Socket]
ListenStream=%i:${ACCESS_PORT}
KeepAlive=yes
KeepAliveTimeSec=60
`,
    "steppe-access-api@.service": `[Unit]
Description=Forward connections at %i to Nomad
PartOf=${OPENER}
Requires=steppe-access-api@%i.socket
After=steppe-access-api@%i.socket

[Service]
EnvironmentFile=${ACCESS_ENV}
ExecStart=/usr/lib/systemd/systemd-socket-proxyd --connections-max=${MAXIMUM_CONNECTIONS} \${STEPPE_NOMAD_ADDRESS}:4646
DynamicUser=yes
CapabilityBoundingSet=
PrivateDevices=yes
ProtectHome=yes
`,
    // Away when the other is: the load balancer then sends nobody here.
    "steppe-access-health@.socket": `[Unit]
Description=Health of this server for the load balancer at %i
PartOf=${OPENER}
BindsTo=steppe-access-api@%i.socket
After=steppe-access-api@%i.socket

[Socket]
ListenStream=%i:${ACCESS_HEALTH_PORT}
Accept=yes
MaxConnections=32
`,
    "steppe-access-health@.service": `[Unit]
Description=Tell the load balancer how this server is
CollectMode=inactive-or-failed

[Service]
User=nomad
ExecStart=${paths.library}/access-health
StandardInput=socket
StandardOutput=socket
StandardError=journal
RuntimeDirectory=steppe-access
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
RuntimeMaxSec=20
LogLevelMax=notice
CapabilityBoundingSet=
InaccessiblePaths=-${dataDirectory}
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
`,
  };
}
