import { paths } from "../paths";

/**
 * Runs a set-up job and waits for its success: \`setup <seconds> <namespace> <job> <hash> <allocations>\`. The job is a template, which is
 * dispatched; the run has succeeded when so many of its allocations have ended by themselves without a failure.
 *
 * A run of the same hash that is at work is waited for; one of another hash is stopped first, so that never two are at work. A run
 * that takes too long is stopped. What went wrong is said in lines that a person can act on.
 */
export const setup = `#!/bin/sh
# Templates of Nomad's command have dollar signs of their own.
# shellcheck disable=SC2016
set -eu
limit=$1
namespace=$2
job=$3
hash=$4
wanted=$5
nomad_local=${paths.library}/nomad-local

# A server that does not answer says nothing, and is asked again.
ask() { # template, command...
  template=$1
  shift
  $nomad_local "$@" -namespace="$namespace" -t "$template" "$subject" 2>/dev/null || true
}
runs_at_work() {
  found=$($nomad_local operator api -filter "ParentID == \\"$job\\" and Status != \\"dead\\"" "/v1/jobs?namespace=$namespace") || return 1
  printf '%s' "$found" | grep -o '"ID":"[^"]*"' | cut -d'"' -f4
}
status_of() { subject=$1 && ask '{{.Status}}' job inspect | tr -d '\\n'; }
hash_of() { subject=$1 && ask '{{index .Meta "setup-hash"}}' job inspect | tr -d '\\n'; }
allocations() { # run, template of one
  subject=$1 && ask "{{range .}}$2{{end}}" job allocs
}
ended_well() {
  allocations "$1" '{{if and (eq .ClientStatus "complete") (eq .DesiredStatus "run")}}{{.Name}}{{"\\n"}}{{end}}' | grep . | sort -u | wc -l
}
at_work() {
  allocations "$1" '{{if or (eq .ClientStatus "running") (eq .ClientStatus "pending")}}{{.ID}}{{"\\n"}}{{end}}' | grep -c . || true
}
indent() { tr -d '\\000-\\010\\013-\\037\\177' | sed '/^ *$/d;s/^/    /'; }

stop() { # run
  $nomad_local job stop -namespace="$namespace" -detach -yes "$1" >/dev/null
  tries=0
  while [ "$(at_work "$1")" -gt 0 ] && [ "$tries" -lt 30 ]; do
    tries=$((tries + 1))
    sleep 1
  done
}

# The newest allocation that did not end well, each of its tasks that failed, and the last that these said.
tell_failure() { # run
  failed=$(allocations "$1" '{{if or (ne .ClientStatus "complete") (ne .DesiredStatus "run")}}{{.CreateIndex}} {{.ID}}{{"\\n"}}{{end}}' | sort -n | tail -n 1 | cut -d' ' -f2)
  [ -n "$failed" ] || return 0
  subject=$failed
  ask '  allocation {{.ID}} ({{.TaskGroup}}) on {{.NodeName}}: {{.ClientStatus}}{{with .ClientDescription}}, {{.}}{{end}}{{"\\n"}}' alloc status | grep .
  tasks=$(ask '{{range $task, $state := .TaskStates}}{{if $state.Failed}}{{$task}}{{"\\n"}}{{end}}{{end}}' alloc status)
  for task in $tasks; do
    ask "{{with index .TaskStates \\"$task\\"}}{{range .Events}}{{if or (eq .Type \\"Terminated\\") (eq .Type \\"Driver Failure\\") (eq .Type \\"Setup Failure\\") (eq .Type \\"Failed Artifact Download\\")}}  task $task: {{.DisplayMessage}}{{\\"\\n\\"}}{{end}}{{end}}{{end}}" alloc status | grep . | tail -n 1
    said=$($nomad_local alloc logs -namespace="$namespace" -stderr -tail -n 8 -task "$task" "$failed" 2>/dev/null | tail -n 8 | cut -c 1-300 | indent || true)
    [ -z "$said" ] || printf '  the last of its stderr:\\n%s\\n' "$said"
    echo "  all of it: nomad alloc logs -namespace $namespace -stderr -task $task $(printf '%.8s' "$failed")"
  done
}

# Where the allocations of a run are, or why there are none.
tell_progress() { # run
  for allocation in $(allocations "$1" '{{if eq .DesiredStatus "run"}}{{.ID}}{{"\\n"}}{{end}}'); do
    subject=$allocation
    ask '  allocation {{.ID}} ({{.TaskGroup}}) on {{.NodeName}}: {{.ClientStatus}}{{"\\n"}}{{range $task, $state := .TaskStates}}  task {{$task}}, {{$state.State}}: {{range $index, $event := $state.Events}}{{if $index}}, {{end}}{{$event.DisplayMessage}}{{end}}{{"\\n"}}{{end}}' alloc status | grep . | cut -c 1-400
  done
  $nomad_local job status -namespace="$namespace" "$1" 2>/dev/null | sed -n '/^Placement Failure/,/^$/p' | indent || true
}

give_up() {
  echo "  nothing that comes after it was changed; mend the cause and apply again, and the set-up runs anew" >&2
  exit 1
}

run=
# Not knowing what is at work, a second run could begin beside it.
others=$(runs_at_work) || { echo "steppe setup: Nomad does not say which runs of $job are at work; nothing was run" >&2 && exit 1; }
for found in $others; do
  if [ -z "$run" ] && [ "$(hash_of "$found")" = "$hash" ]; then
    run=$found
    echo "steppe setup: $run is at work already"
  else
    echo "steppe setup: stopping $found, a run of an earlier set-up"
    stop "$found"
  fi
done
if [ -z "$run" ]; then
  run=$($nomad_local job dispatch -namespace="$namespace" -detach "$job" | sed -n 's/^Dispatched Job ID *= *//p')
  [ -n "$run" ] || { echo "steppe setup: Nomad did not dispatch $job" >&2 && exit 1; }
fi
echo "steppe setup: waiting up to $limit s for $run"
begun=$(date +%s)
told=$begun
while :; do
  if [ "$(status_of "$run")" = dead ]; then
    if [ "$(ended_well "$run")" -ge "$wanted" ]; then
      echo "steppe setup: $run has succeeded, after $(($(date +%s) - begun)) s"
      exit 0
    fi
    { echo "steppe setup: set-up $job has failed ($run)" && tell_failure "$run"; } >&2 || true
    give_up
  fi
  now=$(date +%s)
  if [ $((now - begun)) -ge "$limit" ]; then
    { echo "steppe setup: set-up $job has not ended after $limit s, and is stopped ($run)" && tell_progress "$run"; } >&2 || true
    stop "$run" || echo "  it could not be stopped: nomad job stop -namespace $namespace $run" >&2
    give_up
  fi
  if [ $((now - told)) -ge 10 ]; then
    echo "steppe setup: still waiting for $run ($((now - begun)) s)"
    told=$now
  fi
  sleep 1
done
`;
