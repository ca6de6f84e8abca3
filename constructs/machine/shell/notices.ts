/** Shortest time between two complaints about the metadata service, seconds. */
const COMPLAINT_SECONDS = 600;

/**
 * What every watch for the end of a machine has: it complains now and then, and stops Nomad once, which drains itself as it
 * stops.
 */
export const noticesFunctions = `stopped=no
complained=

complain() {
  now=$(date +%s)
  if [ -z "$complained" ] || [ $((now - complained)) -ge ${COMPLAINT_SECONDS} ]; then
    echo "steppe notices: $1; nothing is done, and this is said again after ${COMPLAINT_SECONDS} s at the earliest" >&2
    complained=$now
  fi
}
stop_nomad() { # why
  [ "$stopped" = no ] || return 0
  echo "steppe notices: $1: stopping Nomad, which drains this machine"
  if systemctl stop nomad.service; then
    stopped=yes
    echo "steppe notices: Nomad has stopped"
  else
    complain "systemctl stop nomad.service failed"
  fi
}
`;
