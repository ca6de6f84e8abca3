import type { Duration } from "./duration";

/**
 * A signed token that says which workload this is. With `ttl` set it is renewed before it ends.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/identity
 */
export interface Identity {
  /** Unique in the task; `vault_<cluster>` and `consul_<cluster>` are special. Since Nomad 1.7. @default "default" */
  readonly name?: string;
  /** Audience. Required but for the default identity; one is best. @default - none */
  readonly aud?: readonly string[];
  /** Put it into `NOMAD_TOKEN` (default identity) or `NOMAD_TOKEN_<name>`. @default false */
  readonly env?: boolean;
  /** Write it to the secrets directory. @default false */
  readonly file?: boolean;
  /** Path of the file, relative to the task's directory. Since Nomad 1.10. @default - `secrets/nomad_token` */
  readonly filepath?: string;
  /** Life of the token. Not on the default identity. @default - as long as the allocation */
  readonly ttl?: Duration;
  /** What happens when it is renewed. @default "noop" */
  readonly changeMode?: "noop" | "restart" | "signal";
  /** With `changeMode` signal. Shape: `SIGHUP`. @default - none */
  readonly changeSignal?: string;
  /** Service that the identity is for; set by Nomad in services. @default - none */
  readonly serviceName?: string;
  /** Claims of the agent's configuration to add. Since Nomad 1.11.1. @default [] */
  readonly extraClaims?: readonly string[];
}

/**
 * Gets a Vault token for the task with its workload identity.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/vault
 */
export interface Vault {
  /** Role of Vault's JWT auth method. Since Nomad 1.7. @default - the cluster's `create_from_role` */
  readonly role?: string;
  /** Policies of the old token flow, which Nomad 1.10 removed: ignored. @default [] */
  readonly policies?: readonly string[];
  /** Vault namespace. Nomad Enterprise. @default - the agent's */
  readonly namespace?: string;
  /** Vault cluster of the agent's configuration. Nomad Enterprise. @default "default" */
  readonly cluster?: string;
  /** Put the token into `VAULT_TOKEN`. @default true */
  readonly env?: boolean;
  /** Do not write the token to the secrets directory. @default false */
  readonly disableFile?: boolean;
  /** What happens when the token changes. @default "restart" */
  readonly changeMode?: "restart" | "noop" | "signal";
  /** With `changeMode` signal. Shape: `SIGHUP`. @default - none */
  readonly changeSignal?: string;
  /** Do not renew the token: for short batch work. Since Nomad 1.8. @default false */
  readonly allowTokenExpiration?: boolean;
}

/**
 * Where in Consul the task's or group's services, templates and keys are.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/consul
 */
export interface Consul {
  /** Consul namespace. Nomad Enterprise. @default - the agent's */
  readonly namespace?: string;
  /** Consul cluster of the agent's configuration. Nomad Enterprise. Since Nomad 1.7. @default "default" */
  readonly cluster?: string;
  /** Consul admin partition; adds a constraint on the node's. Since Nomad 1.7. @default - any */
  readonly partition?: string;
}

/**
 * A secret that the client fetches before the task starts, used as `${secret.<name>.<key>}` in `env` and `config`. Since Nomad
 * 1.11.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/secret
 */
export interface Secret {
  /** `nomad` (variables), `vault`, or a plugin of the client's `common_plugin_dir`. */
  readonly provider: string;
  /** Path of the variable or secret. Shape: `nomad/jobs/web`. */
  readonly path: string;
  /** For the provider. Shape: `{ namespace: "default" }`, `{ engine: "kv_v2" }`. @default {} */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** Environment of the provider's plugin. @default {} */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A command that operators run inside the task by name: `nomad action`. Since Nomad 1.7.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/action
 */
export interface Action {
  /** Program that runs. Shape: a path, or a name found in the task's PATH. */
  readonly command: string;
  /** Arguments, one item each; no shell splits them. @default [] */
  readonly args?: readonly string[];
}
