import type { Task } from "../../task";
import type { Report } from "../report";
import { isSecretLike, knownSecret, secretFlag, secretHeader, secretName, urlUser } from "../../../core/secret-shapes";
import { type Config, textsOf, type TextVisitor, visitConfig } from "./texts";

const useVariable =
  "put it into a Nomad variable (./steppe secret put variable) and read it with a template that has env: true and a destination below secrets/";
/** Names of what is long and random, and no secret. */
const namesDigest = /sha|commit|rev|digest|checksum|hash|etag|version|fingerprint|public|cert/i;
const inPlainText = "must not hold a secret in plain text";

/** Things that look like a secret in a task: they would be in the repository, the plan, the state and the API. */
export function secretRules(report: Report, path: string, task: Task, config: Config): void {
  for (const [name, value] of Object.entries(task.env ?? {})) {
    const at = `${path}.env.${name}`;
    if (secretName.test(name) && isOpen(value)) plainSecret(report, at);
    else textRules(report, at, value);
  }
  argumentRules(report, path, textsOf(config["args"]));
  const auths = [config["auth"]].flat() as readonly (Readonly<Record<string, unknown>> | undefined)[];
  for (const auth of auths) {
    const password = auth?.["password"];
    if (typeof password === "string" && isOpen(password)) plainSecret(report, `${path}.config.auth.password`);
  }
  const visit: TextVisitor = (at, text) => {
    if (!at.endsWith(".image") && !at.endsWith(".auth.password")) textRules(report, at, text);
  };
  visitConfig(`${path}.config`, task.config, visit);
  metaSecretRules(report, `${path}.meta`, task.meta);
  artifactSecretRules(report, path, task);
  templateSecretRules(report, path, task);
}

/** Meta of a job, a group or a task. */
export function metaSecretRules(
  report: Report,
  path: string,
  meta: Readonly<Record<string, string>> | undefined,
): void {
  for (const [name, value] of Object.entries(meta ?? {})) {
    if (secretName.test(name) && isOpen(value)) plainSecret(report, `${path}.${name}`);
    else textRules(report, `${path}.${name}`, value);
  }
}

function plainSecret(report: Report, path: string): void {
  report.lint("plain-secret", path, inPlainText, undefined, useVariable);
}

/** Text that is a secret by what it looks like. */
function textRules(report: Report, path: string, text: string): void {
  if (text.length < 8) return;
  if (knownSecret.test(text)) plainSecret(report, path);
  else if (hasUrlUser(text))
    report.lint("url-credentials", path, "must not hold a password in a URL", undefined, useVariable);
  else if (isSecretLike(text) && !namesDigest.test(path.slice(path.lastIndexOf(".") + 1))) likeSecret(report, path);
}

function likeSecret(report: Report, path: string): void {
  report.lint("secret-like", path, "holds long random text, which looks like a secret", undefined, useVariable);
}

/** A URL with a password that is there to be read. */
function hasUrlUser(text: string): boolean {
  if (!text.includes("@")) return false;
  const password = urlUser.exec(text)?.[1];
  return password !== undefined && isOpen(password);
}

function argumentRules(report: Report, path: string, args: readonly string[]): void {
  args.forEach((argument, index) => {
    if (!argument.startsWith("-")) return;
    const match = secretFlag.exec(argument);
    if (match === null) return;
    const value = match[1] ?? args[index + 1];
    if (value === undefined || value.startsWith("-") || !isOpen(value)) return;
    plainSecret(report, `${path}.config.args.${index}`);
  });
}

function artifactSecretRules(report: Report, path: string, task: Task): void {
  task.artifacts?.forEach(({ source, options, headers }, index) => {
    const at = `${path}.artifacts.${index}`;
    if (
      hasUrlUser(source) ||
      /[?&](sshkey|aws_access_key_secret|aws_access_token|token|password)=[^&$]/i.test(source)
    ) {
      report.lint("url-credentials", `${at}.source`, "must not hold a password in a URL", undefined, useVariable);
    } else if (knownSecret.test(source)) plainSecret(report, `${at}.source`);
    for (const [name, value] of Object.entries(options ?? {})) {
      if (name === "checksum") continue;
      const isSecret = secretName.test(name) || name === "sshkey" || name.startsWith("aws_access_");
      if (isSecret && isOpen(value)) plainSecret(report, `${at}.options.${name}`);
      else textRules(report, `${at}.options.${name}`, value);
    }
    for (const [name, value] of Object.entries(headers ?? {})) {
      const bare = value.replace(/^(bearer|basic|token)\s+/i, "");
      if (secretHeader.test(name) && isOpen(bare)) plainSecret(report, `${at}.headers.${name}`);
      else textRules(report, `${at}.headers.${name}`, value);
    }
  });
}

const assignment = /^[ \t]*(?:export[ \t]+)?["']?([A-Za-z][\w.-]*)["']?[ \t]*[=:][ \t]*(.+?)[ \t]*$/gm;
const readsStore = /\{\{[^}]*\b(nomadVar|secret)\b/;
const field = /\.(\w+)\b(?!\.)/g;

/** Text of templates: lines `NAME=value` and known shapes, and where rendered secrets go. */
function templateSecretRules(report: Report, path: string, task: Task): void {
  task.templates?.forEach(({ data, destination, env }, index) => {
    if (data === undefined) return;
    const at = `${path}.templates.${index}`;
    const assigned = assignedSecret(data);
    if (knownSecret.test(data) || assigned === "plain") plainSecret(report, `${at}.data`);
    else if (hasUrlUser(data)) {
      report.lint("url-credentials", `${at}.data`, "must not hold a password in a URL", undefined, useVariable);
    } else if (assigned === "like") likeSecret(report, `${at}.data`);
    if (env === true || !/^\/?(\.\/)?(local|alloc)\//.test(destination) || !readsSecret(data)) return;
    const rule = "must be below secrets/: the text holds a secret, and local/ can be read through Nomad's API";
    report.lint("secret-in-local", `${at}.destination`, rule, destination, "write it to secrets/, and read it there");
  });
}

/** Whether a template reads something from a store whose name says that it is a secret. */
function readsSecret(data: string): boolean {
  return readsStore.test(data) && [...data.matchAll(field)].some(([, name = ""]) => secretName.test(name));
}

/** Whether a line `NAME=value` holds a secret, by its name or by the value. */
function assignedSecret(data: string): "plain" | "like" | undefined {
  let found: "like" | undefined;
  assignment.lastIndex = 0;
  for (let match = assignment.exec(data); match !== null; match = assignment.exec(data)) {
    const [, name = "", raw = ""] = match;
    const value = raw.replace(/[,;]$/, "").replace(/^(["'])(.*)\1$/, "$2");
    if (value.includes("{{") || /^[$[{(<|>]/.test(value)) continue;
    if (!secretName.test(name)) {
      if (value.length >= 20 && isSecretLike(value) && !namesDigest.test(name)) found = "like";
    } else if (!/^(true|false|null|none|no|yes|\d{1,5})$/i.test(value) && isOpen(value)) return "plain";
  }
  return found;
}

/** True for a value that is there to be read; false for a file's path and for what Nomad fills in on the node. */
function isOpen(value: string): boolean {
  if (value === "" || value.startsWith("/") || /^(local|secrets|alloc)\//.test(value)) return false;
  const rest = value.replace(/\$\{(?!TfToken)[^}]*\}/g, "").replace(/\{\{[^}]*\}\}/g, "");
  return rest !== "" && !(rest !== value && /^[/:]/.test(rest));
}
