import type { Job } from "../../../constructs/jobspec/job";
import type { Artifact, CsiPlugin } from "../../../constructs/jobspec/task";
import type { Identity, Secret } from "../../../constructs/jobspec/workload";
import { job, task, wrong } from "./job";

const resources = (changes: object) => job({}, {}, { resources: changes });
const template = (changes: object) =>
  job({}, {}, { templates: [{ data: "text", destination: "local/a", ...changes }] });
const artifact = (changes: Partial<Artifact>) =>
  job({}, {}, { artifacts: [{ source: "https://a.example/a", ...changes }] });
const checksum = (text: string) => artifact({ options: { checksum: text } });
const identity = (...identities: readonly Identity[]) => job({}, {}, { identities });
const secret = (changes: Partial<Secret>, name = "a") =>
  job({}, {}, { secrets: { [name]: { provider: "nomad", path: "nomad/jobs/web", ...changes } } });
const plugin = (changes: Partial<CsiPlugin>) => job({}, {}, { csiPlugin: { id: "a", type: "node", ...changes } });

/** Jobs that break a rule about a task. */
export const tasks: Readonly<Record<string, Job>> = {
  "a task without a name": job({}, { tasks: { "": task } }),
  "a task named alloc": job({}, { tasks: { alloc: task } }),
  "a task with a slash in its name": job({}, { tasks: { "a/b": task } }),
  "a task without a driver": job({}, {}, wrong({ driver: "" })),
  "two leaders": job({}, { tasks: { a: { ...task, leader: true }, b: { ...task, leader: true } } }),
  "a negative kill timeout": job({}, {}, { killTimeout: "-1s" }),
  "a kill timeout longer than a deployment": job({}, {}, { killTimeout: "11m" }),
  "a negative shutdown delay of a task": job({}, {}, { shutdownDelay: "-1s" }),
  "cpu and cores": resources({ cpu: "100MHz", cores: 1 }),
  "no cpu": resources({ cpu: "0MHz" }),
  "no cores": resources({ cores: 0 }),
  "too little memory": resources({ memory: "5MiB" }),
  "a bound below the memory": resources({ memory: "100MiB", memoryMax: "50MiB" }),
  "secrets above the memory": resources({ memory: "100MiB", secrets: "200MiB" }),
  "logs larger than the disk": job({}, { ephemeralDisk: { size: "50MiB" } }),
  "disabled logs larger than the disk": job({}, { ephemeralDisk: { size: "50MiB" } }, { logs: { disabled: true } }),
  "no log file": job({}, {}, { logs: { maxFiles: 0 } }),
  "log files of 0 MiB": job({}, {}, { logs: { maxFileSize: "0MiB" } }),
  "an unknown hook": job({}, {}, { lifecycle: wrong({ hook: "midway" }) }),
  "no hook": job({}, {}, { lifecycle: wrong({ sidecar: true }) }),
  "a template without text": template({ data: undefined }),
  "a template without a destination": template({ destination: "" }),
  "a template outside the sandbox": template({ destination: "../../../a" }),
  "two templates of one file": job(
    {},
    {},
    {
      templates: [
        { data: "a", destination: "local/a" },
        { data: "b", destination: "local/a" },
      ],
    },
  ),
  "an unknown change mode": template({ changeMode: "reload" }),
  "a signal for an environment": template({ changeMode: "signal", changeSignal: "SIGHUP", env: true }),
  "a change script that is not there": template({ changeMode: "script" }),
  "a change script without a command": template({ changeMode: "script", changeScript: { command: "" } }),
  "a negative splay": template({ splay: "-1s" }),
  "permissions that are not octal": template({ perms: "0888" }),
  "permissions of a reference": template({ perms: "${NOMAD_META_mode}" }),
  "a wait longer than its bound": template({ wait: { min: "10s", max: "5s" } }),
  "an artifact without a source": artifact({ source: "" }),
  "an artifact of an unknown mode": artifact(wrong({ mode: "zip" })),
  "an artifact outside the sandbox": artifact({ destination: "../../../a" }),
  "a checksum without a type": checksum("0e1f2a3b4c5d6e7f8091a2b3c4d5e6f7"),
  "a checksum of an unknown type": checksum("crc32:0e1f2a3b"),
  "a checksum that is too short": checksum("sha256:0e1f2a3b"),
  "a mount of a volume that is not there": job({}, {}, { volumeMounts: [{ volume: "data", destination: "/d" }] }),
  "a mount of a volume named by a reference": job(
    {},
    {},
    { volumeMounts: [{ volume: "${NOMAD_DC}", destination: "/d" }] },
  ),
  "an unknown change mode of vault": job({}, {}, { vault: wrong({ changeMode: "reload" }) }),
  "an identity named with a space": identity({ name: "a b", aud: ["a"], ttl: "1h" }),
  "an identity named by a reference": identity({ name: "${NOMAD_JOB_ID}", aud: ["a"], ttl: "1h" }),
  "an identity with an empty audience": identity({ name: "a", aud: [""], ttl: "1h" }),
  "a time to live of the default identity": identity({ ttl: "1h" }),
  "a negative time to live": identity({ name: "a", aud: ["a"], ttl: "-1h" }),
  "an unknown change mode of an identity": identity(wrong({ name: "a", aud: ["a"], ttl: "1h", changeMode: "hope" })),
  "an identity without its signal": identity({ name: "a", aud: ["a"], ttl: "1h", changeMode: "signal" }),
  "an identity with a signal too many": identity({ name: "a", aud: ["a"], ttl: "1h", changeSignal: "SIGHUP" }),
  "an identity with a path but no file": identity({ name: "a", aud: ["a"], ttl: "1h", filepath: "local/a" }),
  "a secret named with a dash": secret({}, "a-b"),
  "a secret named by a reference": secret({}, "${NOMAD_DC}"),
  "a secret without a provider": secret({ provider: "" }),
  "a secret without a path": secret({ path: "" }),
  "an environment of a built-in provider": secret({ env: { A: "b" } }),
  "a configuration of a plugin": secret({ provider: "mine", config: { a: "b" } }),
  "a secret of vault without vault": secret({ provider: "vault" }),
  "an action without a command": job({}, {}, { actions: { a: { command: "" } } }),
  "an action named with a space": job({}, {}, { actions: { "a b": { command: "/bin/true" } } }),
  "a payload outside the sandbox": job(
    { type: "batch", parameterized: {} },
    {},
    { dispatchPayload: { file: "../../../../a" } },
  ),
  "a plugin without an id": plugin({ id: "" }),
  "a plugin of an unknown type": plugin(wrong({ type: "both" })),
  "a plugin that stages inside its mount": plugin({ mountDir: "/csi", stagePublishBaseDir: "/csi/staging" }),
  "a partition that differs from the group's": job({}, { consul: { partition: "a" } }, { consul: { partition: "b" } }),
};
