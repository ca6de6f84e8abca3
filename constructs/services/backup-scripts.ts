/**
 * Scripts of backup and restore jobs, for any POSIX shell. A backup is written under a temporary name, checked, and then named:
 * what has a name is whole. Beside it lies its SHA-256.
 *
 * Environment: `BACKUPS` (directory), `NAME` (of the database), `KEEP_DAYS`, `KEEP_LEAST`; what the engine's part needs.
 */

const HEAD = `#!/bin/sh
set -eu
umask 077
fail() { echo "$1" >&2; exit 1; }
`;

/** Wraps what an engine writes: `dump <file>` makes a backup, `check <file>` fails where it is not whole. */
export function backupScript(engine: string, extension: string): string {
  return `${HEAD}${engine}
mkdir -p "$BACKUPS/$NAME"
cd "$BACKUPS/$NAME"
# One at a time: a slow backup outlives the time of the next one.
exec 9>.lock
flock -n 9 || fail "another backup of $NAME is at work"
rm -f .partial-*
partial=".partial-$$"
trap 'rm -f "$partial" "$partial.sha256"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
begun=$(date +%s)
dump "$partial"
check "$partial" || fail "the backup of $NAME is not whole: it was thrown away"
final="$NAME-$(date -u +%Y%m%dT%H%M%SZ).${extension}"
sum=$(sha256sum "$partial" | cut -d' ' -f1)
printf '%s  %s\\n' "$sum" "$final" >"$partial.sha256"
sync "$partial" "$partial.sha256"
mv "$partial.sha256" "$final.sha256"
mv "$partial" "$final"
sync .
echo "wrote $NAME/$final: $(wc -c <"$final") bytes in $(($(date +%s) - begun)) s"
kept=0
for old in $(ls -1r "$NAME"-*.${extension} 2>/dev/null); do
  kept=$((kept + 1))
  [ "$kept" -gt "$KEEP_LEAST" ] || continue
  [ -n "$(find "$old" -mtime "+$((KEEP_DAYS - 1))")" ] || continue
  rm -f "$old" "$old.sha256"
  echo "deleted $NAME/$old: older than $KEEP_DAYS days"
done
`;
}

/**
 * Wraps what an engine reads: `restore <file>`. `NOMAD_META_backup` names a file of the database's directory, or is `latest`;
 * `NOMAD_META_database` repeats the name of the database, since its present contents go.
 */
export function restoreScript(engine: string, extension: string): string {
  return `${HEAD}${engine}
[ "\${NOMAD_META_database:-}" = "$NAME" ] ||
  fail "this replaces the contents of $NAME: dispatch with -meta database=$NAME to say that you mean it"
cd "$BACKUPS/$NAME" 2>/dev/null || fail "there is no backup of $NAME in $BACKUPS"
case "$NOMAD_META_backup" in
*/* | .*) fail "backup=$NOMAD_META_backup must be the name of a file of $BACKUPS/$NAME, or latest" ;;
latest) file=$(ls -1r "$NAME"-*.${extension} 2>/dev/null | head -n 1) ;;
*) file=$NOMAD_META_backup ;;
esac
[ -n "$file" ] && [ -f "$file" ] || fail "there is no backup $NOMAD_META_backup of $NAME; there are: $(ls "$NAME"-*.${extension} 2>/dev/null | tr '\\n' ' ')"
sha256sum -c "$file.sha256" >/dev/null 2>&1 || fail "$file is not what was written (see $file.sha256): nothing was changed"
begun=$(date +%s)
restore "$file"
echo "restored $NAME from $file in $(($(date +%s) - begun)) s"
`;
}

/** PostgreSQL: libpq's environment says where and as whom. */
export const POSTGRES = `dump() { pg_dump --format=custom --no-password --file="$1" --dbname="$PGDATABASE"; }
check() { pg_restore --list "$1" >/dev/null; }
restore() {
  # In one transaction: all of it, or the database stays as it was.
  pg_restore --no-password --clean --if-exists --exit-on-error --single-transaction --no-owner --dbname="$PGDATABASE" "$1"
}
`;

/** SurrealDB, by HTTP: `SURREAL_URL`, `SURREAL_NS`, `SURREAL_DB`; `SURREAL_NETRC` is a netrc file with user and password. */
export const SURREALDB = `ask() { curl --silent --show-error --fail --netrc-file "$SURREAL_NETRC" -H "Surreal-NS: $SURREAL_NS" -H "Surreal-DB: $SURREAL_DB" "$@"; }
dump() { ask --output "$1" "$SURREAL_URL/export"; }
check() { grep -q '^OPTION IMPORT' "$1"; }
restore() {
  ask --data-binary "REMOVE DATABASE IF EXISTS \\\`$SURREAL_DB\\\`; DEFINE DATABASE \\\`$SURREAL_DB\\\`;" "$SURREAL_URL/sql" >/dev/null
  ask --data-binary "@$1" "$SURREAL_URL/import" >/dev/null
}
`;

/** Neo4j: its own dump, which needs the database stopped. `NEO4J_DATABASE`; the data directory is the image's `/data`. */
export const NEO4J = `dump() {
  [ -d "/data/databases/$NEO4J_DATABASE" ] || { echo "there is no database $NEO4J_DATABASE yet: nothing to back up" && exit 0; }
  neo4j-admin database dump "$NEO4J_DATABASE" --to-stdout >"$1"
}
check() { [ -s "$1" ] && neo4j-admin database load "$NEO4J_DATABASE" --info --from-stdin <"$1" >/dev/null; }
restore() { neo4j-admin database load "$NEO4J_DATABASE" --from-stdin --overwrite-destination=true <"$1"; }
`;
