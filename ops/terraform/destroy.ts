import type { Problem } from "../../constructs/core/problems";
import { authoritativeRegion, regionOf, stackNames } from "../../model/names";
import type { Fleet } from "../../model/types";
import { storageOf } from "../../model/volumes";
import { UserError } from "../errors";
import type { NomadAccess } from "../nomad-api";
import { asking, readNodes, readSomeVolumes } from "../volumes/read";
import { type Waited, type Waiting, waitUntilFree, waitUntilGone } from "../volumes/release";
import { type Run, runOf, type RunSettings } from "./context";
import {
  claimProblems,
  dependentProblems,
  jobsIn,
  keptProblems,
  poolProblems,
  resourcesIn,
  type StateResource,
  volumesIn,
} from "./destroy-gates";
import { allBefore, destroyOrder } from "./destroy-order";
import { type PlannedChanges, StackFailure, StackRunner } from "./execute";
import { connectionsToUse } from "./planned";
import { connectionProblems } from "./reach";
import { findServer, nomadAccess } from "./region";
import {
  Clock,
  overridden,
  overrideOf,
  refuse,
  reported,
  results,
  type RunResult,
  scheduling,
  type StackOutcome,
} from "./result";
import { inDependencyOrder, type Outcome } from "./schedule";
import type { Stack } from "./stack";
import { type Toolbox, withToolbox } from "./toolbox";

/** What would become of one stack. */
export interface PlannedDestroy {
  readonly stack: string;
  readonly changes: PlannedChanges;
  /** As a person reads it. */
  readonly text: string;
}

export interface DestroyOptions extends RunSettings {
  readonly fleet: Fleet;
  /** All stacks of the fleet: those that are not to be destroyed may need one that is. */
  readonly allStacks: readonly Stack[];
  /** Asked once, with everything that would go. @default - destroyed without asking */
  readonly approve?: (planned: readonly PlannedDestroy[]) => Promise<boolean>;
  /** Colours in the text of plans. @default false */
  readonly color?: boolean;
  /** How long claims and plugins may take to go, seconds; each wait of its own. @default 300 */
  readonly waitSeconds?: number;
}

/**
 * Destroys stacks, each after those that need it: jobs, volumes and their plugins, what federation replicates, machines, tailnet.
 *
 * Nothing changes before everything is planned, and nothing that could stop it is found. Between jobs and volumes it waits until
 * nothing holds the volumes, between volumes and machines until no plugin runs.
 *
 * @returns one result per stack. Failures of single stacks are results, not exceptions.
 * @throws UserError with everything found, before anything has changed; with exit code 130 after Ctrl-C.
 */
export async function destroy(stacks: readonly Stack[], options: DestroyOptions): Promise<RunResult> {
  const run = runOf(options);
  return withToolbox(options.allStacks, run, async (box) => await new Destroying(stacks, options, run, box).work());
}

/** One destruction at work. */
class Destroying {
  private readonly runners = new Map<Stack, StackRunner>();
  private readonly clock = new Clock();
  private readonly states = new Map<string, readonly StateResource[]>();
  private readonly addresses = new Map<string, string>();
  private readonly order: ReadonlyMap<string, readonly string[]>;
  private readonly access: NomadAccess | undefined;

  constructor(
    private readonly stacks: readonly Stack[],
    private readonly options: DestroyOptions,
    private readonly run: Run,
    private readonly box: Toolbox,
  ) {
    this.order = destroyOrder(options.fleet, options.allStacks);
    this.access = nomadAccess(run);
  }

  public async work(): Promise<RunResult> {
    const failed = await this.each(this.withNeeds(), async (stack) => {
      const runner = this.runnerOf(stack);
      await runner.init();
      this.states.set(stack.name, resourcesIn(await runner.state()));
    });
    if (failed !== undefined) return failed;
    refuse("not everything can be destroyed as things are: nothing was changed", await this.problems());
    const changes = new Map<Stack, PlannedChanges | undefined>();
    const unplanned = await this.each(this.present(), async (stack) => void changes.set(stack, await this.plan(stack)));
    if (unplanned !== undefined) return unplanned;
    refuse("not every machine can be logged in to", await connectionProblems(connectionsToUse(changes), this.run));
    await this.ask(changes);
    const outcomes = await inDependencyOrder(
      this.stacks,
      async (stack): Promise<StackOutcome> =>
        await reported(this.run, stack, this.clock, async () => await this.destroyOne(stack, changes.get(stack))),
      { ...scheduling(this.run, this.box), before: ({ name }) => this.order.get(name) ?? [] },
    );
    return results(outcomes, this.runners, this.clock, this.box);
  }

