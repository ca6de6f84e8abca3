import type { CsiPlugin, Task } from "../task";
import type { Action, Identity, Secret, Vault } from "../workload";
import { isKnown, type Report } from "./report";
import { signalRule } from "./signals";

const identityName = /^[a-zA-Z0-9-_]{1,128}$/;
const secretName = /^[a-zA-Z0-9_]{1,128}$/;
const actionName = /^[^\0\s]{1,128}$/;

/** Tokens that a task gets. */
export function identityRules(report: Report, path: string, task: Task): void {
  const names = new Set<string>();
  task.identities?.forEach((identity, index) => {
    const at = `${path}.identities.${index}`;
    const name = (identity.name ?? "") === "" ? "default" : (identity.name ?? "");
    identityRule(report, at, identity, name);
    if (names.has(name)) {
      report.lint("duplicate-identity", `${at}.name`, "must be unique in the task", name, "rename it");
    }
    names.add(name);
  });
}

function identityRule(report: Report, path: string, identity: Identity, name: string): void {
  const { aud = [], changeMode, changeSignal = "" } = identity;
  report.matches(`${path}.name`, name, identityName, "must be letters, digits, - and _, at most 128");
  if (name !== "default" && aud.includes(""))
    report.error(`${path}.aud`, "must not hold an empty text", aud, "remove it");
  report.oneOf(`${path}.changeMode`, changeMode, ["noop", "restart", "signal"]);
  if (changeMode === "signal") {
    if (changeSignal === "") {
      report.error(`${path}.changeSignal`, "is needed by changeMode signal", undefined, 'add changeSignal: "SIGHUP"');
    }
  } else if (changeSignal !== "") {
    report.error(`${path}.changeSignal`, "needs changeMode signal", changeSignal, "add it, or remove the signal");
  }
  signalRule(report, `${path}.changeSignal`, changeSignal);
  const ttl = report.duration(`${path}.ttl`, identity.ttl);
  if (name === "default" && ttl !== undefined && ttl > 0) {
    report.error(`${path}.ttl`, "must not be set on the default identity", identity.ttl, "name the identity");
  }
  if ((identity.filepath ?? "") !== "" && identity.file !== true) {
    report.error(`${path}.filepath`, "needs file: true", identity.filepath, "add it");
  }
  if (name !== "default") identityLints(report, path, identity, ttl ?? 0);
}

function identityLints(report: Report, path: string, { aud = [], env, changeMode }: Identity, ttl: number): void {
  if (aud.length === 0) {
    report.lint(
      "identity-audience",
      `${path}.aud`,
      "must name an audience",
      undefined,
      'add one, for example ["vault.io"]',
    );
  } else if (aud.length > 1) {
    report.lint("identity-audiences", `${path}.aud`, "should be one", aud, "make an identity for each");
  }
  if (ttl === 0) report.lint("identity-ttl", `${path}.ttl`, "should be set", undefined, 'add ttl: "1h"');
  if (env === true && changeMode !== "restart") {
    const rule = "keeps the first token in the environment";
    report.lint("identity-env", `${path}.changeMode`, rule, changeMode, "use changeMode restart, or file: true");
  }
}

/** A token of Vault. */
export function vaultRules(report: Report, path: string, vault: Vault): void {
  report.oneOf(`${path}.changeMode`, vault.changeMode, ["restart", "noop", "signal"]);
  signalRule(report, `${path}.changeSignal`, vault.changeSignal);
  if ((vault.policies ?? []).length > 0) {
    const rule = "is of a flow that Nomad 1.10 removed";
    report.lint("without-effect", `${path}.policies`, rule, vault.policies, "use role");
  }
}

/** Secrets of a job, a group or a task, by name. */
export function secretBlockRules(
  report: Report,
  path: string,
  secrets: Readonly<Record<string, Secret>> | undefined,
  hasVault: boolean,
): void {
  for (const [name, secret] of Object.entries(secrets ?? {})) {
    const at = `${path}.${name}`;
    report.matches(at, name, secretName, "must be named with letters, digits and _, at most 128", "rename the secret");
    report.required(`${at}.provider`, secret.provider, "use nomad or vault");
    report.required(`${at}.path`, secret.path, "name the variable or secret");
    const isBuiltIn = secret.provider === "nomad" || secret.provider === "vault";
    if (isBuiltIn && Object.keys(secret.env ?? {}).length > 0) {
      report.error(`${at}.env`, `must not be set for provider ${secret.provider}`, undefined, "use config");
    }
    if (!isBuiltIn && isKnown(secret.provider) && Object.keys(secret.config ?? {}).length > 0) {
      report.error(`${at}.config`, "must not be set for a plugin", undefined, "use env");
    }
    if (secret.provider === "vault" && !hasVault) {
      report.error(`${at}.provider`, "vault needs a vault block", "vault", "add vault: {} to the task, group or job");
    }
  }
}

/** Commands that operators run by name. */
export function actionRules(report: Report, path: string, actions: Readonly<Record<string, Action>>): void {
  for (const [name, action] of Object.entries(actions)) {
    report.matches(`${path}.${name}`, name, actionName, "must have a name of 1 to 128 characters without spaces");
    report.required(`${path}.${name}.command`, action.command, "name the program");
  }
}

/** A task that is a CSI plugin. */
export function csiPluginRules(report: Report, path: string, plugin: CsiPlugin): void {
  report.required(`${path}.id`, plugin.id, "name the plugin");
  report.oneOf(`${path}.type`, plugin.type, ["node", "controller", "monolith"]);
  report.sensibleDuration(`${path}.healthTimeout`, plugin.healthTimeout);
  const { mountDir = "/csi", stagePublishBaseDir = "/local/csi" } = plugin;
  if (mountDir === "" || stagePublishBaseDir === "" || !stagePublishBaseDir.startsWith(mountDir)) return;
  const rule = `must not be inside mountDir (${mountDir})`;
  report.error(`${path}.stagePublishBaseDir`, rule, stagePublishBaseDir, "use another directory");
}
