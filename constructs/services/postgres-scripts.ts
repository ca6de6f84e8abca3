/**
 * Starts PostgreSQL on its volume, for any POSIX shell. `PGDATA`, `HOST`, `PORT`, `DATABASE`, `SHARED_MEMORY`; `BIN` is the directory of
 * the programs where they are not in the path. A cluster is made under another name, and named when it is whole.
 *
 * The password is set before each start, in single-user mode, so that the variable is what holds: a changed one is a new password. No
 * program gets it as an argument.
 */
export const POSTGRES_START = `#!/bin/sh
set -eu
umask 077
PATH="\${BIN:+$BIN:}$PATH"
export LC_ALL=C.UTF-8
user=$(cat "$NOMAD_SECRETS_DIR/username")
# A text of SQL: quotes twice. Backslashes are plain.
quoted() { printf %s "'"; sed "s/'/''/g" "$1" | tr -d '\\n'; printf %s "'"; }
alone() { postgres --single -D "$1" -c log_min_error_statement=panic -c log_min_messages=error "$2" >/dev/null; }
if [ ! -f "$PGDATA/PG_VERSION" ]; then
  rm -rf "$PGDATA.new"
  initdb -D "$PGDATA.new" -U "$user" -A scram-sha-256 -E UTF8 --locale=C.UTF-8 --data-checksums --pwfile="$NOMAD_SECRETS_DIR/password" >/dev/null
  if [ "$DATABASE" != postgres ]; then echo "CREATE DATABASE \\"$DATABASE\\"" | alone "$PGDATA.new" postgres; fi
  mv "$PGDATA.new" "$PGDATA"
  echo "made a new cluster in $PGDATA"
fi
{ printf 'ALTER ROLE "%s" PASSWORD ' "$user"; quoted "$NOMAD_SECRETS_DIR/password"; echo; } | alone "$PGDATA" postgres
exec postgres -D "$PGDATA" -c hba_file="$NOMAD_TASK_DIR/pg_hba.conf" -c listen_addresses="$HOST" -c port="$PORT" \\
  -c unix_socket_directories= -c shared_buffers="$SHARED_MEMORY"
`;

/** Whom PostgreSQL lets in: everyone who reaches its port, which the tailnet decides, with a password. */
export const POSTGRES_HBA = "host all all all scram-sha-256\n";

/** Logs in and asks. `HOST`, `PORT`, `DATABASE`; the password by libpq's file. */
export const POSTGRES_READY = `#!/bin/sh
set -eu
PATH="\${BIN:+$BIN:}$PATH"
export PGPASSFILE="$NOMAD_SECRETS_DIR/pgpass" PGCONNECT_TIMEOUT=3
psql -h "$HOST" -p "$PORT" -U "$(cat "$NOMAD_SECRETS_DIR/username")" -d "$DATABASE" -w -At -c "SELECT 1" >/dev/null
`;