  /** Stacks whose state has something, and which Terraform applies. */
  private present(): readonly Stack[] {
    return this.stacks.filter((stack) => this.resources(stack).length > 0);
  }

  private resources({ name }: Stack): readonly StateResource[] {
    return this.states.get(name) ?? [];
  }

  /** The chosen stacks, and those that need one of them, as far as Terraform applies them. */
  private withNeeds(): readonly Stack[] {
    const needed = new Set(this.stacks.flatMap(({ name }) => [name, ...allBefore(this.order, name)]));
    return this.options.allStacks.filter(
      (stack) => needed.has(stack.name) && overrideOf(this.run, stack) === undefined,
    );
  }

  /** Does work on stacks side by side. @returns how it went, where it did not go well. */
  private async each(stacks: readonly Stack[], work: (stack: Stack) => Promise<void>): Promise<RunResult | undefined> {
    const outcomes = await inDependencyOrder(
      stacks,
      async (stack) => {
        this.clock.start(stack);
        try {
          await work(stack);
        } finally {
          this.clock.stop(stack);
        }
      },
      { ...scheduling(this.run, this.box), ordered: false },
    );
    if (this.box.interrupts.interrupted) throw new UserError("interrupted: nothing was destroyed", [], [], 130);
    const failures = stacks.filter((stack) => outcomes.get(stack)?.kind === "failed");
    if (failures.length === 0) return undefined;
    const all = [...new Set([...this.stacks, ...failures])].map((stack): [Stack, Outcome<StackOutcome>] => {
      const outcome = outcomes.get(stack);
      return [stack, outcome?.kind === "failed" ? outcome : { kind: "not-begun" }];
    });
    return results(new Map(all), this.runners, this.clock, this.box);
  }

  /** Everything that stands against it. */
  private async problems(): Promise<Problem[]> {
    const counts = new Map([...this.states].map(([name, resources]) => [name, resources.length]));
    const foreign = this.stacks.flatMap((stack): Problem[] => {
      const override = stack.nomadRegion === undefined ? undefined : overrideOf(this.run, stack);
      return override === undefined
        ? []
        : [{ path: stack.name, rule: `is applied ${override.describe}, and cannot be destroyed by Terraform` }];
    });
    return [
      ...foreign,
      ...this.present().flatMap((stack) => keptProblems(stack, this.resources(stack))),
      ...dependentProblems(this.stacks, this.order, counts),
      ...(await this.regionProblems()),
    ];
  }

  /** Regions that do not answer, volumes that jobs hold which stay, and pools whose machines are still there. */
  private async regionProblems(): Promise<Problem[]> {
    const stacks = this.present().filter((stack) => stack.nomadRegion !== undefined && !this.isForgotten(stack));
    const leaving = new Set(this.present().flatMap((stack) => jobsIn(this.resources(stack))));
    const found = await Promise.all(
      stacks.map(async (stack): Promise<Problem[]> => {
        const region = stack.nomadRegion ?? "";
        const server = await findServer(this.run, region);
        if ("failures" in server)
          return [
            {
              path: stack.name,
              rule: `region ${region} does not answer: ${server.failures.join("; ")}`,
              fix: "bring it back; of one that is gone for good, take the stack's resources out with terraform state rm",
            },
          ];
        this.addresses.set(region, server.address);
        return [...(await this.claims(stack, region, leaving)), ...(await this.pools(stack))];
      }),
    );
    return found.flat();
  }

  private async claims(stack: Stack, region: string, leaving: ReadonlySet<string>): Promise<Problem[]> {
    const volumes = volumesIn(this.resources(stack));
    if (volumes.length === 0 || this.access === undefined) return [];
    const ask = await asking(this.access, region);
    const held = "failure" in ask ? ask : await readSomeVolumes(ask, volumes, new Date());
    if ("failure" in held) return [{ path: stack.name, rule: `its volumes cannot be looked at: ${held.failure}` }];
    return claimProblems(stack, held, leaving);
  }

  /** Node pools are the same in every region, and so are in use where any has machines of them. */
  private async pools(stack: Stack): Promise<Problem[]> {
    const { fleet } = this.options;
    const { access } = this;
    if (stack.name !== stackNames.control(fleet.name) || access === undefined) return [];
    const nodes = await Promise.all(
      Object.keys(fleet.regions).map(async (region) => {
        const ask = await asking(access, region);
        const found = "failure" in ask ? ask : await readNodes(ask);
        return "failure" in found ? [] : found;
      }),
    );
    return poolProblems(stack, this.resources(stack), nodes.flat());
  }

