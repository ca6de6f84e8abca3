import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { promisify } from "node:util";
import * as estree from "prettier/plugins/estree";
import * as typescript from "prettier/plugins/typescript";
import type { Plugin } from "prettier";
import { format } from "prettier/standalone";
import type { Problem } from "../constructs/core/problems";
import type { Job } from "../constructs/jobspec/job";
import { parseJob } from "../constructs/jobspec/parse";
import { jobSource } from "../constructs/jobspec/typescript";
import { validateJob } from "../constructs/jobspec/validate";
import { isMissing, messageOf, UserError } from "./errors";
import { findNomad } from "./find-tool";
import type { Environment } from "./project";

/** What is read, and how its variables are set. */
export interface ImportOptions {
  /** A jobspec in HCL, or JSON as `nomad job run -output` and `nomad job inspect` print it. */
  readonly file: string;
  /** Values of the file's variables. Shape: `["image=nginx:1.27.3"]`. @default [] */
  readonly vars?: readonly string[];
  /** Files with values of variables. @default [] */
  readonly varFiles?: readonly string[];
  readonly env: Environment;
}

/** A job that was read. */
export interface ImportedJob {
  readonly job: Job;
  /** What Steppe's rules say about it. */
  readonly problems: readonly Problem[];
}

/**
 * Reads an existing job. HCL goes through the real `nomad job run -output`, so variables, functions and dynamic blocks come out as
 * Nomad understands them.
 *
 * @throws UserError when the file cannot be read, nomad refuses it, or it holds what a typed job cannot.
 */
export async function importJob(options: ImportOptions): Promise<ImportedJob> {
  const { file } = options;
  const json = parsed(file, file.endsWith(".json") ? await text(file) : await fromHcl(options));
  const { job, problems } = parseJob(json);
  if (problems.length > 0) {
    throw new UserError(
      `${basename(file)} holds what a typed job cannot`,
      ["remove it from the file", "or keep the file as it is, with NomadJob.fromHcl"],
      problems,
    );
  }
  return { job, problems: validateJob(job) };
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) throw new UserError(`${file} does not exist`);
    throw new UserError(`${file} cannot be read: ${messageOf(error)}`);
  }
}

function parsed(file: string, source: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw new UserError(`${file} is no JSON: ${messageOf(error)}`);
  }
  const object = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const bare = (object["Job"] ?? object) as Readonly<Record<string, unknown>>;
  if (typeof bare["ID"] === "string" && Array.isArray(bare["TaskGroups"])) return object;
  throw new UserError(`${file} holds no job: it has no ID and TaskGroups`, [
    "give the output of nomad job run -output or nomad job inspect",
  ]);
}

async function fromHcl({ file, vars = [], varFiles = [], env }: ImportOptions): Promise<string> {
  await text(file);
  const nomad = findNomad(env);
  const settings = [...vars.map((item) => `-var=${item}`), ...varFiles.map((item) => `-var-file=${item}`)];
  try {
    const { stdout } = await promisify(execFile)(nomad, ["job", "run", "-output", ...settings, file], {
      // It reads the file only; an address that answers would make it ask for the version.
      env: { ...env, NOMAD_ADDR: "http://127.0.0.1:9" },
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const said = (error as { readonly stderr?: string }).stderr?.trim();
    throw new UserError(
      `nomad cannot read ${file}`,
      said?.includes("Unset variable") === true ? ["give each variable with --var name=value"] : [],
      [{ path: basename(file), rule: said === undefined || said === "" ? messageOf(error) : said }],
    );
  }
}

/**
 * A module that exports a job.
 *
 * @param target - file that the text is for: its imports are relative to it.
 * @param project - directory of the checkout.
 */
export async function jobModule(job: Job, from: string, target: string, project: string): Promise<string> {
  const { expression, imports } = jobSource(job);
  const place = relative(dirname(target), project) || ".";
  const modules = [...imports, ["job", new Set(["type Job"])] as const].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = modules.map(([module, names]) => {
    const isType = [...names].every((name) => name.startsWith("type "));
    const list = [...names].sort().map((name) => (isType ? name.slice("type ".length) : name));
    const path = `${place.startsWith(".") ? place : `./${place}`}/constructs/jobspec/${module}`;
    return `import ${isType ? "type " : ""}{ ${list.join(", ")} } from "${path}";`;
  });
  const source = `${lines.join("\n")}\n\n/** Imported from ${basename(from)}. */\nexport const ${constantName(job.id)}: Job = ${expression};\n`;
  return await format(source, { parser: "typescript", plugins: [typescript, estree as Plugin], printWidth: 120 });
}

/** A job's id as the name of a constant. */
function constantName(id: string): string {
  const name = id.replace(/[^A-Za-z0-9]+(.)?/g, (_match, next: string | undefined) => (next ?? "").toUpperCase());
  return /^[A-Za-z]/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : "job";
}
