import type { Job } from "../../../constructs/jobspec/job";
import type { Secret, Vault } from "../../../constructs/jobspec/workload";
import { batch, each, small, task } from "./build";

const identities: readonly Job[] = [
  small("identity-default", { task: { identities: [{ env: true, file: true }] } }),
  small("identity-default-named", {
    task: { identities: [{ name: "default", file: true, filepath: "local/token", changeMode: "restart" }] },
  }),
  small("identity-named", {
    task: {
      identities: [
        { name: "vault_default", aud: ["vault.io"], ttl: "1h", env: true, serviceName: "web", extraClaims: ["team"] },
        {
          name: "aws",
          aud: ["sts.amazonaws.com"],
          ttl: "30m",
          file: true,
          filepath: "secrets/aws",
          changeMode: "noop",
        },
      ],
    },
  }),
  small("identity-default-second", {
    task: { identities: [{ name: "gcp", aud: ["a", "b"], file: true, ttl: "15m" }, { env: true }] },
  }),
  ...each("identity-change", ["noop", "restart", "signal"], (changeMode) => ({
    task: {
      identities: [
        {
          name: "x",
          aud: ["a"],
          ttl: "1h",
          file: true,
          changeMode,
          ...(changeMode === "signal" ? { changeSignal: "SIGUSR1" } : {}),
        },
      ],
    },
  })),
];

const vaults: readonly Job[] = [
  small("vault-all", {
    task: {
      vault: {
        role: "web",
        policies: ["a", "b"],
        env: false,
        disableFile: true,
        changeMode: "restart",
        allowTokenExpiration: true,
      },
    },
  }),
  small("vault-empty", { task: { vault: {} } }),
  ...each("vault-change", ["restart", "noop", "signal"], (changeMode) => ({
    task: { vault: { role: "web", changeMode, ...(changeMode === "signal" ? { changeSignal: "SIGHUP" } : {}) } },
  })),
  batch("vault-short", {
    task: { vault: { role: "batch", allowTokenExpiration: true, env: true, disableFile: false } },
  }),
  small("vault-of-job", {
    job: { vault: { role: "web" } },
    others: { second: task(), own: task({ vault: { role: "own" } }) },
  }),
  handedDown("vault-of-group", { role: "group" }),
];

/** Two groups: one with a Vault role of its own, one with the job's. */
function handedDown(id: string, vault: Vault): Job {
  return {
    id,
    vault: { role: "job", changeMode: "noop" },
    groups: {
      own: { vault, tasks: { a: task(), b: task({ vault: { role: "task" } }) } },
      jobs: { tasks: { c: task() } },
    },
  };
}

const secret: Secret = { provider: "nomad", path: "nomad/jobs/web" };

const secrets: readonly Job[] = [
  small("secret-nomad", {
    task: {
      secrets: { app: { ...secret, config: { namespace: "default" } } },
      env: { KEY_FILE: "${secret.app.key}" },
    },
  }),
  small("secret-vault", {
    task: {
      vault: { role: "web" },
      secrets: {
        db: { provider: "vault", path: "kv/data/db", config: { engine: "kv_v2" } },
        old_db: { provider: "vault", path: "kv/db", config: { engine: "kv_v1" } },
      },
    },
  }),
  small("secret-plugin", {
    task: {
      secrets: {
        own: { provider: "op", path: "vaults/ai/items/key", env: { OP_HOST: "op.example.com", "with-dash": "1" } },
      },
    },
  }),
  small("secret-of-job", { job: { secrets: { shared: secret } }, others: { second: task() } }),
  {
    id: "secret-of-all",
    secrets: { a: { ...secret, path: "nomad/jobs/a" } },
    groups: {
      one: {
        secrets: { b: { ...secret, path: "nomad/jobs/b" } },
        tasks: { x: task({ secrets: { c: { ...secret, path: "nomad/jobs/c" } } }), y: task() },
      },
      two: { tasks: { z: task() } },
    },
  },
  {
    id: "secret-of-group",
    groups: { one: { secrets: { b: secret }, tasks: { x: task(), y: task() } }, two: { tasks: { z: task() } } },
  },
];

const consuls: readonly Job[] = [
  small("consul-partition", {
    group: { consul: { partition: "ai" } },
    task: { consul: { partition: "ai" } },
  }),
  small("consul-empty", { task: { consul: {} } }),
];

export const identityJobs: readonly Job[] = [...identities, ...vaults, ...secrets, ...consuls];
