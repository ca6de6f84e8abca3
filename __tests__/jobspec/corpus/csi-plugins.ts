import type { Job } from "../../../constructs/jobspec/job";
import { drivers, pluginJobs } from "../../helpers/csi";

/** The jobs of a plugin with each driver that Steppe knows, in the node pool that the server has. */
export const csiPluginJobs: readonly Job[] = Object.entries(drivers)
  .flatMap(([id, driver]) => pluginJobs(id, driver))
  .map((job) => ({ ...job, nodePool: "gpu" }));
