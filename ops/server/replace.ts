import type { Problem } from "../../constructs/core/problems";
import { messageOf, UserError } from "../errors";
import type { NomadAccess } from "../nomad-api";
import { type Run, runOf } from "../terraform/context";
import { applyProblems } from "../terraform/deploy";
import { StackFailure, StackRunner } from "../terraform/execute";
import { connectionProblems } from "../terraform/reach";
import { nomadAccess } from "../terraform/region";
import { type Toolbox, withToolbox } from "../terraform/toolbox";
import { type HealthAnswer, type RaftServer, regionHealth, transferLeadership } from "./autopilot";
import { type Expected, stillMissing } from "./back";
import { gateProblems, othersAreHealthy } from "./gate";
import { dividePlan, imageOf, planProblems } from "./plan-check";
import type { Intent, Replacement, ReplacementKind, ReplaceOptions } from "./replacement";
import { standingOf } from "./resources";
import type { ServerTarget } from "./target";

/**
 * Replaces one server: its machine is destroyed and made anew from the current image and user data, takes over the data volume,
 * and with it name, address and Raft id. A server on the user's own machine takes its bundle again.
 *
 * Nothing changes unless the region can go on without the server and the plan touches nothing but it.
 *
 * @throws UserError that says what stands against it or what failed, and what to do; with exit code 130 after Ctrl-C.
 */
export async function replaceServer(target: ServerTarget, options: ReplaceOptions): Promise<Replacement> {
  const run = runOf(options);
  refuse(`server ${target.server} cannot be replaced as things are`, applyProblems([target.stack], options));
  const access = nomadAccess(run);
  if (access === undefined) throw new UserError("there is no trust at hand to ask Nomad with");
  return withToolbox(options.allStacks, run, async (box) => {
    const runner = new StackRunner(box, target.stack);
    try {
      return await new Replacing(target, options, run, box, runner, access).work();
    } catch (error) {
      if (!(error instanceof StackFailure)) throw error;
      const { interrupted } = box.interrupts;
      throw new UserError(
        interrupted ? "interrupted: nothing was changed" : `server ${target.server} could not be planned for`,
        [`${target.stack.name}: ${runner.clean(error.message)}`, `everything it said: ${runner.log}`],
        [],
        interrupted ? 130 : 1,
      );
    }
  });
}

function refuse(message: string, problems: readonly Problem[], fix: readonly string[] = []): void {
  if (problems.length > 0) throw new UserError(message, fix, problems);
}

/** One replacement at work. */
class Replacing {
  private readonly begun = performance.now();

  constructor(
    private readonly target: ServerTarget,
    private readonly options: ReplaceOptions,
    private readonly run: Run,
    private readonly box: Toolbox,
    private readonly runner: StackRunner,
    private readonly access: NomadAccess,
  ) {}

  public async work(): Promise<Replacement> {
    const { server, region, stack } = this.target;
    await this.runner.init();
    const kind = await this.kind();
    const before = await this.health();
    const intent = await this.prepare(kind, before);
    this.options.announce?.(intent);
    const isApproved = await (this.options.approve?.(intent) ?? true);
    this.stopIfInterrupted("nothing was changed");
    if (!isApproved) throw new UserError(`server ${server} was not replaced: not approved`);
    if (kind === "redeliver") await this.checkLogin({ unmade: false });
    // The answer may have taken long.
    const now = kind === "finish" ? before : await this.health();
    this.gate(kind, now);
    if (kind === "replace") await this.moveLeadership(now);
    await this.apply();
    const after = await this.waitUntilBack(now);
    const { allowOutage } = this.options;
    return {
      server,
      region,
      stack: stack.name,
      kind,
      ...(intent.outage.length > 0 &&
        allowOutage !== undefined && { outage: { reason: allowOutage, allowed: intent.outage } }),
      image: intent.image,
      changes: intent.changes,
      ...(intent.before !== undefined && { before: intent.before }),
      after,
      seconds: Math.round((performance.now() - this.begun) / 1000),
      log: this.runner.log,
    };
  }

  /** What is to be done, as the state has the server. */
  private async kind(): Promise<ReplacementKind> {
    const { server, site, isOnPrem, resources } = this.target;
    const { known, unfinished } = standingOf(await this.runner.state(), resources);
    if (!known)
      throw new UserError(`server ${server} has not been made yet`, [`run ./steppe apply site-${site} first`]);
    if (isOnPrem) return "redeliver";
    if (unfinished.length === 0 || this.options.startOver === true) return "replace";
    this.say(`an earlier replacement of ${server} is not finished (${unfinished.join(", ")}): going on with it`);
    return "finish";
  }

  /** Looks at everything that could stop it. */
  private async prepare(kind: ReplacementKind, before: HealthAnswer): Promise<Intent> {
    const { target, runner } = this;
    const { server, stack, resources, site } = target;
    const outage = this.gate(kind, before);
    const changes = await runner.plan(undefined, { replace: kind === "finish" ? [] : [resources.replaced] });
    this.stopIfInterrupted("nothing was changed");
    if (changes === undefined) throw new UserError(`there is nothing to change of server ${server}`);
    const plan = dividePlan(await runner.planned(), resources.own);
    refuse(`the plan changes more than server ${server}: nothing was applied`, planProblems(plan, stack.name), [
      `run ./steppe apply site-${site} first, then replace the server`,
    ]);
    await this.checkLogin({ unmade: true });
    const own = raftServer(before, server);
    return {
      target,
      kind,
      changes,
      text: runner.clean(await runner.show(this.options.color ?? false)),
      image: imageOf(plan, resources.replaced),
      ...(own !== undefined && { before: own }),
      outage,
    };
  }

