import type { Group } from "../group";
import type { Job } from "../job";
import type { Service } from "../service";
import type { Findings } from "./findings";
import type { PoolFacts } from "./pool-facts";

/** Signals that Nomad knows on Linux. */
const SIGNALS = new Set(
  (
    "SIGABRT SIGALRM SIGBUS SIGCONT SIGFPE SIGHUP SIGILL SIGINT SIGIO SIGIOT SIGKILL SIGNULL SIGPIPE SIGPROF SIGQUIT " +
    "SIGSEGV SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGUSR1 SIGUSR2 SIGWINCH SIGXCPU SIGXFSZ"
  ).split(" "),
);

/** Providers of secrets that are part of Nomad. */
const OWN_PROVIDERS = new Set(["nomad", "vault"]);

/**
 * What a group needs of its machine without a constraint that says so: Nomad adds those itself. Consul and Vault are not
 * in the fleet, so whether a machine has them is not known.
 */
export function checkNeeds(findings: Findings, facts: PoolFacts, path: string, group: Group, job: Job): void {
  const doubt = (at: string, unknown: string) =>
    findings.doubt({ check: "constraint", path: at, unknown: `${unknown} pool ${facts.name}` });
  const services = (at: string, list: readonly Service[] | undefined) =>
    list?.forEach((service, index) => {
      if (service.provider === "consul") doubt(`${at}.services.${index}.provider`, "whether Consul runs in");
    });
  services(path, group.services);
  if (job.vault !== undefined || group.vault !== undefined) doubt(`${path}.vault`, "whether Vault is in reach of");
  secrets(doubt, `${path}.secrets`, { ...job.secrets, ...group.secrets });
  for (const [name, task] of Object.entries(group.tasks)) {
    const at = `${path}.tasks.${name}`;
    services(at, task.services);
    if (task.vault !== undefined) doubt(`${at}.vault`, "whether Vault is in reach of");
    secrets(doubt, `${at}.secrets`, task.secrets);
    const signals = [task.killSignal, ...(task.templates ?? []).map((template) => template.changeSignal)];
    for (const signal of signals) {
      if (signal !== undefined && !SIGNALS.has(signal))
        doubt(`${at}.killSignal`, `whether signal ${signal} is known in`);
    }
  }
}

function secrets(doubt: (at: string, unknown: string) => void, path: string, list: Group["secrets"]): void {
  for (const [name, secret] of Object.entries(list ?? {})) {
    if (!OWN_PROVIDERS.has(secret.provider))
      doubt(`${path}.${name}.provider`, `whether secret provider ${secret.provider} is in`);
  }
}
