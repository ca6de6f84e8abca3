import { Command } from "commander";
import { type Cli, withExamples } from "../../shared";
import { listCommand } from "./list";
import { restoreCommand } from "./restore";
import { saveCommand } from "./save";

/** `steppe snapshot ...`: the state of a region as a file. */
export function snapshotCommand(cli: Cli): Command {
  const command = new Command("snapshot").description("save the state of a Nomad region to a file, and restore it");
  for (const make of [listCommand, saveCommand, restoreCommand]) command.addCommand(make(cli));
  return withExamples(
    command,
    "snapshot list --fleet example",
    "snapshot save --region eu --fleet example",
    "snapshot restore 20261121T120000Z-4711.snap --region eu --fleet example",
  );
}
