/**
 * A port of a group. Tasks see it as `NOMAD_PORT_<label>`, with `-` turned into `_`.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/network#port-parameters
 */
export interface Port {
  /** Port on the host. At most one allocation per host can have it. @default - a free one of the client's dynamic range */
  readonly static?: number;
  /** Port inside the container; -1 means the same as on the host. @default - the host's port */
  readonly to?: number;
  /** Name of a client's host network. @default - the client's default network */
  readonly hostNetwork?: string;
  /** Several allocations of a host may share a static port (SO_REUSEPORT). @default false */
  readonly ignoreCollision?: boolean;
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/network#dns-parameters */
export interface Dns {
  /** @default - the client's */
  readonly servers?: readonly string[];
  /** @default - the client's */
  readonly searches?: readonly string[];
  /** @default - the client's */
  readonly options?: readonly string[];
}

/**
 * The network of a group, shared by its tasks.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/network
 */
export interface Network {
  /** @default "host" */
  readonly mode?: "none" | "bridge" | "host" | `cni/${string}`;
  /** Host name inside the network namespace. Not with mode host. @default - the allocation's id */
  readonly hostname?: string;
  /** By label; unique in the group. @default {} */
  readonly ports?: Readonly<Record<string, Port>>;
  /** @default - the client's */
  readonly dns?: Dns;
  /** @default - none */
  readonly cni?: {
    /** @default {} */
    readonly args?: Readonly<Record<string, string>>;
  };
}
