import type { Job } from "../../../constructs/jobspec/job";
import { connectJobs } from "./connect";
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
  ...taskJobs,
  ...identityJobs,
  ...driverJobs,
  ...textJobs,
];

/** Jobs that the Nomad of the lab refuses as it must: Enterprise, or newer. */
export const unproven: readonly Job[] = [...enterpriseJobs, ...newerJobs];
