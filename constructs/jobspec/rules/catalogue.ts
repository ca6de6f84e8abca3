/** A rule of Steppe: Nomad itself would take a job that breaks it. */
export interface Lint {
  readonly severity: "error" | "warning";
  /** What goes wrong otherwise, in one sentence. */
  readonly why: string;
  readonly see: string;
  /** Whether it takes a fleet to tell. @default "job" */
  readonly needs?: "job" | "fleet";
  /** Nomad enforces it, given the fleet's version and edition: no reason helps. @default false */
  readonly enforced?: boolean;
}

const nomad = "https://developer.hashicorp.com/nomad";
const spec = `${nomad}/docs/job-specification`;
const driver = `${nomad}/docs/deploy/task-driver`;

/** Every rule that is not Nomad's own, by the name that its messages end with and that `allow` takes. */
export const lints = {
  "floating-image": {
    severity: "error",
    why: "An image without a version, or with `latest`, gives every node another program, at a time that nobody chose.",
    see: `${driver}/docker#image`,
  },
  "moving-tag": {
    severity: "warning",
    why: "A tag such as `stable` or `main` is moved by its publisher, and nodes that pull later run something else.",
    see: `${driver}/docker#image`,
  },
  privileged: {
    severity: "error",
    why: "A privileged container has all rights of the host, and with them those of every other task on it.",
    see: `${driver}/docker#privileged`,
  },
  "raw-exec": {
    severity: "error",
    why: "A task of raw_exec runs without any isolation as the agent's user, usually root.",
    see: `${driver}/raw_exec`,
  },
  "powerful-capability": {
    severity: "error",
    why: "Some Linux capabilities (SYS_ADMIN, ALL and the like) are as good as root on the host.",
    see: `${driver}/docker#cap_add`,
  },
  "host-namespace": {
    severity: "error",
    why: "A task in the host's process or IPC namespace can read and signal the processes of all others.",
    see: `${driver}/docker#pid_mode`,
  },
  "docker-socket": {
    severity: "error",
    why: "Who reaches Docker's socket can start privileged containers: it is root on the host.",
    see: "https://docs.docker.com/engine/security/#docker-daemon-attack-surface",
  },
  "plain-secret": {
    severity: "error",
    why: "A secret in a job is in the repository, the plan, the state, Nomad's API and every version it keeps.",
    see: `${spec}/template#nomad-variables`,
  },
  "url-credentials": {
    severity: "error",
    why: "A password in a URL is a secret in plain text, and turns up in logs as well.",
    see: `${spec}/template#nomad-variables`,
  },
  "secret-like": {
    severity: "warning",
    why: "Long random text is usually a key or a token, whatever its name is.",
    see: `${spec}/template#nomad-variables`,
  },
  "secret-in-local": {
    severity: "warning",
    why: "Files below `local/` can be read through Nomad's API; those below `secrets/` cannot, and are not on disk.",
    see: `${nomad}/docs/concepts/filesystem`,
  },
  "identity-audience": {
    severity: "error",
    why: "A token without an audience is accepted by whoever trusts the region's keys.",
    see: `${spec}/identity#aud`,
  },
  "identity-audiences": {
    severity: "warning",
    why: "A token for several audiences lets each of them act as the task towards the others.",
    see: `${spec}/identity#aud`,
  },
  "identity-ttl": {
    severity: "warning",
    why: "A token that does not expire is worth stealing for as long as the allocation lives.",
    see: `${spec}/identity#ttl`,
  },
  "identity-env": {
    severity: "warning",
    why: "An environment variable is set once: a task that is not restarted keeps the old token.",
    see: `${spec}/identity#change_mode`,
  },
  "duplicate-identity": {
    severity: "error",
    why: "Two identities of one name write to the same file and variable.",
    see: `${spec}/identity#name`,
  },
  "insecure-artifact": {
    severity: "error",
    why: "What comes over a connection that nobody verifies, and has no checksum, can be anything.",
    see: `${spec}/artifact#options`,
  },
  "fixed-port": {
    severity: "warning",
    why: "A fixed port exists once per host, so a group with several allocations needs that many hosts.",
    see: `${spec}/network#static`,
  },
  "missing-port": {
    severity: "error",
    why: "Nomad takes a service or container that names a port which the group does not have, and registers port 0.",
    see: `${spec}/service#port`,
  },
  "port-label": {
    severity: "error",
    why: "A label becomes part of the names of environment variables.",
    see: `${spec}/network#port-parameters`,
  },
  "unknown-task": {
    severity: "error",
    why: "A service that names a task which its group does not have is never healthy.",
    see: `${spec}/service#task`,
  },
  "unknown-service": {
    severity: "error",
    why: "A call of a service that nobody registers finds nothing, and the tailnet lets through only what the fleet declares.",
    see: `${spec}/template#nomad-services`,
    needs: "fleet",
  },
  "shutdown-delay": {
    severity: "warning",
    why: "Callers still reach an allocation that stops at once, because they learn of it later.",
    see: `${spec}/group#shutdown_delay`,
  },
  "check-timeout": {
    severity: "warning",
    why: "A check that may take longer than its interval runs behind itself.",
    see: `${spec}/check#timeout`,
  },
  "slow-check": {
    severity: "error",
    why: "A check that cannot pass often enough before the healthy deadline fails every deployment.",
    see: `${spec}/update#healthy_deadline`,
  },
  "update-parallel": {
    severity: "warning",
    why: "Replacing more allocations at a time than the group has takes the whole group down.",
    see: `${spec}/update#max_parallel`,
  },
  "partial-auto-promote": {
    severity: "warning",
    why: "Nomad promotes by itself only if every group with canaries says so.",
    see: `${spec}/update#auto_promote`,
  },
  "unchecked-restart": {
    severity: "error",
    why: "Nomad validates the restart block of a group but not that of a task, and then follows it blindly.",
    see: `${spec}/restart`,
  },
  "kill-timeout": {
    severity: "warning",
    why: "Clients cap the kill timeout at their `max_kill_timeout`, 30 s by default.",
    see: `${spec}/task#kill_timeout`,
  },
  "unknown-signal": {
    severity: "error",
    why: "A job that needs a signal which no system knows is never placed.",
    see: `${spec}/task#kill_signal`,
  },
  "deprecated-cron": {
    severity: "warning",
    why: "Nomad warns of `cron` at every registration, and may remove it.",
    see: `${spec}/periodic#crons`,
  },
  "without-effect": {
    severity: "warning",
    why: "Nomad takes the setting and does nothing with it.",
    see: spec,
  },
  "out-of-range": {
    severity: "error",
    why: "Nomad takes the number, and then does something that nobody meant.",
    see: spec,
  },
  "missing-value": {
    severity: "error",
    why: "Nomad takes the job, and the client fails every allocation for want of the value.",
    see: spec,
  },
  "unknown-value": {
    severity: "error",
    why: "Nomad takes the job, and ignores or fails on the value later.",
    see: spec,
  },
  "unknown-property": {
    severity: "error",
    why: "A misspelt property is left out silently, from here to Nomad.",
    see: spec,
  },
  "no-main-task": {
    severity: "error",
    why: "A group whose tasks all have a lifecycle hook never runs what it is for.",
    see: `${spec}/lifecycle`,
  },
  "ambiguous-template": {
    severity: "error",
    why: "The client fails a template that has text and a source.",
    see: `${spec}/template#data`,
  },
  "set-contains": {
    severity: "error",
    why: "`set_contains` wants all of the listed members, so a list of alternatives never matches.",
    see: `${spec}/constraint#operator`,
  },
  "text-comparison": {
    severity: "warning",
    why: "`<` and `>` compare as text unless both sides are numbers: `10 GiB` is less than `9 GiB`, and 1.10 less than 1.9.",
    see: `${spec}/constraint#operator`,
  },
  "unknown-attribute": {
    severity: "error",
    why: "No node has the attribute, so the job is never placed, or the wish never counts.",
    see: `${nomad}/docs/reference/runtime-variable-interpolation`,
  },
  "runtime-variable": {
    severity: "error",
    why: "Nomad sets no such variable: the task sees the text itself, or nothing.",
    see: `${nomad}/docs/reference/runtime-environment-settings`,
  },
  "gpu-by-hand": {
    severity: "error",
    why: "A GPU device that is mounted by hand is shared with whichever task the scheduler gave it to.",
    see: `${spec}/device`,
  },
  "gpu-visible-devices": {
    severity: "error",
    why: "The device plugin sets the variable; setting it overrides the GPUs that the scheduler assigned.",
    see: "https://developer.hashicorp.com/nomad/plugins/devices/nvidia",
  },
  "gpu-without-device": {
    severity: "error",
    why: "A GPU runtime without a `device` sees all GPUs of the host, also those of other tasks.",
    see: `${spec}/device`,
  },
  "world-size": {
    severity: "error",
    why: "The allocation's index is a rank; the size of the world is the number of workers.",
    see: "https://pytorch.org/docs/stable/distributed.html#environment-variable-initialization",
  },
  "same-rank": {
    severity: "error",
    why: "All allocations of a group have the same environment, so a fixed rank is the rank of all.",
    see: "https://pytorch.org/docs/stable/distributed.html#environment-variable-initialization",
  },
  "own-master": {
    severity: "error",
    why: "A worker that takes its own address for that of rank 0 is its own master, and training never joins.",
    see: "https://pytorch.org/docs/stable/distributed.html#environment-variable-initialization",
  },
  "static-rendezvous": {
    severity: "warning",
    why: "A fixed rendezvous port lets one training run per host; a dynamic one is found through the service.",
    see: `${spec}/network#static`,
  },
  "ollama-models": {
    severity: "error",
    why: "`OLLAMA_MODELS` is the directory of the models, not a list of them.",
    see: "https://github.com/ollama/ollama/blob/main/docs/faq.md",
  },
  "router-without-workers": {
    severity: "error",
    why: "The SGLang router finds no workers by itself outside Kubernetes.",
    see: "https://docs.sglang.ai/router/router.html",
  },
  "router-gpu": {
    severity: "warning",
    why: "A router computes nothing: the GPU that it holds is lost to the models.",
    see: "https://docs.sglang.ai/router/router.html",
  },
  "shared-database": {
    severity: "warning",
    why: "Databases corrupt their files on volumes that several nodes write, such as NFS.",
    see: `${spec}/volume#access_mode`,
  },
  "volume-claim": {
    severity: "error",
    why: "A CSI volume keeps the mode of its first claim, so what does not fit into it waits until all others are gone.",
    see: `${spec}/volume#access_mode`,
  },
  "driver-without-mounts": {
    severity: "error",
    why: "Drivers that start a task without a file system of its own cannot mount volumes, and the client fails the task.",
    see: `${nomad}/docs/concepts/plugins/task-drivers`,
  },
  "database-on-nfs": {
    severity: "error",
    why: "Databases count on locks and syncs of their files, which NFS does not give in full: two at a time corrupt them.",
    see: "https://neo4j.com/developer/kb/can-i-use-nfs-as-my-filesystem-or-datastore-storage",
    needs: "fleet",
  },
  "memory-oversubscription": {
    severity: "warning",
    why: "Nomad ignores `memory_max` in a region whose scheduler does not allow oversubscription.",
    see: `${spec}/resources#memory_max`,
    needs: "fleet",
  },
  "nomad-version": {
    severity: "error",
    why: "An older Nomad drops settings that it does not know without a word.",
    see: `${nomad}/docs/release-notes`,
    needs: "fleet",
  },
  "edge-disconnect": {
    severity: "warning",
    why: "Nomad replaces what runs on a machine out of contact after a missed heartbeat, and edge machines lose contact often.",
    see: `${spec}/disconnect`,
    needs: "fleet",
  },
  "port-on-two-addresses": {
    severity: "warning",
    why: "Nomad gives a static port out once per address, so a machine can get two allocations of which one has no IPv4.",
    see: `${spec}/network#static`,
    needs: "fleet",
  },
  "no-room-together": {
    severity: "warning",
    why: "Groups that fit one by one, but not all at a time, leave some allocations waiting for room.",
    see: `${spec}/resources`,
    needs: "fleet",
  },
  "enterprise-only": {
    severity: "error",
    why: "Nomad's Community Edition refuses the setting or ignores it.",
    see: "https://developer.hashicorp.com/nomad/docs/enterprise",
    needs: "fleet",
    enforced: true,
  },
} as const satisfies Record<string, Lint>;

export type LintName = keyof typeof lints;

/** What the catalogue says of a name; undefined for a name that it does not have. */
export function lintOf(name: string): Lint | undefined {
  return Object.hasOwn(lints, name) ? lints[name as LintName] : undefined;
}
