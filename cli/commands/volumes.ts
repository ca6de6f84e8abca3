import { Command } from "commander";
import { UserError } from "../../ops/errors";
import { fleetVolumes } from "../../ops/volumes/fleet";
import type { RegionVolumes } from "../../ops/volumes/types";
import {
  type Cli,
  type FleetOptions,
  fleetOf,
  optionsOf,
  settingsOf,
  stacksOf,
  withExamples,
  withFleet,
  withJson,
} from "../shared";
import { volumesText, volumeText } from "../volumes-text";

interface VolumesOptions extends FleetOptions {
  readonly region?: string;
}

/** `steppe volumes`: who mounts what, where, and what nothing mounts. */
export function volumesCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("volumes")))
    .description(
      "volumes of the fleet and of its regions' Nomad: health, who mounts them now, who is meant to, what is stuck or left over",
    )
    .argument("[id]", "only this volume, with everything that is known of it")
    .option("--region <region>", "only this Nomad region")
    .action(async (id: string | undefined, _options, self: Command) => {
      const options: VolumesOptions = optionsOf(self);
      const chosen = fleetOf(cli, options);
      const all = Object.keys(chosen.fleet.regions);
      if (options.region !== undefined && !all.includes(options.region))
        throw new UserError(`fleet ${chosen.fleet.name} has no region ${options.region}`, [
          `use one of: ${all.join(", ")}`,
        ]);
      const stacks = await stacksOf(cli, chosen);
      const settings = await settingsOf(cli, chosen, stacks);
      const asked = options.region === undefined ? all : [options.region];
      const found = await fleetVolumes(chosen.fleet, stacks, settings, asked);
      const regions = id === undefined ? found : found.map((region) => only(region, id));
      if (id !== undefined) assertKnown(found, regions, id);
      if (options.json === true) cli.output.out(JSON.stringify(regions, undefined, 2));
      else
        cli.output.out(
          id === undefined ? volumesText(cli.output, regions, new Date()) : volumeText(cli.output, regions, new Date()),
        );
      const silent = regions.filter(({ failure }) => failure !== undefined);
      if (silent.length > 0)
        throw new UserError(
          `not every region could be asked`,
          silent.map(({ region, failure }) => `${region}: ${failure ?? ""}`),
        );
    });
  return withExamples(
    command,
    "volumes --fleet example",
    "volumes scratch --region east        # capabilities, claims, who is meant to mount it",
    "volumes --json --fleet example",
  );
}

/** What of a region is about one volume: by its id, or as one of several of that name. */
function only(region: RegionVolumes, id: string): RegionVolumes {
  const isIt = (one: string) => one === id || one.replace(/\[\d+\]$/, "") === id;
  const volumes = region.volumes.filter((volume) => isIt(volume.id) || volume.uuid === id);
  const ids = new Set(volumes.map((volume) => volume.id));
  return {
    ...region,
    volumes,
    plugins: region.plugins.filter((plugin) => volumes.some((volume) => volume.plugin === plugin.id)),
    findings: region.findings.filter(({ path }) => ids.has(/: volume (.*)$/.exec(path)?.[1] ?? "")),
  };
}

function assertKnown(all: readonly RegionVolumes[], regions: readonly RegionVolumes[], id: string): void {
  if (regions.some(({ volumes, failure }) => volumes.length > 0 || failure !== undefined)) return;
  const known = [...new Set(all.flatMap(({ volumes }) => volumes.map((volume) => volume.id)))];
  throw new UserError(`there is no volume ${id}`, [
    known.length === 0 ? "there are none" : `use one of: ${known.join(", ")}`,
  ]);
}
