import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Fleet } from "../../model/types";
import type { CsiPlugin } from "../../model/volume-types";
import { terraformLiteral } from "../core/literal";
import { type SshConnection, TerraformData } from "../core/terraform-data";
import { dataDirectory } from "../machine/bundle";
import { dataPaths, paths } from "../machine/paths";
import { NomadJob } from "../nomad/job";
import { csiPluginJobs } from "./plugin-jobs";

/** How long a plugin may take until it answers everywhere, seconds; images are pulled in that time. */
const HEALTHY_SECONDS = 900;
/** How long after its own deadline the script is stopped from outside, seconds. It should have said why by then. */
const GRACE_SECONDS = 15;

export interface CsiPluginJobsProps {
  readonly fleet: Fleet;
  /** Id, as volumes name it. Shape: `org.democratic-csi.iscsi`. */
  readonly pluginId: string;
  readonly plugin: CsiPlugin;
  /** SSH to a server of the region, where it is waited until the plugin is healthy. */
  readonly connection: SshConnection;
}

/**
 * A CSI plugin of a region: its jobs, and the wait until it answers on every node and has a controller. Volumes come after
 * {@link ready}, and therefore go before the plugin.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/csi_plugin
 */
export class CsiPluginJobs extends Construct {
  public readonly jobs: readonly NomadJob[];
  /** What volumes of the plugin wait for. */
  public readonly ready: ITerraformDependable;

  constructor(scope: Construct, id: string, props: CsiPluginJobsProps) {
    super(scope, id);
    const { fleet, pluginId, plugin, connection } = props;
    const clientDirectory = (pool: string) =>
      `${dataPaths(dataDirectory(fleet, fleet.pools[pool]?.site ?? "")).nomad}/client`;
    const jobs = csiPluginJobs(fleet, pluginId, plugin, clientDirectory);
    // Not purged: Nomad would forget the plugin at once, and nobody could wait until it has ended on the machines.
    this.jobs = jobs.map(({ job }) => new NomadJob(this, job.id, { job, fleet }));
    const needsController =
      plugin.driver.programs.node === undefined || plugin.driver.programs.controller !== undefined;
    const check = ["plugin", String(HEALTHY_SECONDS), pluginId, needsController ? "yes" : "no"];
    this.ready = new TerraformData(this, "Healthy", {
      triggersReplace: jobs.map(({ job }) => job.id),
      dependsOn: this.jobs.map(({ resource }) => resource),
      provisioners: [
        {
          type: "remote-exec",
          connection,
          inline: [
            `$([ "$(id -u)" = 0 ] || echo sudo) timeout ${2 * HEALTHY_SECONDS + GRACE_SECONDS} ${paths.library}/gate ${check.join(" ")}`,
          ].map(terraformLiteral),
        },
      ],
    });
  }
}
