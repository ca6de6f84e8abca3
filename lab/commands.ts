import type { Command } from "commander";
import type { Fleet } from "../model/types";
import { UserError } from "../ops/errors";
import { selectFleet } from "../ops/fleet";
import { loadTrust } from "../ops/trust/trust";
import { synthesize } from "../ops/terraform/synth";
import { formatElapsed } from "./elapsed";
import { forgetDeployment, labDeploy, labUpWithTrust, operatorEnvironment } from "./deploy";
import { labDown } from "./down";
import type { LabMachineHosts } from "./fleet-spec";
import { labDoctor } from "./doctor";
import { labExec, labPowerOff, labReboot, labRebuild, labReset, labSsh, labStart } from "./power";
import { OPERATOR } from "./spec";
import { requireState } from "./state";
import { labStatus } from "./status";
import { labReport, renderReport, reportProblems } from "./table";

/** Fleet of the lab commands where none is named. */
const LAB_FLEET = "lab";

interface CommonOptions {
  readonly fleet?: string;
  readonly json?: boolean;
}

/** Adds `steppe lab ...` to the command line. */
export function registerLabCommands(program: Command): void {
  const lab = program
    .command("lab")
    .description("real hosts on this machine: the fleet that anyone can deploy (needs root on Linux)")
    .addHelpText(
      "after",
      `
Examples:
  $ ./steppe lab run                       tools, hosts, trust, every stack, then a table of what runs
  $ ./steppe lab ssh east-1                a shell on a host
  $ ./steppe lab exec operator -- nomad server members
  $ ./steppe lab run --machine gpu-1       this host gets a kernel of its own, under QEMU
  $ ./steppe lab down                      leaves nothing behind`,
    );
  const fleetOption = ["--fleet <fleet>", "a fleet of on-prem sites: a name in fleets/, or a path"] as const;

  const machineOption = [
    "--machine <hosts...>",
    "hosts that are machines with a kernel of their own, not containers; they stay so until lab down",
  ] as const;

  lab
    .command("run", { isDefault: true })
    .description("bring the lab up, deploy the fleet onto it, and show what runs")
    .option(...fleetOption)
    .option("--without-provider", "apply Nomad's objects with the nomad command even where the provider can be had")
    .option("--redeliver <hosts...>", "hosts that take their bundle again, for example after ./steppe lab rebuild")
    .option(...machineOption)
    .option("--json", "print the result as JSON")
    .action(async (options: RunLabOptions) => await runLab(options));

  lab
    .command("up")
    .description("start the hosts only; deploy with ./steppe lab run, or by hand")
    .option(...fleetOption)
    .option(...machineOption)
    .action(async (options: UpLabOptions) => {
      await labUpWithTrust(loadFleet(selectedOf(options)), say, machinesOf(options));
    });

  lab
    .command("doctor")
    .description("what the lab needs of this machine, and whether hosts can be machines of their own")
    .action(async () => await showDoctor());

  lab
    .command("status")
    .description("hosts, and what runs on them")
    .option(...fleetOption)
    .option("--json", "print it as JSON")
    .action(async (options: CommonOptions) => await showStatus(options));

  lab
    .command("ssh <host> [command...]")
    .description("log in to a host, or run a command there")
    .action(async (host: string, command: string[]) => exitWith(await labSsh(host, command)));

  lab
    .command("exec <host> <command...>")
    .description('run a command in a host without SSH; "operator" is the place where terraform and nomad run')
    .action(async (host: string, command: string[]) => {
      if (host === OPERATOR) Object.assign(process.env, await operatorEnvironment(loadFleet(selectedOf({}))));
      exitWith((await labExec(host, command, { terminal: true })).code);
    });

  const power: readonly [string, string, (host: string) => Promise<void>][] = [
    ["reboot", "restart a host in order", labReboot],
    ["off", "cut a host's power", async (host) => await labPowerOff(host, { hard: true })],
    ["start", "switch a host on", labStart],
    ["reset", "press a host's reset button: no service gets to stop", labReset],
    ["rebuild", "make a host anew, all but its data volume and SSH host key", labRebuild],
  ];
  for (const [name, description, act] of power)
    lab
      .command(`${name} <host>`)
      .description(description)
      .action(async (host: string) => await act(host));

  lab
    .command("down")
    .description("take the lab away: processes, namespaces, mounts, loop devices, cgroups, its state and its trust")
    .option("--force", "also a lab of another checkout")
    .action(async ({ force }: { readonly force?: boolean }) => {
      const fleet = await requireState().then(
        ({ spec }) => spec.fleet,
        () => undefined,
      );
      const any = await labDown({ progress: say, ...(force === true ? { force } : {}) });
      if (fleet !== undefined) forgetDeployment(fleet);
      say(any ? "lab: gone" : "lab: there was none");
    });
}

