import { paths } from "../paths";
import { packagesOf, type Program, RECIPES } from "./programs";

/** Head of every bundle: helpers that write files only when they differ and remember what a difference concerns. */
export const prologue = `set -eu
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
[ "$(id -u)" = 0 ] || { echo "steppe: the bundle must run as root" >&2; exit 1; }
host=\${1:?usage: bundle <host name>}
position=\${2:-last}
install -d -m 0700 ${paths.incoming}
exec 9>${paths.runtime}/install.lock
flock -w 300 9 || { echo "steppe: another installation has been running on this machine for 300 s" >&2; exit 1; }
changed=$(mktemp -d ${paths.runtime}/changed.XXXXXX)
trap 'rm -rf "$changed" ${paths.incoming}/secrets' EXIT

# put <mode> <owner> <path> <concern>: standard input becomes the file, if it is not that already
put() {
  temporary=$(mktemp "$changed/file.XXXXXX")
  cat >"$temporary"
  chmod "$1" "$temporary"
  chown "$2" "$temporary"
  install -d -m 0755 "$(dirname "$3")"
  if ! cmp -s "$temporary" "$3" || [ "$(stat -c '%a %U:%G' "$3")" != "$(stat -c '%a %U:%G' "$temporary")" ]; then
    mv "$temporary" "$3.steppe-new"
    mv "$3.steppe-new" "$3"
    : >"$changed/$4"
  fi
  rm -f "$temporary"
}
`;

/** Installs from binaries that a golden image brought; refuses other versions. */
export const installFromImage = (
  programs: readonly Program[],
): string => `for program in ${programs.flatMap((program) => RECIPES[program].commands).join(" ")}; do
  command -v "$program" >/dev/null || {
    echo "steppe: this machine's image has no $program on PATH; add it, or choose another install source" >&2
    exit 1
  }
done
`;

/** Whether a package is there, whatever its revision. */
const installed = `installed() { [ "$(dpkg-query -W -f '\${Version}' "$1" 2>/dev/null | sed 's/-.*//')" = "$2" ]; }
`;

/** Step that brings a package of the distribution, unless its command is there. */
export const packageStep = (command: string, name: string): string =>
  `command -v ${command} >/dev/null || { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ${name}; }`;

/** Defines what brings a package of the distribution, and a vendor's signed repository; its key is checked by fingerprint. */
export const aptFunctions = `need() {
  ${packageStep('"$1"', '"$2"')}
}
repository() { # name, key URL, fingerprint, source line after the options
  keyring="/usr/share/keyrings/$1.gpg"
  if [ ! -s "$keyring" ]; then
    armoured=$(mktemp "$changed/key.XXXXXX")
    curl -fsSL --proto =https --retry 5 --retry-connrefused -o "$armoured" "$2"
    gpg --batch --with-colons --show-keys "$armoured" | grep -q "^fpr:::::::::$3:" || {
      echo "steppe: the key at $2 is not $3; nothing was installed" >&2
      exit 1
    }
    gpg --batch --yes --dearmor -o "$keyring" "$armoured" 2>/dev/null || cp "$armoured" "$keyring"
    chmod 0644 "$keyring"
  fi
  echo "deb [signed-by=$keyring] $4" >"/etc/apt/sources.list.d/$1.list"
}
`;

/** Installs from the vendors' signed package repositories; versions are held. */
export const installFromRepository = (programs: readonly Program[]): string => `${aptFunctions}${installed}if ${programs
  .map((program) => `! installed ${program} "$${RECIPES[program].version}"`)
  .join(" || ")}; then
  need curl curl
  need gpg gpg
  # shellcheck source=/dev/null
  . /etc/os-release
${[...new Set(programs.map((program) => RECIPES[program].repository))].join("\n")}
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends --allow-change-held-packages --allow-downgrades \\
    -o Dpkg::Options::=--force-confold ${programs.flatMap(packagesOf).join(" ")}
  apt-mark hold ${programs.flatMap((program) => RECIPES[program].packages ?? [program]).join(" ")} >/dev/null
${concernsOf(programs)
  .map((concern) => `  : >"$changed/${concern}"`)
  .join("\n")}
fi
`;

function concernsOf(programs: readonly Program[]): readonly string[] {
  return [...new Set(programs.flatMap((program) => RECIPES[program].concern ?? []))];
}

