import { execFileSync } from "node:child_process";
import { gte } from "semver";
import { messageOf, UserError } from "../errors";
import type { Environment } from "../project";

/** Terraform or OpenTofu, as found on this machine. */
export interface TerraformTool {
  /** Command or path to run. */
  readonly command: string;
  readonly version: string;
}

/** Ephemeral variables and write-only arguments arrived with it, in Terraform and in OpenTofu. */
export const MINIMUM_VERSION = "1.11.0";

const found = new Map<string, TerraformTool>();

/**
 * Finds the tool: `STEPPE_TERRAFORM`, else `terraform`, else `tofu` on the path, the first that is new enough.
 *
 * @throws UserError when there is none, or none that is new enough.
 */
export function findTerraform(env: Environment): TerraformTool {
  const chosen = env["STEPPE_TERRAFORM"];
  const key = `${chosen ?? ""}\0${env["PATH"] ?? ""}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const candidates = chosen === undefined || chosen === "" ? ["terraform", "tofu"] : [chosen];
  const seen = candidates.map((command) => probe(command, env));
  const tool = seen.find(
    (result): result is TerraformTool => "version" in result && gte(result.version, MINIMUM_VERSION),
  );
  if (tool === undefined)
    throw new UserError(
      chosen === undefined || chosen === ""
        ? `Terraform ${MINIMUM_VERSION} or newer, or OpenTofu, is needed: ${seen.map(said).join(", ")}`
        : `STEPPE_TERRAFORM names no Terraform ${MINIMUM_VERSION} or newer: ${seen.map(said).join(", ")}`,
      [
        "install it from https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install",
        "or set STEPPE_TERRAFORM to its path",
      ],
    );
  found.set(key, tool);
  return tool;
}

type Probe = TerraformTool | { readonly command: string; readonly failure: string };

function probe(command: string, env: Environment): Probe {
  try {
    const output = execFileSync(command, ["version", "-json"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      // A configuration file that does not exist makes it print warnings; a check for updates may hang for seconds.
      env: { ...env, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "/dev/null" },
      timeout: 30_000,
    });
    const { terraform_version: version } = JSON.parse(output.slice(output.indexOf("{"))) as {
      terraform_version: string;
    };
    return { command, version };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return { command, failure: missing ? "not found" : `cannot be run (${messageOf(error).split("\n")[0]})` };
  }
}

function said(result: Probe): string {
  return "version" in result ? `${result.command} is ${result.version}` : `${result.command} ${result.failure}`;
}
