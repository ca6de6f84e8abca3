import type { Job } from "../../../constructs/jobspec/job";
import { drivers, pluginJobs } from "../../helpers/csi";

/** The jobs of a plugin with each driver that Steppe knows. */
export const csiPluginJobs: readonly Job[] = Object.entries(drivers).flatMap(([id, driver]) => pluginJobs(id, driver));
