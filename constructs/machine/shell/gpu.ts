import { aptFunctions } from "./install";

/** How long a machine waits until its GPUs answer, seconds: the first question loads the driver's modules. */
const GPU_SECONDS = 60;

/**
 * Checks that the machine's GPUs are those that the fleet says: \`gpu-check <count> <model> [start]\`. What the driver calls
 * them is what Nomad's device plugin reports, and what jobs ask for.
 *
 * With \`start\`, as Nomad starts again, a machine that has lost a GPU goes on with the others: the plugin reports what
 * there is.
 *
 * @see https://docs.nvidia.com/deploy/nvidia-smi/index.html
 */
export const gpuCheck = `#!/bin/sh
set -eu
count=\${1:?usage: gpu-check <count> <model> [start]}
model=\${2:?usage: gpu-check <count> <model> [start]}
limit=\${STEPPE_GPU_SECONDS:-${GPU_SECONDS}}
fail() {
  echo "steppe: $1" >&2
  exit 1
}
command -v nvidia-smi >/dev/null ||
  fail "this machine has no driver for its GPUs: nvidia-smi is not on PATH. Use an image that brings it, or set gpuDriver { kind: \\"repository\\" } for the pool"
begun=$(date +%s)
until found=$(timeout 30 nvidia-smi --query-gpu=name --format=csv,noheader 2>&1); do
  [ $(($(date +%s) - begun)) -lt "$limit" ] ||
    fail "the driver of this machine's GPUs does not answer: $(printf '%s\\n' "$found" | head -n 1). After a change of driver or kernel the machine must be booted once"
  modprobe nvidia 2>/dev/null || true
  sleep 2
done
total=$(printf '%s\\n' "$found" | grep -c . || true)
like=$(printf '%s\\n' "$found" | grep -cxF "$model" || true)
if [ "$total" = "$count" ] && [ "$like" = "$count" ]; then
  exit 0
fi
said="this machine's GPUs are $(printf '%s\\n' "$found" | sort | uniq -c | sed 's/^ *\\([0-9]*\\) /\\1 x /' | paste -s -d , -), the fleet says $count x $model"
if [ "\${3:-}" != start ] || [ "$like" = 0 ] || [ "$like" != "$total" ]; then
  fail "$said"
fi
echo "steppe: $said; going on with what there is" >&2
`;

/** The key that signs NVIDIA's repository of a distribution. */
const DRIVER_KEYS = {
  "3bf863cc": { fingerprint: "EB693B3035CD5710E231E123A4B469963BF863CC", of: ["debian12", "ubuntu2204", "ubuntu2404"] },
  "8793F200": { fingerprint: "02182E60104FCDC26EAE1B8597A5D4CB8793F200", of: ["debian13"] },
} as const;

/**
 * Installs NVIDIA's driver from its signed repository, with open kernel modules, and keeps to a branch by the package
 * that NVIDIA makes for it. A driver of that branch that answers is left alone. Nothing is booted: where an older driver
 * is loaded, the check that follows says so.
 *
 * @param branch - for example 580.
 * @param hasApt - the script defines {@link aptFunctions} already.
 * @see https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/kernel-modules.html
 * @see https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/version-locking.html
 */
export const gpuDriverFromRepository = (
  branch: number,
  hasApt: boolean,
): string => `${hasApt ? "" : aptFunctions}driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null | sed -n '1s/\\..*//p') || true
if [ "$driver" != ${branch} ]; then
  need curl curl
  need gpg gpg
  # shellcheck source=/dev/null
  . /etc/os-release
  distribution=$ID$(printf '%s' "$VERSION_ID" | tr -d .)
  case "$distribution" in
${Object.entries(DRIVER_KEYS)
  .map(
    ([file, { fingerprint, of }]) => `  ${of.join(" | ")})
    driver_key=${file}
    fingerprint=${fingerprint}
    ;;`,
  )
  .join("\n")}
  *)
    echo "steppe: Steppe knows no key of NVIDIA's repository for $distribution: use an image that brings the driver" >&2
    exit 1
    ;;
  esac
  case "$(uname -m)" in
  aarch64) base=https://developer.download.nvidia.com/compute/cuda/repos/$distribution/sbsa ;;
  *) base=https://developer.download.nvidia.com/compute/cuda/repos/$distribution/x86_64 ;;
  esac
  repository nvidia-driver "$base/$driver_key.pub" "$fingerprint" "$base/ /"
  if [ "$ID" = debian ]; then
    # What NVIDIA's packages for Debian stand on is in contrib.
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] https://deb.debian.org/debian $VERSION_CODENAME contrib" >/etc/apt/sources.list.d/steppe-contrib.list
  fi
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "linux-headers-$(uname -r)" || {
    echo "steppe: there are no headers of the running kernel $(uname -r), which the driver is built for: use a newer image, or boot the newest kernel" >&2
    exit 1
  }
  # The branch first: it decides which driver comes.
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends nvidia-driver-pinning-${branch}
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends --allow-downgrades nvidia-open
  modprobe -r nouveau 2>/dev/null || true
  : >"$changed/nomad"
fi
`;

/** Puts a device plugin from PATH where Nomad looks for it. @param directory - Nomad's `plugin_dir`. */
export const placeDevicePlugin = (
  plugin: string,
  directory: string,
): string => `device_plugin=$(command -v ${plugin}) || {
  echo "steppe: this machine's image has no ${plugin} on PATH, the device plugin of its pool" >&2
  exit 1
}
install -d -m 0755 ${directory}
if ! cmp -s "$device_plugin" ${directory}/${plugin}; then
  install -m 0755 "$device_plugin" ${directory}/${plugin}
  : >"$changed/nomad"
fi
`;
