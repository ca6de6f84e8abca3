import type { Job } from "../../constructs/jobspec/job";
import { connect } from "./refused/connect";
import { jobs } from "./refused/jobs";
import { placement } from "./refused/placement";
import { policies } from "./refused/policies";
import { services } from "./refused/services";
import { tasks } from "./refused/tasks";
import { volumes } from "./refused/volumes";

export { job } from "./refused/job";

/** Jobs that both the rules and a real server of Nomad refuse. */
export const refused: Readonly<Record<string, Job>> = {
  ...jobs,
  ...policies,
  ...placement,
  ...services,
  ...connect,
  ...tasks,
  ...volumes,
};
