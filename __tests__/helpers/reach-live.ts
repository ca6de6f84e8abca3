import { isIPv6 } from "node:net";
import type { PolicyFile } from "../../constructs/tailnet/language/policy-file";
import { canReach } from "../../constructs/tailnet/reach/can-reach";
import { compilePolicy } from "../../constructs/tailnet/reach/compile";
import { setPolicy } from "../../lab/control";
import { isReached, ProbeAgent, type ProbeProtocol, type Seen, type Target } from "./probe";
import { type Member, members } from "./tailnet-lab";

/** A packet that may be sent: from one machine's address to another's of the same family. */
export interface Flow extends Target {
  readonly from: Member;
  readonly to: Member;
}

/** Ports to be probed. */
export type Ports = Readonly<Record<Exclude<ProbeProtocol, "icmp">, readonly number[]>>;

/** Ports of sentinels begin here: nothing else is ever there. */
const SENTINELS = 42_000;
/** Opened by rules for all ports alone. */
const UNUSED_PORT = 41_000;
const SILENCE_MILLISECONDS = 600;
/**
 * A way that should be open is given this long: machines that did not know each other must meet first. WireGuard begins
 * again after five seconds when one of them learned of the other too late.
 */
const MEETING_SECONDS = 20;

/** A flow by which a machine shows which policy it has. */
interface Sign {
  readonly flow: Flow;
  readonly isOpen: boolean;
}

/** The machines of the lab's tailnet, each with a process that sends and answers packets. */
export class LiveTailnet {
  private sentinels = 0;
  /** What {@link enforce} set last. @default - nothing is open */
  private inForce: PolicyFile | undefined;
  /** UDP ports that something else has and that say nothing to a stranger. */
  private readonly mute = new Set<string>();

  private constructor(
    public readonly machines: readonly Member[],
    private readonly agents: ReadonlyMap<string, ProbeAgent>,
  ) {}

  public static async open(): Promise<LiveTailnet> {
    const machines = await members();
    return new LiveTailnet(machines, new Map(machines.map(({ name }) => [name, new ProbeAgent(name)])));
  }

  public async close(): Promise<void> {
    await Promise.all([...this.agents.values()].map(async (agent) => await agent.stop()));
  }

  /**
   * Echoes UDP at these ports on all addresses. Where something else has a port already, no flow goes there.
   *
   * @param mayBeTaken - ports that something else may have; none else.
   */
  public async echo(ports: readonly number[], mayBeTaken: readonly number[] = []): Promise<void> {
    await Promise.all(
      this.machines.map(async ({ name, addresses }) => {
        const endpoints = addresses.flatMap((address) =>
          ports.map((port): Target => ({ protocol: "udp", address, port })),
        );
        for (const { address, port } of await this.agent(name).listen(endpoints)) {
          if (!mayBeTaken.includes(port)) throw new Error(`no UDP echo at ${name} ${address} ${port}`);
          this.mute.add(`${address} ${port}`);
        }
      }),
    );
  }

  /** Every flow between two machines, and ping. */
  public flows(ports: Ports): Flow[] {
    const pairs = this.machines.flatMap((from) =>
      this.machines.filter((to) => to !== from).map((to) => ({ from, to })),
    );
    return pairs.flatMap(({ from, to }) =>
      to.addresses.flatMap((address) => [
        ...ports.tcp.map((port): Flow => ({ from, to, protocol: "tcp", address, port })),
        ...ports.udp
          .filter((port) => !this.mute.has(`${address} ${port}`))
          .map((port): Flow => ({ from, to, protocol: "udp", address, port })),
        { from, to, protocol: "icmp" as const, address, port: 0 },
      ]),
    );
  }

