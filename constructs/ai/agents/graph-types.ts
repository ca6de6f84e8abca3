import type { Construct } from "constructs";
import type { Caller } from "../../../model/tailnet-types";
import type { Frequency, Size } from "../../jobspec/size";
import type { Runtime } from "../../jobspec/program";
import type { Wiring } from "../base/endpoints";
import type { InferenceOptions } from "../inference/options";
import type { InferenceService } from "../inference/service";

/** What every node of a graph says. */
export interface GraphNodeOptions<Name extends string, Pool extends string = string> {
  /** Pool that runs it; all pools of a graph are in one region. */
  readonly pool: Pool;
  /** Instances. @default 1 */
  readonly count?: number;
  /** Nodes that it calls, one instance each, or `{ service, instances: "all" }`. @default [] */
  readonly calls?: readonly (Name | { readonly service: Name; readonly instances: "one" | "all" })[];
  /** Who else may call it: pools, groups, operators. @default [] - only those nodes that say so */
  readonly callers?: readonly Caller<Pool>[];
  /** Port on the tailnet. @default "dynamic" */
  readonly port?: number | "dynamic";
  /** How it learns where the nodes are that it calls. @default "environment" */
  readonly wiring?: Wiring;
}

/** A program of one's own: an orchestrator, an agent, a tool. It listens on `NOMAD_PORT_http`. */
export interface ProgramNodeOptions<Name extends string, Pool extends string = string> extends GraphNodeOptions<
  Name,
  Pool
> {
  readonly program: {
    /** With version or digest. */
    readonly image: string;
    /** @default - what the image runs */
    readonly command?: string;
    /** @default [] */
    readonly args?: readonly string[];
    /** @default {} */
    readonly env?: Readonly<Record<string, string>>;
    /** Path that answers 200 when it can serve. @default - only that the port is open is asked */
    readonly healthPath?: string;
    /** Share of a machine's CPU. @default "500MHz" */
    readonly cpu?: Frequency;
    /** @default "512MiB" */
    readonly memory?: Size;
    /** Nomad variable whose items become environment variables, by name. @default - none */
    readonly variable?: { readonly path: string; readonly items: Readonly<Record<string, string>> };
    /** @default - the container */
    readonly runtime?: Runtime;
  };
  readonly model?: never;
}

/** A model behind an OpenAI-compatible API. */
export type ModelNodeOptions<Name extends string, Pool extends string = string> = GraphNodeOptions<Name, Pool> &
  Omit<InferenceOptions, "name" | "service" | "replicas" | keyof GraphNodeOptions<Name>> & {
    /** Construct of the engine. @default VllmService */
    readonly engine?: new (scope: Construct, id: string, props: InferenceOptions) => InferenceService;
    readonly program?: never;
  };

/** A node of a graph. */
export type GraphNode<Name extends string, Pool extends string = string> =
  ProgramNodeOptions<Name, Pool> | ModelNodeOptions<Name, Pool>;