/** Installs archives from the fleet's own mirror, each checked against the SHA-256 sum that the fleet names. */
export const installFromMirror = (
  programs: readonly Program[],
): string => `${programs.includes("nvidia-container-toolkit") ? installed : ""}version_of() { "$1" version 2>/dev/null | head -n 1 | sed 's/[^0-9]*\\([0-9][0-9.]*\\).*/\\1/'; }
take() { # file name, SHA-256
  curl -fsSL --proto =https --retry 5 --retry-connrefused -o "$changed/$1" "$mirror/$1"
  echo "$2  $changed/$1" | sha256sum -c --quiet - || {
    echo "steppe: $mirror/$1 is not the file with SHA-256 $2; nothing was installed" >&2
    exit 1
  }
}
${programs.map((program) => RECIPES[program].fromMirror).join("\n")}
`;

/** Checks what is installed against the fleet's versions. */
export const checkVersions = (programs: readonly ("nomad" | "tailscale")[]): string => `${programs
  .map(
    (program) => `found=$(${program} version | head -n 1 | sed 's/[^0-9]*\\([0-9][0-9.]*\\).*/\\1/')
[ "$found" = "$${program}_version" ] || { echo "steppe: ${program} is $found here, the fleet wants $${program}_version" >&2; exit 1; }`,
  )
  .join("\n")}
`;

/** Defines `secret <name>`: content of one secret of a delivery on standard output. */
export const secretReader = `secret() { # name: content on standard output
  sed -n "s/^$1 //p" ${paths.incoming}/secrets | base64 -d
}
`;

/** Puts the secrets delivered beside the bundle where they belong. Without a delivery, what is there stays. */
export const placeSecrets = `${secretReader}if [ -s ${paths.incoming}/secrets ]; then
  secret ca.pem | put 0644 root:root ${paths.tls}/ca.pem tls
  secret cert.pem | put 0644 root:root ${paths.tls}/cert.pem tls
  secret key.pem | put 0640 "root:$nomad_group" ${paths.tls}/key.pem tls
  if [ "$role" = server ]; then
    secret management.token | put 0600 root:root ${paths.managementToken} nomad
    printf '{"server":{"encrypt":"%s"},"acl":{"replication_token":"%s"}}\\n' "$(secret gossip.key)" "$(secret management.token)" |
      put 0640 "root:$nomad_group" ${paths.nomadConfig}/secrets.json nomad
    if grep -q '^snapshot.key ' ${paths.incoming}/secrets; then
      secret snapshot.key | put 0600 root:root ${paths.snapshotKey} none
    else
      rm -f ${paths.snapshotKey}
    fi
  fi
  if [ "$join_method" != workload-identity ]; then
    secret tailnet.key | put 0600 root:root ${paths.authKey} none
  fi
  rm -f ${paths.incoming}/secrets
fi
for needed in ${paths.tls}/ca.pem ${paths.tls}/cert.pem ${paths.tls}/key.pem; do
  [ -s "$needed" ] || { echo "steppe: $needed is missing: no secrets were delivered to this machine" >&2; exit 1; }
done
`;

/**
 * Takes from the environment as which client of the tailnet the machine joins by workload identity. The provider makes
 * these names together with the machine, so that no bundle can hold them; they are no secrets.
 */
export const placeJoinClient = `if [ -n "\${STEPPE_CLIENT_ID:-}" ]; then
  case "$STEPPE_CLIENT_ID\${STEPPE_AUDIENCE:-}" in
  *[!A-Za-z0-9._:/-]*)
    echo "steppe: STEPPE_CLIENT_ID or STEPPE_AUDIENCE holds a character that is in neither" >&2
    exit 1
    ;;
  esac
  printf "STEPPE_CLIENT_ID='%s'\\nSTEPPE_AUDIENCE='%s'\\n" "$STEPPE_CLIENT_ID" "\${STEPPE_AUDIENCE:?}" |
    put 0644 root:root ${paths.joinClient} none
fi
[ -s ${paths.joinClient} ] || {
  echo "steppe: machines of this kind join by workload identity: run the bundle with STEPPE_CLIENT_ID and STEPPE_AUDIENCE in its environment" >&2
  exit 1
}
`;

/** Removes files that an older bundle put here and this one no longer has; their units are stopped first. */
export const removeStale = `[ -e ${paths.files} ] || : >${paths.files}
while read -r old; do
  if ! grep -qxF "$old" "$changed/files"; then
    case "$old" in
    ${paths.units}/*) systemctl disable --quiet --now "$(basename "$old")" 2>/dev/null || true ;;
    esac
    rm -f "$old"
  fi
done <${paths.files}
put 0644 root:root ${paths.files} none <"$changed/files"
`;