  /** What became of each flow. */
  public async probe(flows: readonly Flow[], milliseconds = SILENCE_MILLISECONDS, rounds = 2): Promise<Seen[]> {
    const seen: Seen[] = [];
    await Promise.all(
      this.machines.map(async ({ name }) => {
        const own = flows.map((flow, index) => ({ ...flow, index })).filter(({ from }) => from.name === name);
        const targets = own.map(({ protocol, address, port }): Target => ({ protocol, address, port }));
        const found = await this.agent(name).probeAgain(targets, milliseconds, rounds);
        own.forEach(({ index }, position) => (seen[index] = found[position] as Seen));
      }),
    );
    return seen;
  }

  /** As {@link probe}; what is expected to be open is sent again for longer. */
  public async probeExpecting(flows: readonly Flow[], isExpected: readonly boolean[], rounds: number): Promise<Seen[]> {
    const seen = await this.probe(flows, SILENCE_MILLISECONDS, rounds);
    const deadline = performance.now() + MEETING_SECONDS * 1000;
    for (;;) {
      const missing = flows
        .map((_flow, index) => index)
        .filter((index) => isExpected[index] && !isReached(seen[index]));
      if (missing.length === 0 || performance.now() > deadline) return seen;
      const again = await this.probe(missing.map((index) => flows[index] as Flow));
      missing.forEach((index, position) => (seen[index] = again[position] as Seen));
    }
  }

  /**
   * Sets a policy and waits until every machine has it. Two machines, others each time, may reach all at a port of their
   * own: the sentinel. Where the policy before opened that port too, its end is looked for at another; where both
   * open everything, a policy that opens nothing comes between.
   *
   * @returns the policy that is in force, the sentinel's rule with it.
   */
  public async enforce(policy: PolicyFile): Promise<PolicyFile> {
    const sentinel = SENTINELS + (this.sentinels += 1);
    const watchers = [this.machine(this.sentinels), this.machine(this.sentinels + 1)] as const;
    const rule = { src: watchers.flatMap(({ addresses }) => addresses), dst: ["*"], ip: [`tcp:${sentinel}`] };
    const hasRules = policy.acls !== undefined || policy.grants !== undefined;
    const enforced = hasRules ? { ...policy, grants: [...(policy.grants ?? []), rule] } : policy;
    const signs = this.signs(enforced, watchers, sentinel);
    if (signs.length < this.machines.length) {
      await this.enforce({ ...policy, acls: [], grants: [] });
      return await this.enforce(policy);
    }
    await setPolicy(JSON.stringify(enforced));
    await this.wait(signs);
    this.inForce = enforced;
    return enforced;
  }

  /** For each machine a flow that tells the policy from the one in force, as far as there is one. */
  private signs(policy: PolicyFile, watchers: readonly [Member, Member], sentinel: number): Sign[] {
    return this.machines.flatMap((to) => {
      const from = to === watchers[0] ? watchers[1] : watchers[0];
      const flows = [sentinel, UNUSED_PORT].map((port): Flow => {
        return { from, to, protocol: "tcp", address: to.addresses[0] ?? "", port };
      });
      const before = this.inForce === undefined ? [] : verdicts(this.inForce, this.machines, flows);
      const after = verdicts(policy, this.machines, flows);
      const index = flows.findIndex((_flow, at) => (before[at] ?? "closed") !== after[at]);
      return index < 0 ? [] : [{ flow: flows[index] as Flow, isOpen: after[index] === "open" }];
    });
  }

  private async wait(signs: readonly Sign[]): Promise<void> {
    const deadline = performance.now() + 20_000;
    let missing = signs;
    while (missing.length > 0) {
      const asked = missing;
      const seen = await this.probe(
        asked.map(({ flow }) => flow),
        150,
        asked.every(({ isOpen }) => isOpen) ? 1 : 3,
      );
      missing = asked.filter(({ isOpen }, index) => isReached(seen[index]) !== isOpen);
      if (missing.length > 0 && performance.now() > deadline)
        throw new Error(`no sign of the policy after 20 s: ${missing.map(({ flow }) => flowText(flow)).join(", ")}`);
    }
  }

  private machine(index: number): Member {
    return this.machines[index % this.machines.length] as Member;
  }

