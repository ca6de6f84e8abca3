import { Command } from "commander";
import { backupsOf, snapshotAddress } from "../../../model/backups";
import { snapshotFiles } from "../../../ops/snapshot/list";
import { table } from "../../print";
import { type Cli, fleetOf, optionsOf, withExamples, withFleet, withJson } from "../../shared";
import { sizeText } from "./size-text";

/** `steppe snapshot list`: where snapshots are, or those in a directory. */
export function listCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("list")))
    .description(
      "say where the snapshots of each region are; or list those in a directory, such as a mount or what was downloaded. Buckets are not asked: use the cloud's own command",
    )
    .argument("[directory]", "directory with snapshots, at any depth")
    .action((directory: string | undefined, _options, self: Command) => {
      const options = optionsOf(self);
      if (directory === undefined) listStores(cli, options);
      else listFiles(cli, directory, options.json === true);
    });
  return withExamples(
    command,
    "snapshot list --fleet example",
    "snapshot list /mnt/backups",
    "snapshot list /mnt/backups --json",
  );
}

function listStores(cli: Cli, options: ReturnType<typeof optionsOf>): void {
  const { fleet } = fleetOf(cli, options);
  const rows = Object.keys(fleet.regions).map((region) => {
    const { everyMinutes, keepDays } = backupsOf(fleet, region) ?? {};
    return { region, address: snapshotAddress(fleet, region), everyMinutes, keepDays };
  });
  if (options.json === true) {
    cli.output.out(JSON.stringify(rows, null, 2));
    return;
  }
  cli.output.out(
    table(
      cli.output,
      ["region", "snapshots", "every", "kept"],
      rows.map(({ region, address, everyMinutes, keepDays }) =>
        address === undefined
          ? [region, "none are taken", "", ""]
          : [region, address, `${everyMinutes} minutes`, `${keepDays} days`],
      ),
    ),
  );
}

function listFiles(cli: Cli, directory: string, asJson: boolean): void {
  const files = snapshotFiles(directory);
  if (asJson) cli.output.out(JSON.stringify(files, null, 2));
  else if (files.length === 0) cli.output.out(`no snapshots in ${directory}`);
  else
    cli.output.out(
      table(
        cli.output,
        ["taken", "fleet", "region", "index", "size", "file"],
        files.map(({ taken, fleet = "", region = "", index, bytes, file }) => [
          taken,
          fleet,
          region,
          String(index),
          sizeText(bytes),
          file,
        ]),
      ),
    );
}
