import { Construct } from "constructs";
import type { Service } from "../../../model/types";
import { assertValid, type Problem } from "../../core/problems";
import { oneOf } from "../../jobspec/rules/report";
import { runtimeProblems } from "../../jobspec/program";
import { NomadJob } from "../../nomad/job";
import { patternPlace, servicePort } from "../../nomad/pattern-place";
import { type Call, withEndpoints } from "../base/endpoints";
import { VllmService } from "../inference/vllm";
import type { GraphNode } from "./graph-types";
import { PROGRAM, programJob } from "./program-job";

/**
 * Named models and programs, and who calls whom. It is data twice: the fleet takes `services()`, which open the tailnet for those calls
 * alone, and the region's workloads take `deploy()`, which makes the jobs and tells each caller where its nodes are.
 *
 * The tailnet knows machines, not programs: a call is open for all machines of the caller's pool.
 */
export class ModelGraph<const Name extends string, const Pool extends string> {
  constructor(public readonly nodes: Readonly<Record<Name, GraphNode<NoInfer<Name>, Pool>>>) {
    assertValid("ModelGraph", this.problems());
  }

  /** To be spread into the fleet's `services`. */
  public services(): Readonly<Record<Name, Service<Pool>>> {
    const all = this.entries();
    return Object.fromEntries(
      all.map(([name, { pool, port = "dynamic", callers = [] }]): [string, Service] => {
        const calling = all.filter(([, node]) => callsOf(node).some(({ service }) => service === name));
        return [
          name,
          { port, pools: [pool], callers: [...new Set([...calling.map(([, node]) => node.pool), ...callers])] },
        ];
      }),
    ) as unknown as Record<Name, Service<Pool>>;
  }

  /** The jobs of all nodes, each under its name. */
  public deploy(scope: Construct): Readonly<Record<Name, Construct>> {
    return Object.fromEntries(this.entries().map(([name, node]) => [name, deployNode(scope, name, node)])) as Record<
      Name,
      Construct
    >;
  }

  private entries(): readonly (readonly [string, GraphNode<string>])[] {
    return Object.entries<GraphNode<string>>(this.nodes);
  }

  private problems(): Problem[] {
    const names = Object.keys(this.nodes);
    return this.entries().flatMap(([name, node]) => {
      const seen = new Set<string>();
      const own = runtimeProblems(node.program?.runtime).map((problem) => ({
        ...problem,
        path: `${name}.program.${problem.path}`,
      }));
      const ofCalls = callsOf(node).flatMap(({ service }, index): Problem[] => {
        const path = `${name}.calls.${index}`;
        const isTwice = seen.has(service);
        seen.add(service);
        if (!names.includes(service))
          return [{ path, rule: "must be a node of the graph", got: service, fix: oneOf(names) }];
        if (service === name) return [{ path, rule: "must be another node", got: service, fix: "remove it" }];
        return isTwice ? [{ path, rule: "must not be there twice", got: service, fix: "remove one" }] : [];
      });
      return [...own, ...ofCalls];
    });
  }
}

function callsOf({ calls = [] }: GraphNode<string>): readonly Call[] {
  return calls.map((call) => (typeof call === "string" ? { service: call } : call));
}

function deployNode(scope: Construct, name: string, node: GraphNode<string>): Construct {
  const calls = callsOf(node);
  if (node.program === undefined) {
    const { engine: Engine = VllmService, count = 1 } = node;
    return new Engine(scope, name, { ...node, name, replicas: count, calls });
  }
  const place = patternPlace(scope, node.pool);
  const job = programJob(name, node, { port: servicePort(place, name), edge: place.pool.edge });
  return new NomadJob(scope, name, {
    job: withEndpoints(job, { group: PROGRAM, task: PROGRAM }, calls, node.wiring),
  });
}