  /** Namespaces and node pools go with the servers that hold them; Nomad would not delete a pool that has machines. */
  private isForgotten({ name }: Stack): boolean {
    const { fleet } = this.options;
    const home = stackNames.site(fleet.name, regionOf(fleet, authoritativeRegion(fleet)).site);
    return name === stackNames.control(fleet.name) && this.stacks.some((stack) => stack.name === home);
  }

  private async plan(stack: Stack): Promise<PlannedChanges | undefined> {
    if (!this.isForgotten(stack))
      return await this.runnerOf(stack).plan(this.addresses.get(stack.nomadRegion ?? ""), { destroy: true });
    const resources = this.resources(stack).map(({ address }) => ({ address, action: "remove" }));
    return { add: 0, change: 0, destroy: resources.length, resources };
  }

  private async ask(changes: ReadonlyMap<Stack, PlannedChanges | undefined>): Promise<void> {
    const { approve, color = false } = this.options;
    const planned: PlannedDestroy[] = [];
    for (const [stack, change] of [...changes].reverse()) {
      if (change === undefined) continue;
      const runner = this.runnerOf(stack);
      const text = this.isForgotten(stack)
        ? `Terraform forgets these; they go with the servers of the region:\n${listed(this.resources(stack))}`
        : runner.clean(await runner.show(color));
      const note = this.note(stack);
      planned.push({ stack: stack.name, changes: change, text: note === undefined ? text : `${text}\n\n${note}` });
    }
    if (planned.length === 0 || approve === undefined) return;
    const isApproved = await approve(planned);
    if (this.box.interrupts.interrupted) throw new UserError("interrupted: nothing was destroyed", [], [], 130);
    if (!isApproved) throw new UserError("nothing was destroyed: not approved");
  }

  private async destroyOne(stack: Stack, changes: PlannedChanges | undefined): Promise<StackOutcome> {
    const override = overrideOf(this.run, stack);
    if (override !== undefined) return overridden(override);
    if (changes === undefined) return { status: "unchanged" };
    const runner = this.runnerOf(stack);
    const region = stack.nomadRegion;
    if (this.isForgotten(stack)) {
      await runner.forget(this.resources(stack).map(({ address }) => address));
      return { status: "forgotten", changes };
    }
    const volumes = volumesIn(this.resources(stack));
    if (region !== undefined && this.access !== undefined && volumes.length > 0)
      this.assertNone(
        await waitUntilFree(this.access, region, volumes, this.waiting(stack)),
        "volumes are still in use",
        "./steppe volumes says who holds them, and how to free a stuck claim",
      );
    await runner.apply(region === undefined ? undefined : this.addresses.get(region), { secrets: false });
    const { fleet } = this.options;
    if (region !== undefined && this.access !== undefined && stack.name === stackNames.storage(fleet.name, region))
      this.assertNone(
        await waitUntilGone(this.access, region, Object.keys(storageOf(fleet, region).plugins), this.waiting(stack)),
        "CSI plugins still run",
        "nomad plugin status says where; machines are not destroyed under them",
      );
    const note = this.note(stack);
    return { status: "destroyed", changes, ...(note !== undefined && { detail: note }) };
  }

  private waiting(stack: Stack): Waiting {
    return {
      seconds: this.options.waitSeconds ?? 300,
      isInterrupted: () => this.box.interrupts.interrupted,
      tell: (text) => this.run.progress({ stack: stack.name, kind: "waiting", text: `for ${text}` }),
    };
  }

  private assertNone({ left, interrupted }: Waited, what: string, fix: string): void {
    if (left.length === 0) return;
    const when = interrupted ? "interrupted" : `after ${this.options.waitSeconds ?? 300} s`;
    throw new StackFailure(`${what}, ${when}: ${left.join(", ")}\n${fix}`);
  }

  /** What a destruction leaves that a reader may not expect. */
  private note(stack: Stack): string | undefined {
    const { fleet } = this.options;
    const [, site] =
      Object.entries(fleet.sites).find(([name]) => stackNames.site(fleet.name, name) === stack.name) ?? [];
    if (site?.platform !== "onprem") return undefined;
    return `its machines go on running: Terraform has made none and stops none; retired: { reason } drains a machine and takes it out`;
  }

  private runnerOf(stack: Stack): StackRunner {
    const runner = this.runners.get(stack) ?? new StackRunner(this.box, stack);
    this.runners.set(stack, runner);
    return runner;
  }
}

function listed(resources: readonly StateResource[]): string {
  return resources.map(({ address }) => `  - ${address}`).join("\n");
}
