import { Construct } from "constructs";
import { assertValid, type Problem } from "../../core/problems";
import { wholeNumberProblems } from "../../core/whole-number";
import { runtimeProblems } from "../../jobspec/program";
import { NomadJob } from "../../nomad/job";
import { type PatternPlace, patternPlace } from "../../nomad/pattern-place";
import { gpuOf } from "../../../model/hardware";
import { architectureOf } from "../../../model/gpu";
import { parsePorts } from "../../../model/ports";
import { storeProblems } from "./fault-tolerance";
import { headJob, partMounts, RAY_SERVICES, sharePorts, type WorkerPorts, workersJob } from "./jobs";
import type { RayClusterProps } from "./options";

/**
 * A Ray cluster: a head, and workers that find it by Nomad's discovery and join it again when it moves. The fleet has its services by
 * `rayServices`; one cluster for each region, since these have one name each. What the head knew is gone when it starts anew, unless it has `gcsFaultTolerance`.
 *
 * @see https://docs.ray.io/en/latest/cluster/vms/user-guides/launching-clusters/on-premises.html
 */
export class RayCluster extends Construct {
  public readonly head: NomadJob;
  public readonly workers: NomadJob;

  constructor(scope: Construct, id: string, props: RayClusterProps) {
    super(scope, id);
    const headPlace = patternPlace(this, props.head.pool);
    const place = patternPlace(this, props.workers.pool);
    const has = gpuOf(place.pool.hardware)?.count ?? 0;
    const gpus = props.workers.gpus ?? has;
    assertValid(this.node.path, problems(props, headPlace, place, { gpus, has }));
    const ports = sharePorts(workerPorts(place));
    this.head = new NomadJob(this, "Head", {
      job: headJob(props, headPlace, ports.head),
      mounts: partMounts(props, "head"),
    });
    this.workers = new NomadJob(this, "Workers", {
      job: workersJob(props, place, ports.workers, gpus),
      mounts: partMounts(props, "workers"),
    });
  }
}

/** Ports of worker processes, as the fleet opens them. */
function workerPorts({ fleet }: PatternPlace): WorkerPorts {
  const port = fleet.services?.["ray-workers"]?.port;
  const [range = [10_002, 19_999]] = typeof port === "string" ? (parsePorts(port) ?? []) : [];
  return [range[0], range[1]];
}

function problems(
  props: RayClusterProps,
  head: PatternPlace,
  workers: PatternPlace,
  { gpus, has }: { readonly gpus: number; readonly has: number },
): readonly Problem[] {
  const { runtime } = props;
  const { services = {} } = workers.fleet;
  const missing = RAY_SERVICES.filter((name) => !Object.hasOwn(services, name));
  const arm = [...new Set([head, workers])].filter(({ pool }) => architectureOf(pool) === "arm64");
  return [
    ...runtimeProblems(runtime),
    ...wholeNumberProblems("workers.count", props.workers.count, 1),
    ...wholeNumberProblems("workers.cpus", props.workers.cpus, 1),
    ...wholeNumberProblems("head.cpus", props.head.cpus, 0),
    ...(missing.length === 0
      ? []
      : [
          {
            path: "name",
            rule: `needs the services ${missing.join(", ")} in the fleet`,
            got: props.name,
            fix: `put ...rayServices({ head: "${head.poolName}", workers: ["${workers.poolName}"], clients: [] }) into its services`,
          },
        ]),
    ...storeProblems(props, head),
    ...(gpus > has
      ? [
          {
            path: "workers.gpus",
            rule: `must be at most ${has}, the GPUs of one machine of pool ${workers.poolName}`,
            got: gpus,
            fix: has === 0 ? "use a pool with GPUs" : "spread them over more workers",
          },
        ]
      : []),
    ...(runtime?.kind !== "installed" && runtime?.image === undefined
      ? arm.map(({ poolName }) => ({
          path: "runtime.image",
          rule: `must be an image for arm64, as the machines of pool ${poolName} are; the default is for amd64`,
          fix: "name one, for example docker.io/rayproject/ray:2.60.0-py312-aarch64",
        }))
      : []),
  ];
}
