import { resolve } from "node:path";
import { Command } from "commander";
import type { Problem } from "../../../constructs/core/problems";
import { UserError } from "../../../ops/errors";
import { findNomad } from "../../../ops/find-tool";
import { failureOf, healthyServer, type NomadAccess, nomadApi } from "../../../ops/nomad-api";
import { Interrupts } from "../../../ops/process";
import { type SnapshotContents, snapshotContents } from "../../../ops/snapshot/contents";
import { knownServers, originProblems } from "../../../ops/snapshot/origin";
import { restoreSnapshot } from "../../../ops/snapshot/transfer";
import { typed } from "../../confirm";
import { printWarnings, progressPrinter, table } from "../../print";
import { type Cli, type FleetOptions, fleetOf, optionsOf, withExamples, withFleet, withJson } from "../../shared";
import { regionAccess } from "../../region-access";
import { sizeText } from "./size-text";

interface RestoreOptions extends FleetOptions {
  readonly region: string;
  readonly yes?: boolean;
  readonly force?: string;
}

/** How long a region may take to have a leader again and to know the operator's token, seconds. */
const LEADER_SECONDS = 120;

/** `steppe snapshot restore`: a file in the place of a region's state. */
export function restoreCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("restore")))
    .description(
      "put a snapshot into the place of a region's whole state: jobs, variables, ACL tokens and policies are then those of the snapshot, and what came later is gone",
    )
    .argument("<file>", "snapshot, from a store or from ./steppe snapshot save")
    .requiredOption("--region <region>", "Nomad region")
    .option("-y, --yes", "restore without asking")
    .option("--force <reason>", "restore a snapshot that seems to be another region's or fleet's")
    .action(async (given: string, _options, self: Command) => {
      const options = optionsOf(self) as RestoreOptions;
      const { region } = options;
      const chosen = fleetOf(cli, options);
      const access = await regionAccess(cli, chosen, region);
      const contents = await snapshotContents(
        findNomad(cli.env),
        resolve(given),
        access.trust.managementToken,
        access.env,
      );
      const problems = originProblems(contents, region, await knownServers(access, region));
      if (options.json !== true) printContents(cli, contents);
      refuseUnlessForced(cli, contents.file, region, problems, options.force);
      const interrupts = new Interrupts();
      const seconds = await interrupts.during(async () => {
        if (options.yes !== true) await confirm(region, interrupts);
        return await restore(cli, access, region, contents, interrupts);
      });
      if (options.json === true) {
        const result = { fleet: chosen.fleet.name, region, ...contents, problems, forced: options.force, seconds };
        cli.output.out(JSON.stringify(result, null, 2));
      } else
        cli.output.out(
          [`restored the state of region ${region} as of ${contents.taken} in ${seconds} s`, ...NEXT_STEPS].join("\n"),
        );
    });
  return withExamples(
    command,
    "snapshot restore 20261121T120000Z-4711.snap --region eu --fleet example   # shows what it holds, and asks",
    "snapshot restore eu.snap --region eu --fleet example --yes --json",
    'snapshot restore eu.snap --region eu-new --force "eu-new takes the place of eu" --fleet example',
  );
}

const NEXT_STEPS = [
  "next:",
  "  - ACL tokens and policies are those of the snapshot: what was made later is gone, what was revoked later is back",
  "  - ./steppe plan shows jobs, namespaces and volumes that were changed since, and ./steppe apply brings them back",
  "  - ./steppe status shows which machines are ready; machines that are new since join by themselves",
];

function printContents(cli: Cli, { file, bytes, index, taken, objects }: SnapshotContents): void {
  cli.output.out(`${file}: taken ${taken}, Raft index ${index}, ${sizeText(bytes)}`);
  const rows = Object.entries(objects).map(([kind, count]) => [kind, String(count)]);
  cli.output.out(table(cli.output, ["objects", "count"], rows));
}

function refuseUnlessForced(
  cli: Cli,
  file: string,
  region: string,
  problems: readonly Problem[],
  reason: string | undefined,
): void {
  if (reason !== undefined && reason.trim() === "")
    throw new UserError("--force wants a reason", ['say why: --force "eu-new takes the place of eu"']);
  if (problems.length === 0) return;
  if (reason === undefined)
    throw new UserError(
      `${file} does not seem to be a snapshot of region ${region}`,
      ["to restore it all the same, give --force with the reason"],
      problems,
    );
  printWarnings(
    problems.map((problem) => ({ ...problem, fix: `restored all the same: ${reason}` })),
    cli.output,
  );
}

async function confirm(region: string, interrupts: Interrupts): Promise<void> {
  if (await typed(`This replaces the whole state of region ${region}. Type its name to go on: `, region)) return;
  throw new UserError(
    "nothing was restored: the name of the region was not typed",
    ["where nobody can be asked, give --yes"],
    [],
    interrupts.interrupted ? 130 : 1,
  );
}

/** @returns how long it took until the region could be managed again, seconds. */
async function restore(
  cli: Cli,
  access: NomadAccess,
  region: string,
  contents: SnapshotContents,
  interrupts: Interrupts,
): Promise<number> {
  const progress = progressPrinter(cli.output, region.length);
  const say = (kind: "working" | "waiting" | "done", text: string) => progress({ stack: region, kind, text });
  const begun = performance.now();
  say("working", `sending ${sizeText(contents.bytes)}`);
  await restoreSnapshot(access, region, contents.file, {
    interrupts,
    onProgress: (bytes) => say("working", `${sizeText(bytes)} of ${sizeText(contents.bytes)}`),
  });
  const readiness = contents.knowsToken ? "a leader that knows the operator's token" : "a leader";
  say("waiting", `for ${readiness}`);
  let failure = "";
  const deadline = Date.now() + LEADER_SECONDS * 1000;
  do {
    failure = await stillMissing(access, region, contents.knowsToken);
    if (failure === "") {
      say("done", `has ${readiness}`);
      return Math.round((performance.now() - begun) / 1000);
    }
    await new Promise((done) => setTimeout(done, 1000));
  } while (Date.now() < deadline && !interrupts.interrupted);
  throw new UserError(
    `the snapshot was restored, and region ${region} is not ready after ${LEADER_SECONDS} s: ${failure}`,
    ["./steppe status shows how it is"],
    [],
    interrupts.interrupted ? 130 : 1,
  );
}

/** What a region lacks to be managed; empty for nothing. */
async function stillMissing(access: NomadAccess, region: string, knowsToken: boolean): Promise<string> {
  const server = await healthyServer(access, region);
  if ("failures" in server) return server.failures.join("; ");
  if (!knowsToken) return "";
  const answer = await nomadApi(access, region, "/v1/acl/token/self");
  return answer.status === 200 ? "" : `it does not know the operator's token: ${failureOf(answer)}`;
}
