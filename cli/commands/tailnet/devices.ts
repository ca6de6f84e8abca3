import { Command } from "commander";
import { UserError } from "../../../ops/errors";
import type { ControlPlane } from "../../../ops/tailnet/control-plane";
import { type Member, membersOf, prunable } from "../../../ops/tailnet/membership";
import { confirmed } from "../../confirm";
import { controlPlaneFor } from "../../control-plane";
import { table } from "../../print";
import {
  type Cli,
  type FleetOptions,
  fleetOf,
  optionsOf,
  wholeNumber,
  withExamples,
  withFleet,
  withJson,
} from "../../shared";

interface DevicesOptions extends FleetOptions {
  readonly prune?: boolean;
  readonly yes?: boolean;
  readonly offlineDays?: number;
}

const OFFLINE_DAYS = 7;

/** `steppe tailnet devices`: the control plane's devices against the fleet. */
export function devicesCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("devices")))
    .description("devices of the tailnet against the fleet: members, strays, left behind, missing")
    .option(
      "--prune",
      "delete devices that are left behind, after showing them; never one of the fleet, never an untagged one",
    )
    .option("-y, --yes", "delete without asking")
    .option(
      "--offline-days <n>",
      `days without contact after which a device that is not in the fleet counts as left behind (default: ${OFFLINE_DAYS})`,
      wholeNumber("--offline-days", 1),
    )
    .action(async (_options, self: Command) => {
      const options: DevicesOptions = optionsOf(self);
      const chosen = fleetOf(cli, options);
      const plane = await controlPlaneFor(cli, chosen);
      const members = membersOf(chosen.fleet, await plane.devices(), options.offlineDays ?? OFFLINE_DAYS, new Date());
      const deleted = options.prune === true ? await prune(cli, plane, members, options.yes === true) : [];
      if (options.json === true) cli.output.out(JSON.stringify({ devices: members, deleted }, null, 2));
      else {
        if (options.prune !== true) cli.output.out(membersText(cli, members));
        for (const name of deleted) cli.output.out(`deleted ${name}`);
      }
    });
  return withExamples(
    command,
    "tailnet devices --fleet example",
    "tailnet devices --prune --offline-days 30 --fleet example",
    "tailnet devices --json --fleet example",
  );
}

async function prune(cli: Cli, plane: ControlPlane, members: readonly Member[], isSure: boolean): Promise<string[]> {
  const gone = prunable(members);
  if (gone.length === 0) {
    cli.output.err("no device is left behind");
    return [];
  }
  const ids = new Set(gone.map(({ id }) => id));
  cli.output.err(
    membersText(
      cli,
      members.filter(({ device }) => device !== undefined && ids.has(device.id)),
    ),
  );
  if (
    !isSure &&
    !(await confirmed(`Delete ${gone.length} ${gone.length === 1 ? "device" : "devices"} from ${plane.name}?`))
  )
    throw new UserError("nothing was deleted: nobody said yes", ["give --yes to delete without being asked"]);
  const deleted: string[] = [];
  for (const { id, name } of gone) {
    await plane.deleteDevice(id);
    deleted.push(name);
  }
  return deleted;
}

const ORDER = ["member", "untagged", "missing", "stray", "left behind", "other"];

function membersText(cli: Cli, members: readonly Member[]): string {
  const sorted = [...members].sort(
    (a, b) => ORDER.indexOf(a.standing) - ORDER.indexOf(b.standing) || (a.name < b.name ? -1 : 1),
  );
  return table(
    cli.output,
    ["device", "standing", "address", "seen", "key ends", "ephemeral", "tags or user"],
    sorted.map(({ name, standing, device }) => [
      name,
      standing,
      device?.addresses[0] ?? "",
      device?.online === true ? "now" : (device?.lastSeen?.slice(0, 16).replace("T", " ") ?? ""),
      device?.expires?.slice(0, 10) ?? (device === undefined ? "" : "never"),
      device?.ephemeral === true ? "yes" : "",
      device === undefined ? "" : device.tags.length > 0 ? device.tags.join(" ") : (device.user ?? ""),
    ]),
  );
}
