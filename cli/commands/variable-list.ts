import { UserError } from "../../ops/errors";
import type { SelectedFleet } from "../../ops/fleet";
import { jobsOf } from "../../ops/jobs";
import { findItems, type FoundItem, neededItems } from "../../ops/variables/needed";
import { table } from "../print";
import { regionAccess } from "../region-access";
import { type Cli, stacksOf } from "../shared";

/** Which items of Nomad variables the fleet's jobs read, and which of them are missing. Fails where a region cannot be asked. */
export async function listVariables(
  cli: Cli,
  chosen: SelectedFleet,
  { region, json }: { readonly region?: string; readonly json?: boolean },
): Promise<void> {
  const jobs = jobsOf(await stacksOf(cli, chosen)).filter((job) => region === undefined || job.region === region);
  const { items: needed, unreadJobs } = neededItems(jobs);
  const access = await regionAccess(cli, chosen, region ?? chosen.spec.regions[0]?.name ?? "");
  const { items, failures } = await findItems(access, needed);
  if (json === true) cli.output.out(JSON.stringify({ items, unreadJobs, failures }, null, 2));
  else tell(cli, items, unreadJobs);
  const silent = Object.entries(failures).map(([name, why]) => `${name}: ${why}`);
  if (silent.length > 0) throw new UserError("not every region could be asked", silent);
}

function tell(cli: Cli, items: readonly FoundItem[], unreadJobs: readonly string[]): void {
  if (items.length === 0) cli.output.out("no job reads a Nomad variable");
  else
    cli.output.out(
      table(
        cli.output,
        ["region", "namespace", "variable", "item", "state", "read by"],
        items.map(({ region, namespace, path, item, state, jobs }) => [
          region,
          namespace,
          path,
          item ?? "(all)",
          state,
          jobs.join(", "),
        ]),
      ),
    );
  const missing = items.filter(({ state }) => state === "missing");
  if (missing.length > 0) cli.output.out("\nwrite what is missing:");
  for (const command of new Set(missing.map(commandFor))) cli.output.out(`  ${command}`);
  if (unreadJobs.length > 0)
    cli.output.out(`\nwhat these jobs read is not known, or not all of it: ${unreadJobs.join(", ")}`);

  function commandFor({ region, namespace, path }: FoundItem): string {
    const names = missing
      .filter((one) => one.region === region && one.namespace === namespace && one.path === path)
      .map(({ item }) => item ?? "<item>");
    const within = namespace === "default" ? "" : ` --namespace ${namespace}`;
    return `./steppe secret put variable ${path} ${names.join(" ")} --region ${region}${within}`;
  }
}