  /** The process in a machine's network. */
  public agent(name: string): ProbeAgent {
    const agent = this.agents.get(name);
    if (agent === undefined) throw new Error(`${name} sends no probes`);
    return agent;
  }
}

/** What the evaluator says of each flow, address by address. */
export function verdicts(
  policy: PolicyFile,
  machines: readonly Member[],
  flows: readonly Flow[],
): ("open" | "closed" | "unknown")[] {
  const compiled = compilePolicy(policy, { devices: machines, approvedRoutes: [] });
  const single = new Map(
    machines.flatMap((member) => member.addresses.map((address) => [address, { ...member, addresses: [address] }])),
  );
  return flows.map(({ from, address, protocol, port }) => {
    const isV6 = isIPv6(address);
    const source = single.get(from.addresses.find((each) => isIPv6(each) === isV6) ?? "");
    const target = single.get(address);
    if (source === undefined || target === undefined) throw new Error(`${from.name} has no address like ${address}`);
    const proto = protocol === "icmp" && isV6 ? "ipv6-icmp" : protocol;
    return canReach(compiled, source, target, proto, protocol === "icmp" ? undefined : port).verdict;
  });
}

/** One line for a flow: `east-1 -> gpu-1 (100.64.0.8) tcp 22`. */
export function flowText({ from, to, address, protocol, port }: Flow): string {
  return `${from.name} -> ${to.name} (${address}) ${protocol}${protocol === "icmp" ? "" : ` ${port}`}`;
}

/** What a comparison of packets and evaluator found. */
export interface Comparison {
  readonly policies: number;
  readonly probes: number;
  readonly open: number;
  /** Flows of which the evaluator does not say whether they are open. */
  readonly unknown: number;
  /** `east-1 -> gpu-1 (100.64.0.8) tcp 22: the policy says closed, packets say refused`. */
  readonly disagreements: readonly string[];
}

/**
 * Sets a policy and compares every flow with what the evaluator says of it.
 *
 * @param rounds - how often a flow is tried before silence means closed.
 */
export async function compare(
  tailnet: LiveTailnet,
  policy: PolicyFile,
  flows: readonly Flow[],
  rounds: number,
): Promise<Comparison> {
  const enforced = await tailnet.enforce(policy);
  const said = verdicts(enforced, tailnet.machines, flows);
  const seen = await tailnet.probeExpecting(
    flows,
    said.map((verdict) => verdict === "open"),
    rounds,
  );
  const disagreements = flows.flatMap((flow, index) => {
    const verdict = said[index] ?? "unknown";
    const isSame = verdict === "unknown" || (verdict === "open") === isReached(seen[index]);
    return isSame ? [] : [`${flowText(flow)}: the policy says ${verdict}, packets say ${seen[index]}`];
  });
  const count = (verdict: string) => said.filter((each) => each === verdict).length;
  return { policies: 1, probes: flows.length, open: count("open"), unknown: count("unknown"), disagreements };
}

/** As {@link compare} for many policies, by name; prints the sums. */
export async function compareAll(
  tailnet: LiveTailnet,
  policies: readonly (readonly [string, PolicyFile])[],
  ports: Ports,
  rounds: number,
): Promise<Comparison> {
  const flows = tailnet.flows(ports);
  let sum: Comparison = { policies: 0, probes: 0, open: 0, unknown: 0, disagreements: [] };
  for (const [name, policy] of policies) {
    const one = await compare(tailnet, policy, flows, rounds);
    sum = {
      policies: sum.policies + one.policies,
      probes: sum.probes + one.probes,
      open: sum.open + one.open,
      unknown: sum.unknown + one.unknown,
      disagreements: [...sum.disagreements, ...one.disagreements.map((line) => `${name}: ${line}`)],
    };
  }
  const { disagreements, ...counts } = sum;
  process.stdout.write(`packets: ${JSON.stringify({ ...counts, disagreements: disagreements.length })}\n`);
  return { ...counts, disagreements: disagreements.slice(0, 100) };
}
