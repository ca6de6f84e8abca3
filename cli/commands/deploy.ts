import { Command } from "commander";
import { UserError } from "../../ops/errors";
import { pathText } from "../../ops/path-check";
import { fleetStatus, type FleetStatus, machineName } from "../../ops/status";
import { loadPart, type RenderPart } from "../lazy";
import { table } from "../print";
import { type Cli, fleetOf, optionsOf, settingsOf, stacksOf, withExamples, withFleet, withJson } from "../shared";
import { selection } from "../stack-commands";
import { applyCommand } from "./apply";
import { planCommand } from "./plan";

/** Commands over the stacks of a fleet. */
export function stackCommands(cli: Cli): Command[] {
  return [planCommand(cli), applyCommand(cli), statusCommand(cli), showCommand(cli)];
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