/** Starts what changed, in order, and waits until this machine does its part. */
export const activate = `systemctl enable --quiet tailscaled.service steppe-join.service nomad.service
if [ -e "$changed/tailscaled" ]; then
  systemctl restart tailscaled.service
else
  systemctl start tailscaled.service
fi
if [ -e "$changed/sysctl" ]; then
  systemctl restart systemd-sysctl.service
fi
if [ -e ${paths.units}/steppe-path.service ]; then
  systemctl enable --quiet steppe-path.service
  if [ -e "$changed/join" ] || [ -e "$changed/path" ] || ! systemctl is-active --quiet steppe-path.service; then
    systemctl restart steppe-path.service || journalctl -u steppe-path.service -n 3 --no-pager -o cat >&2
  fi
fi
if [ -e "$changed/join" ] || [ -s ${paths.authKey} ] || ! systemctl is-active --quiet steppe-join.service; then
  systemctl restart steppe-join.service || {
    journalctl -u steppe-join.service -n 5 --no-pager -o cat >&2
    exit 1
  }
fi
if [ "$role" = server ]; then
  had_leader=$(${paths.library}/gate leader 2>/dev/null || true)
  systemctl enable --quiet steppe-tend.timer
fi
if [ -e "$changed/nomad" ] || [ -e "$changed/tailscaled" ]; then
  if [ "$role" = server ] && systemctl is-active --quiet nomad.service; then
    ${paths.library}/gate before-restart
  fi
  systemctl restart nomad.service
elif [ -e "$changed/tls" ] && systemctl is-active --quiet nomad.service; then
  systemctl reload nomad.service
else
  systemctl start nomad.service
fi
if [ "$role" = server ]; then
  systemctl start steppe-tend.timer
  if [ -e ${paths.units}/steppe-acl-bootstrap.service ]; then
    systemctl enable --quiet steppe-acl-bootstrap.service
    systemctl start --no-block steppe-acl-bootstrap.service
  fi
  if [ -n "$had_leader" ]; then
    ${paths.library}/gate voter
  elif [ "$position" = last ]; then
    ${paths.library}/gate formed
  fi
fi
systemctl is-active --quiet nomad.service || {
  echo "steppe: nomad is not running on $host; see: journalctl -u nomad" >&2
  exit 1
}
echo "steppe: $role $host is up"
`;

/**
 * Takes a machine out of the fleet: a client drains itself as Nomad stops, a server leaves its quorum only when the region
 * can spare it. Data stays unless told otherwise.
 */
export const remove = `#!/bin/sh
set -eu
# shellcheck source=/dev/null
. ${paths.machineEnv}
keep_data=\${1:?usage: remove keep-data|delete-data}
host=$(cat ${paths.hostName})
others() { # nomad arguments: asked of the first other server of the region that does it
  for server in $(printf '%s' "$STEPPE_SERVERS" | tr ',' ' '); do
    case "$server" in
    "$host".*) continue ;;
    esac
    if NOMAD_ADDR="https://$server:4646" ${paths.library}/nomad-local "$@"; then
      return 0
    fi
  done
  return 1
}
if [ "$STEPPE_ROLE" = server ] && systemctl is-active --quiet nomad.service; then
  ${paths.library}/gate before-remove
  # Out of the Raft configuration first: then the region's quorum is that of the servers which stay.
  peer=$(${paths.library}/gate peer-id || true)
  if [ -n "$peer" ] && ! others operator raft remove-peer -peer-id="$peer"; then
    echo "steppe: no other server took $host out of the Raft configuration; going on, for it may be the last" >&2
  fi
fi
systemctl disable --quiet --now steppe-tend.timer steppe-acl-bootstrap.service 2>/dev/null || true
systemctl disable --quiet --now steppe-snapshot.timer 2>/dev/null || true
systemctl disable --quiet nomad.service
systemctl stop nomad.service
if [ "$STEPPE_ROLE" = server ]; then
  others server force-leave -prune "$host.$STEPPE_REGION" || true
fi
tailscale logout || true
systemctl disable --quiet --now steppe-path.service 2>/dev/null || true
systemctl disable --quiet --now steppe-join.service tailscaled.service
rm -rf ${paths.nomadConfig} ${paths.settings} ${paths.units}/nomad.service ${paths.units}/steppe-*.service ${paths.units}/steppe-*.timer ${paths.sysctl}/60-steppe-*.conf
if [ "$keep_data" = delete-data ]; then
  # The fleet's data said so: retired { keepData: false }.
  rm -rf "$STEPPE_DATA/nomad" "$STEPPE_DATA/tailscale"
fi
systemctl daemon-reload
echo "steppe: $host has left the fleet"
rm -rf ${paths.library}
`;
