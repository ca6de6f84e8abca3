import { resolve } from "node:path";
import { Command } from "commander";
import { Interrupts } from "../../../ops/process";
import { saveSnapshot } from "../../../ops/snapshot/transfer";
import { progressPrinter } from "../../print";
import { type Cli, type FleetOptions, fleetOf, optionsOf, withExamples, withFleet, withJson } from "../../shared";
import { regionAccess } from "../../region-access";
import { sizeText } from "./size-text";

interface SaveOptions extends FleetOptions {
  readonly region: string;
}

/** `steppe snapshot save`: a region's state to a file here. */
export function saveCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("save")))
    .description(
      "save a snapshot of a region's state to a file that only you may read; it holds every secret of the region",
    )
    .argument("[file]", "file to write (default: <fleet>-<region>-<UTC time>.snap)")
    .requiredOption("--region <region>", "Nomad region")
    .action(async (given: string | undefined, _options, self: Command) => {
      const options = optionsOf(self) as SaveOptions;
      const { region } = options;
      const chosen = fleetOf(cli, options);
      const access = await regionAccess(cli, chosen, region);
      const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
      const file = resolve(given ?? `${chosen.fleet.name}-${region}-${time}.snap`);
      const progress = progressPrinter(cli.output, region.length);
      const interrupts = new Interrupts();
      const saved = await interrupts.during(() =>
        saveSnapshot(access, region, file, {
          interrupts,
          onProgress: (bytes) => progress({ stack: region, kind: "working", text: sizeText(bytes) }),
        }),
      );
      if (options.json === true)
        cli.output.out(JSON.stringify({ fleet: chosen.fleet.name, region, ...saved }, null, 2));
      else {
        cli.output.out(`saved the state of region ${region}: ${saved.file}, ${sizeText(saved.bytes)}`);
        cli.output.out("it holds the region's tokens and keys: keep it as you keep the fleet's trust");
      }
    });
  return withExamples(
    command,
    "snapshot save --region eu --fleet example",
    "snapshot save before-upgrade.snap --region eu --fleet example --json",
  );
}
