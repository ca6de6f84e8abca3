import { AWS_LIBRARY } from "./aws";
import { noticesFunctions } from "./notices";

/** Pause between two looks at the metadata service, seconds. AWS advises 5 for spot notices. */
const POLL_SECONDS = 5;

/**
 * Pause between two heartbeats to the scaling group while Nomad drains, seconds: several within the 7200 s that a lifecycle
 * hook waits at most. AWS takes them for 48 hours, or 100 times the hook's own time.
 */
const HEARTBEAT_SECONDS = 1800;

/**
 * Watches for the end of this machine: \`notices <region> <Auto Scaling group> <lifecycle hook>\`. A spot notice or the scaling
 * group's wish to terminate the machine stops Nomad, once; Nomad drains itself as it stops. Meanwhile the scaling group is told
 * to go on waiting, and then that it need not wait any longer; a role that may not say so leaves both to the hook's own
 * time-out.
 *
 * Nothing but a well-formed notice does anything: where the metadata service is slow, away or talks nonsense, Nomad goes on.
 * A rebalance recommendation is only logged, since AWS may give many of them and take nothing back.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RecordLifecycleActionHeartbeat.html
 */
export const awsNotices = `#!/bin/sh
set -eu
region=\${1:?usage: notices <region> <Auto Scaling group> <lifecycle hook>}
group=\${2:?usage: notices <region> <Auto Scaling group> <lifecycle hook>}
hook=\${3:?usage: notices <region> <Auto Scaling group> <lifecycle hook>}
# shellcheck source=/dev/null
. ${AWS_LIBRARY}
endpoint=\${AWS_ENDPOINT_URL_AUTO_SCALING:-https://autoscaling.$region.amazonaws.com}
imds_status=000
imds_body=
aws_status=000
releases=0
recommended=
${noticesFunctions}# ask <path>: true where imds_body is an answer
ask() {
  [ -n "$imds_token" ] || return 1
  imds "meta-data/$1"
  case "$imds_status" in
  200) return 0 ;;
  401 | 404) return 1 ;;
  *)
    complain "the metadata service answers $1 with HTTP $imds_status"
    return 1
    ;;
  esac
}
# tell <action> <more parameters...>: tells the scaling group something of this machine; the answer is in aws_status
tell() {
  ask instance-id || return 1
  instance=$imds_body
  role_credentials || return 1
  action=$1
  shift
  signed "$region" autoscaling "$endpoint/" --request POST \\
    --data-urlencode "Action=$action" --data-urlencode Version=2011-01-01 --data-urlencode "InstanceId=$instance" \\
    --data-urlencode "AutoScalingGroupName=$group" --data-urlencode "LifecycleHookName=$hook" "$@"
}
# Runs beside a drain until it is killed. In small steps: what it sleeps in outlives it.
heartbeats() {
  beaten=$(date +%s)
  while sleep "\${STEPPE_NOTICES_SECONDS:-${POLL_SECONDS}}"; do
    [ $(($(date +%s) - beaten)) -ge "\${STEPPE_HEARTBEAT_SECONDS:-${HEARTBEAT_SECONDS}}" ] || continue
    beaten=$(date +%s)
    if ! imds_login || ! tell RecordLifecycleActionHeartbeat; then
      continue
    fi
    [ "$aws_status" = 200 ] ||
      echo "steppe notices: could not tell $group to wait for the drain: $(aws_failure)" >&2
  done
}
# stop_held <why>: stops Nomad while the group is told to wait
stop_held() {
  [ "$stopped" = no ] || return 0
  heartbeats &
  beating=$!
  stop_nomad "$1"
  kill "$beating" 2>/dev/null || true
}
# Three attempts: the hook ends by itself, and the machine with it.
release() {
  if [ "$stopped" = no ] || [ "$releases" -ge 3 ]; then
    return 0
  fi
  releases=$((releases + 1))
  tell CompleteLifecycleAction --data-urlencode LifecycleActionResult=CONTINUE || return 0
  if [ "$aws_status" = 200 ]; then
    releases=3
    echo "steppe notices: told $group that this machine may end"
  else
    echo "steppe notices: could not tell $group that this machine may end: $(aws_failure)" >&2
  fi
}
look() {
  if [ -z "$imds_token" ] && ! imds_login; then
    complain "the metadata service gives no token"
    return 0
  fi
  if ask spot/instance-action; then
    case "$imds_body" in
    "{"*"}") action=$(printf '%s' "$imds_body" | json action) ;;
    *) action= ;;
    esac
    case "$action" in
    terminate | stop | hibernate) stop_nomad "AWS takes this spot machine back ($action)" ;;
    *) complain "the metadata service's spot/instance-action is not what AWS documents" ;;
    esac
  fi
  if ask events/recommendations/rebalance; then
    notice=$(printf '%s' "$imds_body" | json noticeTime | tr -cd '0-9TZ:.-')
    if [ -n "$notice" ] && [ "$notice" != "$recommended" ]; then
      recommended=$notice
      echo "steppe notices: AWS recommends to move off this machine since $notice; going on"
    fi
  fi
  if ask autoscaling/target-lifecycle-state && [ "$imds_body" = Terminated ]; then
    stop_held "$group terminates this machine"
    release
  fi
}
while :; do
  look
  sleep "\${STEPPE_NOTICES_SECONDS:-${POLL_SECONDS}}"
done
`;