interface UpLabOptions extends CommonOptions {
  readonly machine?: readonly string[];
}

interface RunLabOptions extends UpLabOptions {
  readonly withoutProvider?: boolean;
  readonly redeliver?: readonly string[];
}

async function runLab(options: RunLabOptions): Promise<void> {
  const begun = performance.now();
  const selected = selectedOf(options);
  const fleet = loadFleet(selected);
  const { result, trust, stacks, nomadBy } = await labDeploy(fleet, {
    selected,
    progress: say,
    redeliver: options.redeliver ?? [],
    machines: machinesOf(options),
    ...(options.withoutProvider === true ? { withoutProvider: true } : {}),
  });
  const failed = result.stacks.filter(({ status }) => status === "failed");
  if (result.interrupted) throw new UserError("interrupted", ["run it again to go on"], [], 130);
  if (failed.length > 0)
    throw new UserError(
      failed
        .map(
          ({ stack, detail, log }) =>
            `${stack}: ${detail ?? "failed"}${log === undefined ? "" : `\n  whole output: ${log}`}`,
        )
        .join("\n"),
      ["mend the cause and run it again: what is done stays done", "or take the lab away: ./steppe lab down"],
    );
  const report = await settledReport(async () => await labReport(fleet, trust, stacks));
  const changed = result.stacks.filter(({ status }) => status === "changed").map(({ stack }) => stack);
  if (options.json === true) process.stdout.write(`${JSON.stringify({ ...report, changed, nomadBy }, undefined, 2)}\n`);
  else process.stdout.write(`${renderReport(report)}\n`);
  const problems = reportProblems(report);
  if (problems.length > 0) throw new UserError(`the lab runs, but not as it should: ${problems.join("; ")}`);
  say(changed.length === 0 ? "nothing changed" : `changed: ${changed.join(", ")}`);
  say(
    `Nomad's objects were applied by ${nomadBy === "terraform" ? "Terraform's Nomad provider" : nomadCommandBecause(options)} (${formatElapsed(performance.now() - begun)})`,
  );
}

/** Machines as the command line names them: all with the usual settings. */
function machinesOf({ machine = [] }: UpLabOptions): LabMachineHosts {
  return Object.fromEntries(machine.map((host) => [host, {}]));
}

async function showDoctor(): Promise<void> {
  const { obstacles, remarks, machineObstacles, machineRemarks } = await labDoctor();
  const part = (what: string, against: readonly string[], told: readonly string[]) => [
    `${what}: ${against.length === 0 ? "possible" : "not possible"}`,
    ...[...against, ...told].map((line) => `  ${line}`),
  ];
  const lines = [
    ...part("hosts as containers", obstacles, remarks),
    ...part("hosts as machines", [...obstacles, ...machineObstacles], machineRemarks),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  exitWith(obstacles.length === 0 ? 0 : 1);
}

function nomadCommandBecause({ withoutProvider }: RunLabOptions): string {
  return withoutProvider === true
    ? "the nomad command, as asked for with --without-provider"
    : "the nomad command, since the Nomad provider cannot be had here";
}

/** Jobs take a moment after they are registered: looks again until all is well, for half a minute at most. */
async function settledReport<T extends Parameters<typeof reportProblems>[0]>(look: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const report = await look();
    if (attempt === 15 || reportProblems(report).length === 0) return report;
    await new Promise((done) => setTimeout(done, 2000));
  }
}

async function showStatus(options: CommonOptions): Promise<void> {
  const status = await labStatus();
  if (status === undefined) throw new UserError("no lab is running", ["start it: npm run lab"]);
  const selected = selectedOf(options);
  const fleet = loadFleet(selected);
  const report = await labReport(fleet, loadTrust(fleet.name), await synthesize(selected));
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ hosts: status.hosts, ...report }, undefined, 2)}\n`);
    return;
  }
  const hosts = status.hosts.map(({ name, site, address, kind, power, tailnetAddress }) =>
    [name, site, address, kind, power, tailnetAddress ?? "not in the tailnet"].join("  "),
  );
  process.stdout.write(`${hosts.join("\n")}\n${renderReport(report)}\n`);
  const problems = reportProblems(report);
  if (problems.length > 0) throw new UserError(problems.join("; "));
}

function selectedOf(options: CommonOptions): string {
  return options.fleet ?? process.env["STEPPE_FLEET"] ?? LAB_FLEET;
}

/** The fleet that a lab command works on. */
function loadFleet(selected: string): Fleet {
  return selectFleet(selected, process.env).fleet;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function exitWith(code: number): void {
  process.exitCode = code;
}
