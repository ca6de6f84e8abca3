import { Command } from "commander";
import { formatProblem } from "../../constructs/core/problems";
import { UserError } from "../../ops/errors";
import { replaceServer } from "../../ops/server/replace";
import type { Intent, Replacement } from "../../ops/server/replacement";
import { serverTarget } from "../../ops/server/target";
import { typed } from "../confirm";
import { colored } from "../print";
import {
  type Cli,
  type FleetOptions,
  fleetOf,
  optionsOf,
  settingsOf,
  stacksOf,
  wholeNumber,
  withExamples,
  withFleet,
  withJson,
} from "../shared";

interface ServerOptions extends FleetOptions {
  readonly yes?: boolean;
  readonly allowOutage?: string;
  readonly startOver?: boolean;
  readonly wait?: number;
}

/** `steppe server`: what is done to one server. */
export function serverCommand(cli: Cli): Command {
  const server = new Command("server").description("replace a server").addCommand(replaceCommand(cli));
  return withExamples(server, "server replace acme-eu-2 --fleet acme");
}

function replaceCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("replace")))
    .description(
      "replace one server, and no other, while its region goes on: a new machine from the current image takes over its data volume, " +
        "and with it name, address and Raft id; a machine of yours takes its bundle again after you have set it up anew",
    )
    .argument("<name>", "name of the server")
    .option("-y, --yes", "do it without asking; on-prem: the machine has been set up anew")
    .option(
      "--allow-outage <reason>",
      "do it although the region cannot go on without the server; the reason is recorded",
    )
    .option("--start-over", "make a new machine even where an earlier replacement only has to be finished")
    .option(
      "--wait <seconds>",
      "how long to wait until the region is as before (default: 300)",
      wholeNumber("--wait", 1),
    )
    .action(async (name: string, _options, self: Command) => {
      const options: ServerOptions = optionsOf(self);
      const { yes, allowOutage, startOver, wait } = options;
      if (allowOutage?.trim() === "") throw new UserError("--allow-outage wants a reason");
      const chosen = fleetOf(cli, options);
      const stacks = await stacksOf(cli, chosen);
      const target = serverTarget(chosen.fleet, stacks, name);
      if (yes !== true && !(process.stdin.isTTY && process.stderr.isTTY))
        throw new UserError("a replacement asks before it changes something, and nobody is here to answer", [
          "give --yes to replace the server without being asked",
        ]);
      const result = await replaceServer(target, {
        ...(await settingsOf(cli, chosen, [target.stack])),
        allStacks: stacks,
        color: colored(cli.output),
        announce: (intent) => cli.output.err(intentText(intent, allowOutage)),
        ...(allowOutage !== undefined && { allowOutage }),
        ...(startOver !== undefined && { startOver }),
        ...(wait !== undefined && { waitSeconds: wait }),
        ...(yes !== true && {
          approve: async ({ text }: Intent) => {
            cli.output.err(`\n${text}\n`);
            return await typed(`${question(target.isOnPrem)} Type ${name} to go on: `, name);
          },
        }),
      });
      cli.output.out(options.json === true ? JSON.stringify(result, undefined, 2) : resultText(result));
    });
  return withExamples(
    command,
    "server replace acme-eu-2 --fleet acme",
    "server replace acme-eu-2 --yes --json",
    'server replace acme-edge-1 --allow-outage "one server; jobs go on"',
    "server replace fra-2 --yes                 # on-prem: fra-2 has been set up anew",
  );
}

function question(isOnPrem: boolean): string {
  return isOnPrem
    ? "Set the machine up anew now, with the same name, address and login, and with its data directory where it survived; its bundle follows."
    : "The machine is destroyed and made anew.";
}

function intentText({ target, kind, image, before, outage }: Intent, reason: string | undefined): string {
  const { server, region, isOnPrem } = target;
  const what = {
    replace: "is replaced by a new machine",
    finish: "is given what an earlier replacement left undone",
    redeliver: "takes its bundle again",
  }[kind];
  return [
    "",
    `server ${server} of region ${region} ${what}`,
    before === undefined
      ? "  now    not known to Autopilot"
      : `  now    ${before.leader ? "leader" : before.voter ? "voter" : "no voter"}, ${before.healthy ? "healthy" : "not healthy"}, Raft id ${before.id}, ${before.address}`,
    ...(image.after === undefined
      ? []
      : [`  image  ${image.after}${changed(image) ? `, was ${image.before ?? ""}` : ", as before"}`]),
    ...(isOnPrem ? [] : ["  stays  its data volume, and with it name, address and Raft id"]),
    ...(outage.length === 0 ? [] : [`  outage allowed: ${reason ?? ""}`]),
    ...outage.map((problem) => `         - ${formatProblem(problem)}`),
    "",
  ].join("\n");
}

function changed({ before, after }: Intent["image"]): boolean {
  return before !== undefined && before !== after;
}

function resultText({ server, region, kind, before, after, outage, seconds }: Replacement): string {
  const done = { replace: "is replaced", finish: "is replaced", redeliver: "has its bundle again" }[kind];
  const same = before?.id === after.id && before.address === after.address;
  return [
    `server ${server} ${done}: a healthy voter of region ${region} after ${seconds} s`,
    `Raft id ${after.id}, ${after.address}${same ? ", as before" : ""}`,
    ...(outage === undefined ? [] : [`an outage was allowed: ${outage.reason}`]),
  ].join("\n");
}
