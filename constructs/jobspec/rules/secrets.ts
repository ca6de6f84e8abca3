import type { Task } from "../task";
import type { Report } from "./report";

const secretName =
  /(^|_)(TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;
const secretFlag = /^--?(token|password|passwd|secret|api[-_]?key|access[-_]?key|private[-_]?key)(=.+)?$/i;
const useVariable =
  "put it into a Nomad variable (./steppe secret put) and read it with a template that has env: true and a destination below secrets/";

/** Things that look like a secret in the job itself: it would be in the repository, the plan, the state and the API. */
export function secretRules(report: Report, path: string, task: Task): void {
  for (const [name, value] of Object.entries(task.env ?? {})) {
    if (secretName.test(name) && isOpen(value)) {
      report.error(`${path}.env.${name}`, "must not hold a secret in plain text", undefined, useVariable);
    }
  }
  const config = task.config as Readonly<Record<string, unknown>>;
  const args = Array.isArray(config["args"]) ? (config["args"] as readonly unknown[]) : [];
  args.forEach((argument, index) => {
    if (typeof argument !== "string") return;
    const match = secretFlag.exec(argument);
    if (match === null) return;
    const value = match[2]?.slice(1) ?? args[index + 1];
    if (typeof value !== "string" || value.startsWith("-") || !isOpen(value)) return;
    report.error(`${path}.config.args.${index}`, "must not hold a secret in plain text", undefined, useVariable);
  });
  const extra = config["extra"] as Readonly<Record<string, unknown>> | undefined;
  for (const auth of [config["auth"], extra?.["auth"]].flat()) {
    const password = (auth as Readonly<Record<string, unknown>> | undefined)?.["password"];
    if (typeof password === "string" && isOpen(password)) {
      report.error(`${path}.config.auth.password`, "must not hold a secret in plain text", undefined, useVariable);
    }
  }
}

/** True for a value that is there to be read; false for a file's path and for what Nomad fills in on the node. */
function isOpen(value: string): boolean {
  if (value === "" || value.startsWith("/")) return false;
  const rest = value.replace(/\$\{(NOMAD_|env\[|secret\.)[^}]*\}/g, "");
  return rest !== "" && !(rest !== value && rest.startsWith("/"));
}
