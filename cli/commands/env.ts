import { basename } from "node:path";
import { Command, Option } from "commander";
import { secretsVariable } from "../../model/identities";
import { authoritativeRegion } from "../../model/names";
import { externalAddress } from "../../ops/external-address";
import { cacheDirectory } from "../../ops/project";
import { findTerraform } from "../../ops/terraform/tool";
import { writeCliConfig } from "../../ops/terraform/providers";
import { serverAddresses } from "../../ops/nomad-api";
import { nomadFiles, writePayloads } from "../../ops/trust/secrets";
import { loadTrust } from "../../ops/trust/trust";
import { type Cli, type FleetOptions, fleetOf, optionsOf, stacksOf, withExamples, withFleet } from "../shared";

interface EnvOptions extends FleetOptions {
  readonly shell?: "bash" | "zsh" | "fish";
  readonly region?: string;
  readonly external?: boolean;
}

/** A value, or the file that the shell reads it from. */
type Setting = readonly [name: string, value: string | { readonly file: string }];

/** `steppe env`: sets up a shell for cdktf, terraform and nomad. Prints paths of secrets, never a secret. */
export function envCommand(cli: Cli): Command {
  const command = withFleet(new Command("env"))
    .description("print what sets up a shell for cdktf, terraform and nomad; secrets only as files that it reads")
    .addOption(new Option("--shell <shell>", "syntax to print (default: from SHELL)").choices(["bash", "zsh", "fish"]))
    .option("--region <region>", "Nomad region that the nomad command talks to (default: the authoritative one)")
    .option("--external", "for a shell outside the tailnet: call the region, or the fleet's global name, from there")
    .action(async (_options, self: Command) => {
      const options: EnvOptions = optionsOf(self);
      const chosen = fleetOf(cli, options);
      const trust = loadTrust(chosen.fleet.name, { env: cli.env, project: cli.project });
      const stacks = await stacksOf(cli, chosen);
      const payloads = writePayloads(
        trust,
        chosen.spec.identities.filter(({ role }) => role !== "operator"),
      );
      const region = options.region ?? authoritativeRegion(chosen.fleet);
      const files = nomadFiles(trust);
      const external = options.external === true ? externalAddress(chosen.fleet, options.region) : undefined;
      const address = external?.address ?? serverAddresses(chosen.spec, region)[0];
      const tool = findTerraform(cli.env).command;
      const settings: Setting[] = [
        ["STEPPE_FLEET", chosen.selected],
        ["CHECKPOINT_DISABLE", "1"],
        ["TF_INPUT", "0"],
        ["TF_CLI_CONFIG_FILE", writeCliConfig(stacks, cli.env, cacheDirectory(cli.env))],
        ...(tool === "terraform" ? [] : [["TERRAFORM_BINARY_NAME", tool] as const]),
        ...(address === undefined ? [] : [["NOMAD_ADDR", address] as const]),
        ...(external === undefined ? [] : [["NOMAD_TLS_SERVER_NAME", external.serverName] as const]),
        ["NOMAD_REGION", region],
        ["NOMAD_CACERT", files.ca],
        ["NOMAD_CLIENT_CERT", files.certificate],
        ["NOMAD_CLIENT_KEY", files.key],
        ["NOMAD_TOKEN", { file: files.token }],
        ...chosen.spec.identities.flatMap((identity): Setting[] => {
          const file = payloads[identity.name];
          return file === undefined ? [] : [[`TF_VAR_${secretsVariable(identity)}`, { file }]];
        }),
      ];
      const shell = options.shell ?? (basename(cli.env["SHELL"] ?? "") === "fish" ? "fish" : "bash");
      for (const setting of settings) cli.output.out(shell === "fish" ? fishLine(setting) : posixLine(setting));
    });
  return withExamples(
    command,
    'env --fleet example                        # look at it, then: eval "$(./steppe env --fleet example)"',
    "env --fleet example --shell fish           # fish: ./steppe env --fleet example --shell fish | source",
    "env --fleet example --external             # NOMAD_ADDR as callers outside the tailnet have it",
  );
}

function posixLine([name, value]: Setting): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  return `export ${name}=${typeof value === "string" ? quoted(value) : `"$(cat ${quoted(value.file)})"`}`;
}

function fishLine([name, value]: Setting): string {
  const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  return `set -gx ${name} ${typeof value === "string" ? quoted(value) : `(cat ${quoted(value.file)} | string collect)`}`;
}
