import { paths } from "../paths";

/** Settings of a region's snapshots: shell assignments, no secret among them. */
export const SNAPSHOT_ENV = `${paths.settings}/snapshot.env`;

/** The step that a store brings: \`snapshot-store <file> <name>\` puts a file there whole, or fails. */
export const SNAPSHOT_STORE = `${paths.library}/snapshot-store`;

/** Head of every store: its arguments, and what the machine and its snapshots are. */
export const storeHead = `set -eu
file=\${1:?usage: snapshot-store <file> <name>}
name=\${2:?usage: snapshot-store <file> <name>}
# shellcheck source=/dev/null
. ${paths.machineEnv}
# shellcheck source=/dev/null
. ${SNAPSHOT_ENV}
`;

/**
 * Takes a snapshot of the region's state and puts it into its store as \`<fleet>/<region>/<UTC time>-<Raft index>.snap\`. The
 * leader alone does; every other server looks who leads and ends.
 *
 * The operator's token that servers hold anyway (they replicate with it) goes to nomad by its environment. A token that
 * may save snapshots and no more exists since Nomad 1.11.3; it would lie beside the other.
 *
 * A snapshot counts only once Nomad has read it again, with its checksums.
 *
 * @see https://developer.hashicorp.com/nomad/commands/operator/snapshot/save
 */
export const snapshot = `#!/bin/sh
set -eu
# shellcheck source=/dev/null
. ${paths.machineEnv}
nomad_local=${paths.library}/nomad-local
fail() {
  echo "steppe snapshot: no snapshot was written: $1" >&2
  exit 1
}
umask 077
exec 9>${paths.runtime}/snapshot.lock
flock -n 9 || fail "another one is being taken on this machine"

own=$(sed -n 's/.*"bind_addr": "\\([0-9.]*\\)".*/\\1/p' ${paths.runtimeConfig})
[ -n "$own" ] || fail "${paths.runtimeConfig} names no address of this machine"
begun=$(date +%s)
leader=
until [ -n "$leader" ]; do
  leader=$($nomad_local operator api /v1/status/leader 2>/dev/null | tr -cd '0-9.:' || true)
  if [ -z "$leader" ]; then
    [ $(($(date +%s) - begun)) -lt "\${STEPPE_LEADER_SECONDS:-60}" ] || fail "region $STEPPE_REGION has no leader"
    sleep 1
  fi
done
if [ "$leader" != "$own:4647" ]; then
  echo "steppe snapshot: $leader leads, which takes the snapshots"
  exit 0
fi

# What a run that was cut off left behind.
rm -rf "$STEPPE_DATA"/nomad/steppe-snapshot.??????
work=$(mktemp -d "$STEPPE_DATA/nomad/steppe-snapshot.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
said=$(STEPPE_TIMEOUT_SECONDS=600 $nomad_local operator snapshot save "$work/state" 2>&1 >/dev/null) ||
  fail "nomad could not save it: $said"
inspected=$(STEPPE_TIMEOUT_SECONDS=600 $nomad_local operator snapshot inspect -json "$work/state" 2>&1) ||
  fail "nomad cannot read what it saved: $inspected"
index=$(printf '%s\\n' "$inspected" | sed -n 's/^ *"Index": \\([0-9][0-9]*\\),*$/\\1/p' | head -n 1)
[ -n "$index" ] || fail "nomad names no Raft index in what it saved"
name="$(date -u +%Y%m%dT%H%M%SZ)-$index.snap"
${SNAPSHOT_STORE} "$work/state" "$name" || fail "see above"
echo "steppe snapshot: wrote $STEPPE_FLEET/$STEPPE_REGION/$name, $(wc -c <"$work/state") bytes"
`;
