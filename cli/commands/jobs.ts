import { Command } from "commander";
import { formatProblem } from "../../constructs/core/problems";
import { parseJob } from "../../constructs/jobspec/parse";
import { type GroupPlacement, placeable } from "../../constructs/jobspec/placement/placeable";
import type { Fleet } from "../../model/types";
import { UserError } from "../../ops/errors";
import { type FleetJob, jobsOf } from "../../ops/jobs";
import { table } from "../print";
import {
  type Cli,
  type FleetOptions,
  fleetOf,
  optionsOf,
  stacksOf,
  withExamples,
  withFleet,
  withJson,
} from "../shared";

interface JobsOptions extends FleetOptions {
  readonly region?: string;
  readonly where?: boolean;
}

/** `steppe jobs`: the jobs of a fleet, or one of them as a jobspec. */
export function jobsCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("jobs")))
    .description("list the jobs of a fleet, or print one of them as a jobspec")
    .argument("[id]", "job to print")
    .option("--region <region>", "only jobs of this Nomad region")
    .option("--where", "say which pools can run the job, and why the others cannot")
    .action(async (id: string | undefined, _options, self: Command) => {
      const options: JobsOptions = optionsOf(self);
      const chosen = fleetOf(cli, options);
      const all = jobsOf(await stacksOf(cli, chosen));
      const jobs = options.region === undefined ? all : all.filter(({ region }) => region === options.region);
      const job = id === undefined ? undefined : one(jobs, id, chosen.fleet.name);
      if (options.where === true) printPlacement(cli, placementOf(job, chosen.fleet), options.json === true);
      else if (job !== undefined) print(cli, job, options.json === true);
      else if (options.json === true) cli.output.out(JSON.stringify(jobs.map(summary), null, 2));
      else
        cli.output.out(
          table(
            cli.output,
            ["region", "job", "namespace", "type", "pool", "groups"],
            jobs.map((job) => Object.values(summary(job)).map(String)),
          ),
        );
    });
  return withExamples(
    command,
    "jobs --fleet example",
    "jobs hello --fleet lab                      # as HCL, for reading and for nomad job run",
    "jobs hello --region east --json             # as nomad job run -json takes it",
    "jobs hello --where                          # which pools can run it, and why the others cannot",
  );
}

function one(jobs: readonly FleetJob[], id: string, fleet: string): FleetJob {
  const [first, ...others] = jobs.filter((job) => job.id === id);
  if (first === undefined)
    throw new UserError(`fleet ${fleet} has no job ${id}`, [
      jobs.length === 0 ? "there are none" : `use one of: ${[...new Set(jobs.map((job) => job.id))].join(", ")}`,
    ]);
  if (others.length > 0)
    throw new UserError(`job ${id} is in several regions`, [
      `choose one: --region ${[first, ...others].map(({ region }) => region).join(" or ")}`,
    ]);
  return first;
}

function print(cli: Cli, job: FleetJob, asJson: boolean): void {
  for (const expression of job.expressions)
    cli.output.err(`warning: \${${expression}} is filled in by Terraform when the job is applied`);
  if (!asJson) {
    cli.output.out(job.hcl.trimEnd());
    return;
  }
  if (job.json === undefined)
    throw new UserError(`job ${job.id} is handed to Terraform as HCL`, ["print it without --json"]);
  cli.output.out(JSON.stringify({ Job: job.json }, null, 2));
}

function placementOf(job: FleetJob | undefined, fleet: Fleet): readonly GroupPlacement[] {
  if (job === undefined) throw new UserError("--where wants a job", ["name one: ./steppe jobs <id> --where"]);
  if (job.json === undefined)
    throw new UserError(`job ${job.id} is handed to Terraform as HCL: nothing is known of it`);
  return placeable(parseJob(job.json).job, fleet);
}

function printPlacement(cli: Cli, groups: readonly GroupPlacement[], asJson: boolean): void {
  if (asJson) {
    cli.output.out(JSON.stringify(groups, null, 2));
    return;
  }
  const rows = groups.flatMap(({ group, count, pools }) =>
    pools.map(({ pool, verdict, room, reasons: [reason], doubts }) => [
      `${group} ${count}`,
      pool,
      room === undefined ? verdict : `${room} of ${count}`,
      reason === undefined ? doubts.map(({ unknown }) => `not known: ${unknown}`).join(", ") : formatProblem(reason),
    ]),
  );
  cli.output.out(table(cli.output, ["group", "pool", "runs there", "why"], rows));
}

interface GroupJson {
  readonly Name: string;
  readonly Count?: number;
}

function summary({ region, id, json }: FleetJob) {
  const groups = (json?.["TaskGroups"] ?? []) as readonly GroupJson[];
  return {
    region,
    job: id,
    namespace: json?.["Namespace"] ?? "default",
    type: json?.["Type"] ?? "HCL",
    pool: json?.["NodePool"] ?? "",
    groups: groups.map(({ Name, Count }) => `${Name} ${Count ?? 1}`).join(", "),
  };
}
