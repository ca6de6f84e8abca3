import { Command } from "commander";
import { writeSnapshotKey } from "../../../ops/trust/snapshot-keys";
import { type Cli, fleetOf, optionsOf, secretInput, withExamples, withFleet, withJson } from "../../shared";

/** `steppe secret put snapshot-key`: what a region's servers write snapshots with, where no role lets them. */
export function snapshotKeyCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("snapshot-key")))
    .description(
      "record the access key with which a region's servers write snapshots to S3: its id and its secret, from standard input, one below the other",
    )
    .argument("<region>", "Nomad region")
    .action(async (region: string, _options, self: Command) => {
      const options = optionsOf(self);
      const { spec } = fleetOf(cli, options);
      const text = await secretInput("the access key", `./steppe secret put snapshot-key ${region} < file`);
      const changed = writeSnapshotKey(spec, region, text, { env: cli.env, project: cli.project });
      if (options.json === true) cli.output.out(JSON.stringify({ region, changed }));
      else if (!changed) cli.output.out(`region ${region} has this access key already`);
      else {
        const hosts = spec.regions.find(({ name }) => name === region)?.serverHosts ?? [];
        cli.output.out(`recorded the access key of region ${region}`);
        cli.output.out(
          `servers that are set up already take it with ./steppe apply ${hosts.map((host) => `--redeliver ${host}`).join(" ")}`,
        );
      }
    });
  return withExamples(command, "secret put snapshot-key eu --fleet example < key.txt");
}
