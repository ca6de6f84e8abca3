import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labSshAgent, operatorCommand } from "../../lab/operator";
import { requireState } from "../../lab/state";
import { command, type Ran } from "./lab";
import type { StackDocument } from "./synth";

/**
 * Delivers a bundle from the operator's place of the lab by Terraform: the very resource of a site's stack, by itself. What
 * it waits for there is taken to be there.
 *
 * @param variables - the stack's, by name.
 */
export async function deliverByTerraform(
  stack: StackDocument,
  host: string,
  variables: Readonly<Record<string, string>>,
): Promise<Ran> {
  const resources = Object.entries(stack.resource?.["terraform_data"] ?? {});
  const delivery = resources.find(([id]) => id.startsWith(`Machines_${host}_Delivery`))?.[1];
  if (delivery === undefined) throw new Error(`the stack delivers nothing to ${host}`);
  const { provisioner } = delivery;
  const names = Object.keys(variables);
  const document = {
    variable: Object.fromEntries(names.map((name) => [name, stack.variable?.[name]])),
    resource: { terraform_data: { delivery: { provisioner } } },
  };
  const directory = mkdtempSync(join(tmpdir(), "steppe-delivery-"));
  writeFileSync(join(directory, "main.tf.json"), JSON.stringify(document));
  const program = (await requireState()).tools.terraform;
  writeFileSync(join(directory, "cli.tfrc"), "");
  const run = async (...args: readonly string[]) =>
    await command(operatorCommand([program, `-chdir=${directory}`, ...args]), {
      SSH_AUTH_SOCK: labSshAgent(),
      CHECKPOINT_DISABLE: "1",
      TF_INPUT: "0",
      TF_CLI_CONFIG_FILE: join(directory, "cli.tfrc"),
      ...Object.fromEntries(names.map((name) => [`TF_VAR_${name}`, variables[name] as string])),
    });
  try {
    const initialized = await run("init", "-no-color");
    return initialized.code === 0 ? await run("apply", "-auto-approve", "-no-color") : initialized;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
