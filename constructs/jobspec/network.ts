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
  /** Several allocations of a host may share a static port (SO_REUSEPORT). Since Nomad 1.9. @default false */
  readonly ignoreCollision?: boolean;
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/network#dns-parameters */
export interface Dns {
  /** Addresses of name servers. @default - the client's */
  readonly servers?: readonly string[];
  /** Search domains. @default - the client's */
  readonly searches?: readonly string[];
  /** Options of resolv.conf. Shape: `["ndots:2"]`. @default - the client's */
  readonly options?: readonly string[];
}

/** Arguments for CNI plugins. Since Nomad 1.8. */
export interface Cni {
  /** Handed to every plugin of the network, as `CNI_ARGS`. @default {} */
  readonly args?: Readonly<Record<string, string>>;
}

/** What networks of every mode have. */
export interface NetworkOptions {
  /** By label; unique in the group. @default {} */
  readonly ports?: Readonly<Record<string, Port>>;
  /** Name resolution in the tasks. @default - the client's */
  readonly dns?: Dns;
  /** Arguments for CNI plugins. Since Nomad 1.8. @default - none */
  readonly cni?: Cni;
}

/** The host's own network, or none but loopback. */
export interface SharedNetwork extends NetworkOptions {
  /** The host's network, or none but loopback. @default "host" */
  readonly mode?: "host" | "none";
  readonly hostname?: never;
}

/** A network namespace for the group: Nomad's bridge, or a CNI network of the client. */
export interface IsolatedNetwork extends NetworkOptions {
  /** Nomad's bridge, or a CNI network of the client. */
  readonly mode: "bridge" | `cni/${string}`;
  /** Host name inside the network namespace. @default - the allocation's id */
  readonly hostname?: string;
}

/**
 * The network of a group, shared by its tasks.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/network
 */
export type Network = SharedNetwork | IsolatedNetwork;
