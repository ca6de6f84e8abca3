import { paths } from "../paths";
import { GCP_LIBRARY } from "./gcp";
import { noticesFunctions } from "./notices";

/** How long the metadata server may wait for a change before it answers, seconds: as late may a host's maintenance be seen. */
const WAIT_SECONDS = 10;

/** Shortest time between two looks, seconds, where it does not wait. */
const PAUSE_SECONDS = 1;

/**
 * Watches for the end of this machine: \`notices\`. Preemption, 30 s before the end, stops Nomad, once; Nomad drains itself as
 * it stops. The metadata server answers as soon as the machine is preempted. The ACPI signal that comes beside it, or alone
 * when a group or a person ends the machine, needs no watch: systemd stops Nomad.
 *
 * Host maintenance that ends the machine (GPUs cannot be moved; an hour before) stops Nomad too. The machine comes back by
 * itself, and so does Nomad: with the next boot, or when the maintenance was called off. Maintenance that moves the machine
 * is only logged.
 *
 * Nothing but a well-formed notice does anything: where the metadata server is slow, away or talks nonsense, Nomad goes on.
 *
 * @see https://cloud.google.com/compute/docs/instances/create-use-preemptible#detecting_if_an_instance_was_preempted
 * @see https://cloud.google.com/compute/docs/metadata/getting-live-migration-notice
 * @see https://cloud.google.com/compute/docs/metadata/querying-metadata#waitforchange
 */
export const gcpNotices = `#!/bin/sh
set -eu
# shellcheck source=/dev/null
. ${GCP_LIBRARY}
wait=\${STEPPE_WAIT_SECONDS:-${WAIT_SECONDS}}
# Outlives this script, and no boot.
held=${paths.runtime}/maintenance
etag=0
metadata_status=000
metadata_body=
metadata_etag=
moved=NONE
${noticesFunctions}# ask <path> [seconds]: true where metadata_body is an answer
ask() {
  metadata "$@"
  [ "$metadata_status" != 200 ] || return 0
  complain "the metadata server answers \${1%%\\?*} with HTTP $metadata_status"
  return 1
}
preemption() {
  if ! ask "instance/preempted?wait_for_change=true&timeout_sec=$wait&last_etag=$etag" $((wait + 5)); then
    etag=0
    return 0
  fi
  etag=\${metadata_etag:-0}
  case "$metadata_body" in
  TRUE)
    rm -f "$held"
    stop_nomad "Google Cloud takes this spot machine back"
    ;;
  FALSE) ;;
  *) complain "the metadata server's instance/preempted is not what Google documents" ;;
  esac
}
maintenance() {
  ask instance/maintenance-event || return 0
  case "$metadata_body" in
  NONE)
    if [ -e "$held" ]; then
      echo "steppe notices: the host's maintenance is over: starting Nomad"
      rm -f "$held"
      stopped=no
      systemctl start --no-block nomad.service || complain "systemctl start nomad.service failed"
    fi
    ;;
  TERMINATE_ON_HOST_MAINTENANCE)
    if [ "$stopped" = no ]; then
      stop_nomad "maintenance of the host ends this machine"
      [ "$stopped" = no ] || : >"$held"
    fi
    ;;
  MIGRATE_ON_HOST_MAINTENANCE)
    [ "$moved" = "$metadata_body" ] || echo "steppe notices: Google Cloud moves this machine to another host; going on"
    ;;
  *)
    complain "the metadata server's instance/maintenance-event is not what Google documents"
    return 0
    ;;
  esac
  moved=$metadata_body
}
while :; do
  preemption
  maintenance
  sleep "\${STEPPE_NOTICES_SECONDS:-${PAUSE_SECONDS}}"
done
`;
