import { storeHead } from "./snapshot";

/**
 * Store that is a directory of the machine, often a mount: \`snapshot-store <file> <name>\`. Deletes what is older than the
 * region keeps, but never the newest, and nothing that Steppe did not name.
 */
export const snapshotDirectory = `#!/bin/sh
${storeHead}fail() {
  echo "steppe snapshot: $1" >&2
  exit 1
}
umask 077
[ -d "$STEPPE_SNAPSHOT_DIRECTORY" ] ||
  fail "there is no directory $STEPPE_SNAPSHOT_DIRECTORY on this machine: is it mounted?"
store="$STEPPE_SNAPSHOT_DIRECTORY/$STEPPE_FLEET/$STEPPE_REGION"
mkdir -p "$store"
[ ! -e "$store/$name" ] || fail "$store/$name is there already"
partial="$store/.$name.partial"
trap 'rm -f "$partial"' EXIT
trap 'exit 1' HUP INT TERM
cp "$file" "$partial" || fail "$store cannot be written to"
sync "$partial"
cmp -s "$file" "$partial" || fail "$store does not hold what was written to it"
mv "$partial" "$store/$name"

# Names sort by time. The newest stays whatever its age.
pattern='[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z-[0-9]*.snap'
newest=$(find "$store" -maxdepth 1 -type f -name "$pattern" -exec basename {} \\; | sort | tail -n 1)
find "$store" -maxdepth 1 -type f -name "$pattern" ! -name "$newest" -mmin "+$((STEPPE_SNAPSHOT_KEEP_DAYS * 1440))" -exec rm -f {} +
find "$store" -maxdepth 1 -type f -name ".$pattern.partial" -mmin +1440 -exec rm -f {} +
`;
