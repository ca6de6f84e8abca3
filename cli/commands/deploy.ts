import { Command } from "commander";
import { UserError } from "../../ops/errors";
import { pathText } from "../../ops/path-check";
import { fleetStatus, type FleetStatus, machineName } from "../../ops/status";
import { apply, plan } from "../../ops/terraform/deploy";
import type { PlannedChanges } from "../../ops/terraform/execute";
import { removalProblems } from "../../ops/terraform/removal";
import type { RunResult } from "../../ops/terraform/result";
import type { Stack } from "../../ops/terraform/stack";
import { confirmed } from "../confirm";
import { loadPart, type RenderPart } from "../lazy";
import { colored, printWarnings, table } from "../print";
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
import { failIfFailed, heading, selection, STACKS, summary, withParallel } from "../stack-commands";

interface RunOptions extends FleetOptions {
  readonly parallel?: number;
  readonly detailedExitcode?: boolean;
  readonly refresh?: boolean;
  readonly yes?: boolean;
  readonly autoApprove?: boolean;
  readonly redeliver?: readonly string[];
  readonly allowDataLoss?: string;
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

const ALLOW_DATA_LOSS = [
  "--allow-data-loss <reason>",
  "let volumes be destroyed whose lines were deleted without being retired; the reason is recorded",
] as const;

/** Commands over the stacks of a fleet. */
export function stackCommands(cli: Cli): Command[] {
  return [planCommand(cli), applyCommand(cli), statusCommand(cli), showCommand(cli)];
}

function planCommand(cli: Cli): Command {
  const command = withParallel(withJson(withFleet(new Command("plan"))))
    .description("show what an apply would change; needs no secret")
    .argument("[stacks...]", STACKS)
    .option("--detailed-exitcode", "exit with 2 when there are changes")
    .option("--no-refresh", "compare with the state alone: providers are not asked what there is now")
    .option(...ALLOW_DATA_LOSS)
    .action(async (names: string[], _options, self: Command) => {
      const options: RunOptions = optionsOf(self);
      const { chosen, stacks, selected } = await selection(cli, options, names);
      printWarnings(removalProblems(stacks, chosen.fleet.name), cli.output);
      const result = await plan(selected, {
        ...(await settingsOf(cli, chosen, selected, options.parallel)),
        text: options.json !== true,
        color: colored(cli.output),
        refresh: options.refresh ?? true,
        ...dataLossOf(options),
      });
      if (options.json === true) cli.output.out(JSON.stringify(result.stacks, undefined, 2));
      else {
        for (const { stack, text } of result.stacks)
          if (text !== undefined) cli.output.out(`\n${heading(cli, stack)}\n\n${text}`);
        cli.output.out(`\n${summary(cli, result)}`);
      }
      failIfRefused(result);
      failIfFailed(result, "planned");
      const changes = result.stacks.some(({ status }) => status === "changed" || status === "deferred");
      if (options.detailedExitcode === true && changes) cli.exitWith(2);
    });
  return withExamples(
    command,
    "plan --fleet example",
    "plan jobs-east --fleet example",
    "plan --detailed-exitcode --json",
    "plan --no-refresh --fleet example",
  );
}

function applyCommand(cli: Cli): Command {
  const command = withParallel(withJson(withFleet(new Command("apply"))))
    .description("apply stacks in order, side by side where the order allows")
    .argument("[stacks...]", STACKS)
    .option("-y, --yes", "apply without asking")
    .option("--auto-approve", "the same, in Terraform's words")
    .option(
      "--redeliver <host>",
      "give a machine its bundle again, for example after setting it up anew; repeatable",
      collect,
    )
    .option(...ALLOW_DATA_LOSS)
    .action(async (names: string[], _options, self: Command) => {
      const options: RunOptions = optionsOf(self);
      const unasked = options.yes === true || options.autoApprove === true;
      if (!unasked && !(process.stdin.isTTY && process.stderr.isTTY))
        throw new UserError("an apply asks before it changes something, and nobody is here to answer", [
          "give --yes to apply without being asked",
        ]);
      const { chosen, stacks, selected } = await selection(cli, options, names);
      const approve = (stack: Stack, changes: PlannedChanges, text: string): Promise<boolean> => {
        cli.output.err(`\n${heading(cli, stack.name)}\n\n${text}\n`);
        const { add, change, destroy } = changes;
        return confirmed(`Apply to ${stack.name}: ${add} to add, ${change} to change, ${destroy} to destroy?`);
      };
      const result = await apply(selected, {
        ...(await settingsOf(cli, chosen, selected, options.parallel)),
        allStacks: stacks,
        redeliver: options.redeliver ?? [],
        color: colored(cli.output),
        ...dataLossOf(options),
        ...(!unasked && { approve }),
      });
      cli.output.out(options.json === true ? JSON.stringify(result.stacks, undefined, 2) : `\n${summary(cli, result)}`);
      failIfFailed(result, "applied");
    });
  return withExamples(
    command,
    "apply --fleet example",
    "apply site-frankfurt --yes --fleet example",
    "apply --redeliver fra-server-2 --fleet example",
    'apply storage-east --allow-data-loss "the disks were moved away"',
  );
}

function statusCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("status")))
    .description("what is applied, which regions, servers and nodes run, and by which path they are reached")
    .action(async (_options, self: Command) => {
      const options = optionsOf(self);
      const chosen = fleetOf(cli, options);
      const stacks = await stacksOf(cli, chosen);
      const status = await fleetStatus(stacks, await settingsOf(cli, chosen, stacks));
      cli.output.out(options.json === true ? JSON.stringify(status, undefined, 2) : statusText(cli, status));
    });
  return withExamples(command, "status --fleet example", "status --fleet example --json");
}

function showCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("show")))
    .description("print a synthesized stack as HCL")
    .argument("<stack>", "name of a stack, with or without the fleet's")
    .action(async (name: string, _options, self: Command) => {
      const options = optionsOf(self);
      const { selected } = await selection(cli, options, [name]);
      const document = selected[0]?.document ?? {};
      if (options.json === true) {
        cli.output.out(JSON.stringify(document, undefined, 2));
        return;
      }
      const part = loadPart("review/hcl/render.ts") as RenderPart | undefined;
      if (part === undefined) throw new UserError("this checkout has no HCL renderer", ["use --json"]);
      cli.output.out(part.renderHcl(document).trimEnd());
    });
  return withExamples(command, "show site-east --fleet example", "show jobs-east --fleet example --json");
}

/** @throws UserError without a reason. */
function dataLossOf({ allowDataLoss }: RunOptions): { readonly allowDataLoss?: string } {
  if (allowDataLoss?.trim() === "") throw new UserError("--allow-data-loss wants a reason");
  return allowDataLoss === undefined ? {} : { allowDataLoss };
}

function failIfRefused({ stacks }: RunResult): void {
  const refused = stacks.flatMap((stack) => stack.refused ?? []);
  if (refused.length > 0) throw new UserError("volumes would be lost: an apply refuses this", [], refused);
}

function statusText(cli: Cli, { stacks, regions, tailnet }: FleetStatus): string {
  const found = new Map("paths" in tailnet ? tailnet.paths.map((path) => [path.machine, path]) : []);
  const pathOf = (name: string, region: string): string[] => {
    if (!("paths" in tailnet)) return [];
    const path = found.get(machineName(name, region));
    return [path === undefined ? "" : pathText(path)];
  };
  const asked = new Set(
    regions.flatMap(({ region, servers, nodes }) =>
      [...servers, ...nodes].map(({ name }) => machineName(name, region)),
    ),
  );
  const unasked = [...found.values()].filter(({ machine }) => !asked.has(machine));
  const parts = [
    table(
      cli.output,
      ["stack", "backend", "serial", "resources", "last apply"],
      stacks.map(({ stack, backend, serial, resources, lastApply }) => [
        stack,
        backend,
        serial?.toString() ?? "-",
        resources?.toString() ?? "-",
        lastApply?.slice(0, 19).replace("T", " ") ?? (backend === "local" ? "never" : "-"),
      ]),
    ),
    table(
      cli.output,
      ["region", "leader", "servers", "nodes"],
      regions.map(({ region, leader, servers, nodes, failure }) => [
        region,
        failure ?? leader ?? "none",
        `${servers.filter(({ status }) => status === "alive").length} of ${servers.length} alive`,
        `${nodes.filter(({ status }) => status === "ready").length} of ${nodes.length} ready`,
      ]),
    ),
    table(
      cli.output,
      ["machine", "role", "region", "status", "address", ...("paths" in tailnet ? ["path"] : [])],
      regions
        .flatMap(({ region, servers, nodes }) => [
          ...servers.map(({ name, status, address }) => [
            name,
            "server",
            region,
            status,
            address,
            ...pathOf(name, region),
          ]),
          ...nodes.map(({ name, pool, status, address }) => [
            name,
            `pool ${pool}`,
            region,
            status,
            address,
            ...pathOf(name, region),
          ]),
        ])
        .concat(unasked.map((path) => [path.machine, "server", "", "not asked", "", pathText(path)])),
    ),
    ...("notChecked" in tailnet ? [`paths were not looked for: ${tailnet.notChecked}`] : []),
  ];
  return parts.join("\n\n");
}