  /** Looks at the way to the machine, where there is one. */
  private async checkLogin(how: { readonly unmade: boolean }): Promise<void> {
    const { server, stack, resources } = this.target;
    const deliveries = stack.connections.filter(
      ({ resource, onDestroy }) => resources.own.includes(resource) && !onDestroy,
    );
    refuse(
      `server ${server} could not be given its bundle: nothing was applied`,
      await connectionProblems(deliveries, this.run, how),
    );
  }

  /**
   * Refuses what the region could not bear. What is finished takes no server out.
   *
   * @returns what speaks against it and was allowed.
   */
  private gate(kind: ReplacementKind, health: HealthAnswer): readonly Problem[] {
    if (kind === "finish") return [];
    const { server, region } = this.target;
    const problems = gateProblems(this.target, health);
    if (this.options.allowOutage !== undefined) return problems;
    refuse(`region ${region} could not go on without server ${server}: nothing was changed`, problems, [
      'give --allow-outage "<reason>" to replace it all the same',
    ]);
    return [];
  }

  /** Moves leadership to another server, which is quicker than an election. Not a must. */
  private async moveLeadership(health: HealthAnswer): Promise<void> {
    const { server, region } = this.target;
    if ("failure" in health || raftServer(health, server)?.leader !== true) return;
    const next = health.servers.find(({ name, healthy, voter }) => name !== server && healthy && voter);
    if (next === undefined) return;
    const failure = await transferLeadership(this.access, region, next);
    this.say(
      failure === undefined
        ? `${server} led region ${region}: leadership goes to ${next.name}`
        : `${server} leads region ${region} and could not hand that on (${failure}): another takes over when it stops`,
    );
  }

  private async apply(): Promise<void> {
    const { server, stack } = this.target;
    const again = `run ./steppe server replace ${server} again: it goes on where this ended`;
    try {
      await this.runner.apply();
    } catch (error) {
      if (!(error instanceof StackFailure) && !this.box.interrupts.interrupted) throw error;
      const said = this.runner.clean(messageOf(error)).trim().replaceAll("\n", "\n    ");
      throw new UserError(
        `server ${server} is not replaced`,
        [`${stack.name}: ${said}`, `everything it said: ${this.runner.log}`, again],
        [],
        this.box.interrupts.interrupted ? 130 : 1,
      );
    }
  }

  /** Waits until Autopilot calls the server a healthy voter again, the same as before. */
  private async waitUntilBack(before: HealthAnswer): Promise<RaftServer> {
    const { server, region, stack } = this.target;
    const seconds = this.options.waitSeconds ?? 300;
    const expected = expectedOf(this.target, before);
    const look = [
      `the machine is replaced: there is no need to do it again`,
      `look at ./steppe status, and on ${server} at journalctl -u nomad -u steppe-join -u tailscaled`,
    ];
    const deadline = Date.now() + seconds * 1000;
    let told = "";
    for (;;) {
      const health = await this.health();
      const lack = stillMissing(expected, health);
      const own = raftServer(health, server);
      if (lack === undefined && own !== undefined) return own;
      const text = lack === undefined ? "" : "wrong" in lack ? lack.wrong : lack.missing;
      if (lack !== undefined && "wrong" in lack)
        throw new UserError(text, [`its data volume was not the one it had, or was empty`, ...look]);
      this.stopIfInterrupted(`the machine is replaced; not waited for: ${text}`);
      if (Date.now() > deadline)
        throw new UserError(`region ${region} is not as before after ${seconds} s: still waiting for ${text}`, look);
      if (text !== told) this.run.progress({ stack: stack.name, kind: "waiting", text: `for ${text}` });
      told = text;
      await new Promise((done) => setTimeout(done, POLL_MILLISECONDS));
    }
  }

  private async health(): Promise<HealthAnswer> {
    return await regionHealth(this.access, this.target.region);
  }

  private stopIfInterrupted(text: string): void {
    if (this.box.interrupts.interrupted) throw new UserError(`interrupted: ${text}`, [], [], 130);
  }

  private say(text: string): void {
    this.run.progress({ stack: this.target.stack.name, kind: "working", text });
  }
}

/** Time between two looks at Autopilot. Each asks all servers. */
const POLL_MILLISECONDS = 2000;

function raftServer(health: HealthAnswer, server: string): RaftServer | undefined {
  if ("failure" in health) return undefined;
  return health.servers.find(({ name }) => name === server);
}

function expectedOf({ server, servers, isOnPrem }: ServerTarget, before: HealthAnswer): Expected {
  const own = raftServer(before, server);
  // Whether the disk of a machine of the user's outlived it is the user's matter: Raft gives one that is empty its data.
  const identity = own === undefined || isOnPrem ? {} : { id: own.id, address: own.address };
  if ("failure" in before) return { server, voters: servers.length };
  if (!othersAreHealthy(before, server)) return { server, ...identity };
  const others = before.servers.filter(({ name, voter }) => voter && name !== server).length;
  return { server, ...identity, voters: others + 1 };
}
