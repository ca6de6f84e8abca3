import type { Artifact, Task } from "../task";
import type { Template } from "../template";
import { leavesAllocation } from "./paths";
import { isKnown, isLiteral, type Report } from "./report";
import { signalRule } from "./signals";

/** Templates of a task. */
export function templateRules(report: Report, path: string, task: Task): void {
  const destinations = new Set<string>();
  task.templates?.forEach((template, index) => {
    const at = `${path}.templates.${index}`;
    templateRule(report, at, template);
    const { destination } = template;
    if (destinations.has(destination)) {
      report.error(`${at}.destination`, "must be unique in the task", destination, "rename it");
    }
    destinations.add(destination);
  });
}

function templateRule(report: Report, path: string, template: Template): void {
  const { destination, data = "", source = "" } = template;
  if (data === "" && source === "") {
    report.error(path, "must have data or source", undefined, "set one of them");
  } else if (data !== "" && source !== "") {
    report.lint("ambiguous-template", path, "must have data or source, not both", undefined, "remove one of them");
  }
  report.required(`${path}.destination`, destination, "begin with local/ or secrets/");
  if (isKnown(destination) && leavesAllocation("task", destination)) {
    const rule = "must not leave the allocation's directory";
    report.error(`${path}.destination`, rule, destination, "begin with local/ or secrets/");
  }
  changeRules(report, path, template);
  report.duration(`${path}.splay`, template.splay);
  if (template.perms !== undefined && template.perms !== "" && isKnown(template.perms) && !isMode(template.perms)) {
    report.error(`${path}.perms`, "must be an octal mode of at most 7777", template.perms, 'write it as in "0640"');
  }
  report.sensibleDuration(`${path}.changeScript.timeout`, template.changeScript?.timeout);
  const min = report.sensibleDuration(`${path}.wait.min`, template.wait?.min);
  const max = report.sensibleDuration(`${path}.wait.max`, template.wait?.max);
  if (min !== undefined && max !== undefined && min > max) {
    report.error(`${path}.wait.min`, `must be at most max (${template.wait?.max ?? ""})`, template.wait?.min);
  }
}

function isMode(text: string): boolean {
  return /^[0-7]+$/.test(text) && Number.parseInt(text, 8) <= 0o7777;
}

function changeRules(report: Report, path: string, template: Template): void {
  const mode = template.changeMode ?? "restart";
  report.oneOf(`${path}.changeMode`, mode, ["restart", "noop", "signal", "script"]);
  if (mode === "signal" && template.env === true) {
    report.error(`${path}.env`, "must not be set with changeMode signal", true, "use changeMode restart");
  }
  signalRule(report, `${path}.changeSignal`, template.changeSignal);
  if (mode !== "script") return;
  const { changeScript } = template as { readonly changeScript?: { readonly command: string } };
  if (changeScript === undefined) {
    report.error(`${path}.changeScript`, "is needed by changeMode script", undefined, "add a command");
  } else {
    report.required(`${path}.changeScript.command`, changeScript.command, "name the program");
  }
}

const hashLength: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64, sha512: 128 };

/** What a task downloads. */
export function artifactRules(report: Report, path: string, artifact: Artifact): void {
  report.required(`${path}.source`, artifact.source, "name a URL");
  report.oneOf(`${path}.mode`, artifact.mode === ("" as never) ? undefined : artifact.mode, ["any", "file", "dir"]);
  const { destination = "" } = artifact;
  if (isKnown(destination) && leavesAllocation("task", destination)) {
    const rule = "must not leave the allocation's directory";
    report.error(`${path}.destination`, rule, destination, "begin with local/");
  }
  const checksum = artifact.options?.["checksum"];
  if (checksum !== undefined && isLiteral(checksum)) checksumRule(report, `${path}.options.checksum`, checksum);
  insecureRule(report, path, artifact);
}

function checksumRule(report: Report, path: string, checksum: string): void {
  const [type = "", value, ...more] = checksum.trim().split(":");
  const fix = 'write it as in "sha256:…"';
  if (value === undefined || more.length > 0) {
    report.error(path, "must be a type and a value", checksum, fix);
  } else if (!Object.hasOwn(hashLength, type)) {
    report.error(path, "must be of md5, sha1, sha256 or sha512", checksum, fix);
  } else if (value.length !== hashLength[type] || !/^[0-9a-f]+$/i.test(value)) {
    report.error(path, `must have ${hashLength[type] ?? 0} hexadecimal digits for ${type}`, checksum, fix);
  }
}

function insecureRule(report: Report, path: string, { source, insecure, options }: Artifact): void {
  if (options?.["checksum"] !== undefined || !isKnown(source)) return;
  const url = source.replace(/^\w+::/, "");
  if (insecure === true) {
    const rule = "must not be true without a checksum";
    report.lint("insecure-artifact", `${path}.insecure`, rule, true, "add options: { checksum: … }, or remove it");
  } else if (url.startsWith("http://")) {
    const rule = "must be https or have a checksum";
    report.lint("insecure-artifact", `${path}.source`, rule, withoutUser(source), "add options: { checksum: … }");
  }
}

function withoutUser(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//…@").replace(/\?.*$/, "");
}
