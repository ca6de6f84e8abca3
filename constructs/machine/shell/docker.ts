import { paths } from "../paths";

/** Largest packet that the tailnet carries, bytes. */
const TAILNET_MTU = 1280;

const SETTINGS = "/etc/docker/daemon.json";

/**
 * Lets Docker's bridges send packets that fit into the tailnet, and containers use NVIDIA's GPUs where there are some. A
 * file that the machine's image brought is never overwritten: it may hold what Steppe knows nothing of, so it is only read,
 * and what it lacks is said. Larger packets are no reason to stop: the kernel tells containers of the smaller size, and
 * forwarded TCP is clamped. Without the runtime for GPUs every job that uses one would fail.
 *
 * Networks of one's own have their option since Docker 24; an older one does not start with a setting that it does not know.
 *
 * @param nvidia - the machine has GPUs that Steppe sets up.
 * @see https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file
 */
export const dockerSettings = ({
  nvidia,
}: {
  readonly nvidia: boolean;
}): string => `if ! command -v dockerd >/dev/null; then
  echo "steppe: the pool's driver docker is not on this machine: its image must bring Docker" >&2
elif [ ! -e ${SETTINGS} ] || grep -qxF ${SETTINGS} ${paths.files} 2>/dev/null; then
  docker_major=$(dockerd --version | sed -n 's/.*version \\([0-9]*\\).*/\\1/p')
  if [ "\${docker_major:-0}" -ge 24 ]; then
    put 0644 root:root ${SETTINGS} docker <<'STEPPE_END'
${settings(nvidia, { "default-network-opts": { bridge: { "com.docker.network.driver.mtu": String(TAILNET_MTU) } } })}
STEPPE_END
  else
    put 0644 root:root ${SETTINGS} docker <<'STEPPE_END'
${settings(nvidia)}
STEPPE_END
  fi
  echo ${SETTINGS} >>"$changed/files"
else
  docker_mtu=$(sed -n 's/.*"mtu"[^0-9]*\\([0-9][0-9]*\\).*/\\1/p' ${SETTINGS} | head -n 1)
  if [ "\${docker_mtu:-1500}" -gt ${TAILNET_MTU} ]; then
    echo "steppe: ${SETTINGS} is not Steppe's and was left as it is; its bridges send packets of \${docker_mtu:-1500} bytes, the tailnet carries ${TAILNET_MTU}: add \\"mtu\\": ${TAILNET_MTU} to it and restart docker" >&2
  fi
${nvidia ? needNvidiaRuntime : ""}fi
`;

const needNvidiaRuntime = `  grep -q nvidia-container-runtime ${SETTINGS} || {
    echo "steppe: ${SETTINGS} is not Steppe's, and has no runtime for GPUs: run nvidia-ctk runtime configure --runtime=docker, and restart docker" >&2
    exit 1
  }
`;

/** @param more - what only newer versions of Docker know. */
function settings(nvidia: boolean, more: Readonly<Record<string, unknown>> = {}): string {
  const runtimes = { nvidia: { path: "nvidia-container-runtime", args: [] } };
  return JSON.stringify({ mtu: TAILNET_MTU, ...more, ...(nvidia ? { runtimes } : {}) }, null, 2);
}

/** Docker reads its settings at its start only. Nomad goes first and drains this machine, so that no job is torn off. */
export const restartDocker = `if [ -e "$changed/docker" ] && systemctl is-active --quiet docker.service; then
  systemctl stop nomad.service
  systemctl restart docker.service
  : >"$changed/nomad"
fi
`;
