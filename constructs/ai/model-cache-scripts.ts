/**
 * Scripts of a model cache, for Debian's shell and tools. The cache is Hugging Face's: `hub/models--<owner>--<name>` holds a model's
 * files by their sum (`blobs`) and its revisions as links to them (`snapshots`).
 *
 * @see https://huggingface.co/docs/huggingface_hub/guides/manage-cache
 */

/**
 * Fetches models, one after the other. `local/models` has a line for each: repository, revision, and patterns of files, if not all.
 * What is there already is not fetched again; what was cut off goes on.
 */
export const PREWARM = `#!/bin/sh
set -euf
hub="$HF_HOME/hub"
mkdir -p "$hub"
command -v hf >/dev/null || {
  echo "installing huggingface_hub $HUB_VERSION"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore "huggingface_hub==$HUB_VERSION"
}
failed=0
while read -r repository revision patterns; do
  [ -n "$repository" ] || continue
  folder="$hub/models--$(printf '%s' "$repository" | sed 's|/|--|g')"
  # Patterns are the hub's, not the shell's (set -f).
  set -- download "$repository" --revision "$revision" --quiet
  for pattern in $patterns; do set -- "$@" --include "$pattern"; done
  begun=$(date +%s)
  if hf "$@" </dev/null >/dev/null; then
    echo "$repository@$revision is in the cache: $(du -sm "$folder" | cut -f1) MiB, $(($(date +%s) - begun)) s"
  else
    echo "could not fetch $repository@$revision" >&2
    failed=$((failed + 1))
  fi
done <"$NOMAD_TASK_DIR/models"
[ "$failed" -eq 0 ]
`;

/**
 * Deletes models that nobody used for `MAX_AGE_DAYS`, and then the least recently used until the cache has at most `MAX_MIB`.
 * Never one of `local/models`, never one that was used in the last `GRACE_HOURS`, never one that is being fetched.
 *
 * Use is the newest time at which a file was read or written. File systems with `relatime` keep it to the day.
 */
export const EVICT = `#!/bin/sh
set -eu
hub="$HF_HOME/hub"
[ -d "$hub" ] || { echo "the cache is empty"; exit 0; }
cd "$hub"
exec 9>.steppe-evict.lock
flock -n 9 || { echo "another eviction is at work"; exit 0; }
rm -rf .evicted-*
now=$(date +%s)

size_of() { du -sm -- "$1" | cut -f1; }
# Newest time of use of any file, seconds since 1970. Folders do not count: looking at them is use of theirs.
used_at() { find "$1" -type f -printf '%A@\\n%T@\\n' | cut -d. -f1 | sort -n | tail -n 1; }
is_pinned() {
  while read -r repository _; do
    [ "models--$(printf '%s' "$repository" | sed 's|/|--|g')" = "$1" ] && return 0
  done <"$NOMAD_TASK_DIR/models"
  return 1
}
is_being_fetched() {
  [ -d ".locks/$1" ] || return 1
  for lock in ".locks/$1"/*.lock; do
    [ -e "$lock" ] || continue
    flock -n "$lock" true || return 0
  done
  return 1
}
evict() { # folder, why
  if is_being_fetched "$1"; then
    echo "kept $1: it is being fetched"
    return 0
  fi
  size=$(size_of "$1")
  # Out of sight at once; a reader keeps what it has open.
  mv -- "$1" ".evicted-$1"
  rm -rf -- ".evicted-$1" ".locks/$1"
  total=$((total - size))
  echo "evicted $1: $size MiB, $2"
}

list=$(mktemp)
trap 'rm -f "$list"' EXIT
total=0
for folder in models--*; do
  [ -d "$folder" ] || continue
  total=$((total + $(size_of "$folder")))
  is_pinned "$folder" && continue
  used=$(used_at "$folder")
  idle=$((now - \${used:-0}))
  [ "$idle" -ge "$((GRACE_HOURS * 3600))" ] || continue
  printf '%s %s\\n' "$idle" "$folder" >>"$list"
done
sort -rn -o "$list" "$list"
while read -r idle folder; do
  if [ "$idle" -ge "$((MAX_AGE_DAYS * 86400))" ]; then evict "$folder" "unused for $((idle / 86400)) days"
  elif [ "$MAX_MIB" -gt 0 ] && [ "$total" -gt "$MAX_MIB" ]; then evict "$folder" "least recently used, to make room"
  fi
done <"$list"
echo "the cache has $total MiB"
[ "$MAX_MIB" -eq 0 ] || [ "$total" -le "$MAX_MIB" ] || {
  echo "the cache has more than $MAX_MIB MiB, all of it named in the fleet, in use or just used" >&2
  exit 1
}
`;
