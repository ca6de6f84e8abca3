import type { Job } from "../../../constructs/jobspec/job";
import { connectJobs } from "./connect";
import { csiPluginJobs } from "./csi-plugins";
import { driverJobs } from "./drivers";
import { gatewayJobs } from "./gateways";
import { identityJobs } from "./identities";
import { jobJobs } from "./jobs";
import { networkJobs } from "./network";
import { placementJobs } from "./placement";
import { policyJobs } from "./policies";
import { serviceJobs } from "./services";
import { storageJobs } from "./storage";
import { taskJobs } from "./tasks";
import { textJobs } from "./texts";
import { enterpriseJobs, newerJobs } from "./unproven";

/** Rules of Steppe that jobs break only so that an attribute is seen. */
const broken: Readonly<Record<string, readonly string[]>> = {
  "csi-plugin-node": ["privileged"],
  "csi-plugin-controller": ["privileged"],
  "csi-plugin-monolith": ["privileged"],
  "docker-image": ["runtime-variable"],
  "podman-all": ["runtime-variable"],
  "docker-namespaces": ["host-namespace"],
  "exec-mode-host": ["host-namespace"],
  "java-class-host": ["host-namespace"],
  "raw-exec": ["raw-exec"],
  "raw-exec-cgroup-v1": ["raw-exec"],
  "driver-plugin": ["powerful-capability"],
};

/** A job that may break the rules that stand above. */
function allowed(job: Job): Job {
  const rules = Object.hasOwn(broken, job.id) ? (broken[job.id] ?? []) : [];
  if (rules.length === 0) return job;
  return { ...job, allow: rules.map((rule) => ({ rule, reason: "every attribute is to be seen" })) };
}

/** Jobs that are valid for us and for Nomad, and together use every attribute that there is. */
export const corpus: readonly Job[] = [
  ...jobJobs,
  ...placementJobs,
  ...policyJobs,
  ...networkJobs,
  ...serviceJobs,
  ...connectJobs,
  ...gatewayJobs,
  ...storageJobs,
  ...csiPluginJobs,
  ...taskJobs,
  ...identityJobs,
  ...driverJobs,
  ...textJobs,
].map(allowed);

/** Jobs that the Nomad of the lab refuses as it must: Enterprise, or newer. */
export const unproven: readonly Job[] = [...enterpriseJobs, ...newerJobs];
