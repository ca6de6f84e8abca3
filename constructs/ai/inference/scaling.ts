import { minutes } from "../../jobspec/duration";
import type { Scaling } from "../../jobspec/scaling";
import type { Engine } from "./engine";
import type { InferenceOptions } from "./options";

/**
 * Bounds and policy for Nomad's Autoscaler: as many replicas as bring each to the wanted number of requests.
 *
 * @returns undefined without `scaling`.
 * @see https://developer.hashicorp.com/nomad/tools/autoscaling/plugins/strategy/target-value
 */
export function scalingOf<O extends InferenceOptions>(
  engine: Engine<O>,
  { scaling, replicas = 1, loadMinutes = 30 }: O,
  servedModel: string,
): Scaling | undefined {
  if (scaling === undefined) return undefined;
  const { min = replicas, max, requestsPerReplica, source = "prometheus", cooldown = minutes(loadMinutes) } = scaling;
  const query = scaling.query ?? engine.requestsQuery?.(servedModel);
  return {
    min,
    max,
    policy: {
      cooldown,
      evaluationInterval: "30s",
      checks: {
        requests: {
          source,
          ...(query === undefined ? {} : { query }),
          queryWindow: "2m",
          strategy: { "target-value": { target: requestsPerReplica } },
        },
      },
    },
  };
}
