/* eslint-disable jest/no-export, jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- a helper that defines suites for others */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findMirror } from "../../ops/terraform/providers";
import { findTool } from "./tools";

/** Terraform or OpenTofu of this machine; undefined where there is neither. */
export const terraform = findTool("terraform") ?? findTool("tofu");

/** Directory of a local mirror that holds a provider; undefined where there is none. Shape: `hashicorp/nomad`. */
export function findProvider(source: string): string | undefined {
  return findMirror(source, process.env)?.directory;
}

/** A host that there is nowhere. @see https://www.rfc-editor.org/rfc/rfc2606 */
const NOBODY = "nobody.invalid";

const directories: string[] = [];

/** Removes every directory that {@link terraformDir} made. For `afterAll`. */
export function removeTerraformDirs(): void {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}

/** Makes a directory with files, ready for Terraform: providers come from local mirrors only. */
export function terraformDir(files: Readonly<Record<string, string>>, providers: readonly string[] = []): string {
  const directory = mkdtempSync(join(tmpdir(), "steppe-terraform-"));
  directories.push(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const mirrors = providers.map(
    (source) =>
      `  filesystem_mirror {\n    path    = ${JSON.stringify(findProvider(source))}\n    include = ["registry.terraform.io/${source}"]\n  }\n`,
  );
  writeFileSync(join(directory, "cli.tfrc"), `provider_installation {\n${mirrors.join("")}}\n`);
  return directory;
}

/** Runs Terraform in a directory. @returns its standard output. @throws Error with all output when it fails. */
export function runTerraform(directory: string, ...args: readonly string[]): string {
  const result = spawnSync(terraform ?? "terraform", args, { ...optionsIn(directory), encoding: "utf8" });
  if (result.status === 0) return result.stdout;
  throw new Error(`terraform ${args.join(" ")} failed\n${result.stdout}\n${result.stderr}`);
}

/** The same where this very process answers what Terraform asks. */
export async function runTerraformBeside(directory: string, ...args: readonly string[]): Promise<string> {
  const run = promisify(execFile)(terraform ?? "terraform", args, { ...optionsIn(directory), encoding: "utf8" });
  return (await run).stdout;
}

function optionsIn(directory: string) {
  return {
    cwd: directory,
    maxBuffer: 64 * 1024 * 1024,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: directory,
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
      TF_CLI_CONFIG_FILE: join(directory, "cli.tfrc"),
      // The provider wants a key before it plans; nothing listens where it would use it.
      TAILSCALE_API_KEY: "placeholder",
      TAILSCALE_BASE_URL: "http://127.0.0.1:9",
      // Google's provider asks the metadata server where it is, and Google whom its token belongs to; it goes on without answers.
      GCE_METADATA_HOST: NOBODY,
      HTTPS_PROXY: `http://${NOBODY}`,
    },
  };
}

/** One resource of a plan as `show -json` has it, without what Terraform made up. */
export interface PlannedChange {
  readonly address: string;
  readonly actions: readonly string[];
  readonly after: unknown;
  readonly unknown: unknown;
}

/** Initializes, validates and plans. @returns what the plan would change. */
export function plan(directory: string): readonly PlannedChange[] {
  runTerraform(directory, "init", "-backend=false");
  runTerraform(directory, "validate");
  // A backend cannot be left out of a plan, so the state goes where the configuration's would: a file here.
  writeFileSync(
    join(directory, "backend_override.tf"),
    'terraform {\n  backend "local" {\n    path = "test.tfstate"\n  }\n}\n',
  );
  runTerraform(directory, "init", "-reconfigure");
  runTerraform(directory, "plan", "-refresh=false", "-lock=false", "-out=plan.bin");
  const document = JSON.parse(runTerraform(directory, "show", "-json", "plan.bin")) as {
    readonly resource_changes?: readonly {
      readonly address: string;
      readonly change: {
        readonly actions: readonly string[];
        readonly after: unknown;
        readonly after_unknown: unknown;
      };
    }[];
  };
  return (document.resource_changes ?? []).map(({ address, change }) => ({
    address,
    actions: change.actions,
    after: change.after,
    unknown: change.after_unknown,
  }));
}

/** Text as `terraform fmt` would have it. */
export function formatted(text: string): string {
  const env = { PATH: process.env["PATH"] ?? "", CHECKPOINT_DISABLE: "1" };
  return execFileSync(terraform ?? "terraform", ["fmt", "-"], { input: text, encoding: "utf8", env });
}

/** A `describe` that needs Terraform and providers; else it counts as skipped, and says what is missing. */
export function describeWithTerraform(title: string, providers: readonly string[], tests: () => void): void {
  const missing = [
    ...(terraform === undefined ? ["terraform or tofu on PATH"] : []),
    ...providers
      .filter((source) => findProvider(source) === undefined)
      .map((source) => `provider ${source} in a mirror`),
  ];
  if (missing.length === 0) describe(title, tests);
  else describe.skip(`${title} [skipped: no ${missing.join(", no ")}]`, tests);
}
