import { Command } from "commander";
import { type Cli, withExamples } from "../../shared";
import { adoptCommand } from "./adopt";
import { devicesCommand } from "./devices";
import { diffCommand } from "./diff";
import { policyCommand } from "./policy";
import { reachCommand } from "./reach";

/** `steppe tailnet ...`: who reaches whom, and what is live against what the fleet says. */
export function tailnetCommand(cli: Cli): Command {
  const tailnet = new Command("tailnet").description("the tailnet: its policy, who reaches whom, its devices");
  for (const make of [policyCommand, reachCommand, diffCommand, devicesCommand, adoptCommand])
    tailnet.addCommand(make(cli));
  return withExamples(
    tailnet,
    "tailnet reach edge vllm --fleet example",
    "tailnet diff --fleet example",
    "tailnet devices --fleet example",
  );
}
