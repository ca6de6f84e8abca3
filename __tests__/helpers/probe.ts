import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { hostNamespace, labPaths, namespaceFile, OPERATOR_NAMESPACE } from "../../lab/paths";
import { OPERATOR } from "../../lab/spec";

export type ProbeProtocol = "tcp" | "udp" | "icmp";

/** Where a packet goes. */
export interface Target {
  readonly protocol: ProbeProtocol;
  readonly address: string;
  /** 0 for ICMP. */
  readonly port: number;
}

/**
 * What came back: `answered` (a connection, an echo, a pong), `refused` (the machine said that nothing listens), `no route`
 * (the source does not know the destination), or nothing.
 */
export type Seen = "answered" | "refused" | "no route" | "silent";

/** True when the packet came to the machine: its filter let it through, whether or not something listens. */
export function isReached(seen: Seen | undefined): boolean {
  return seen === "answered" || seen === "refused";
}

interface Answer {
  readonly id: number;
  readonly error?: string;
  readonly seen?: readonly string[];
  readonly ours?: readonly boolean[];
}

/** A process in the network namespace of one machine of the lab. It sends real packets and answers them. */
export class ProbeAgent {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting = new Map<number, { done: (answer: Answer) => void; failed: (error: Error) => void }>();
  private count = 0;
  private complaint = "";

  constructor(public readonly host: string) {
    const namespace = host === OPERATOR ? OPERATOR_NAMESPACE : hostNamespace(host);
    const agent = [process.execPath, join(__dirname, "probe-agent.cjs")];
    this.child = spawn("nsenter", [`--net=${namespaceFile(namespace)}`, ...agent]);
    this.child.stderr.on("data", (chunk: Buffer) => (this.complaint += chunk.toString()));
    this.child.stdin.on("error", () => undefined);
    createInterface({ input: this.child.stdout }).on("line", (line) => this.hear(JSON.parse(line) as Answer));
    const end = () => {
      for (const { failed } of this.waiting.values()) failed(new Error(`probes of ${host} ended: ${this.complaint}`));
      this.waiting.clear();
    };
    this.child.on("error", end).on("close", end);
  }

  /** Sends each packet once, and waits this long for what comes back. */
  public async probe(targets: readonly Target[], milliseconds: number): Promise<Seen[]> {
    if (targets.length === 0) return [];
    const { seen = [] } = await this.ask({ op: "probe", targets, milliseconds, root: join(labPaths().base, "root") });
    const failed = seen.find((each) => each.startsWith("error"));
    if (failed !== undefined) throw new Error(`a probe of ${this.host} failed: ${failed}`);
    return seen as Seen[];
  }

  /** Sends to each over the connection, or from the port, that the first call opened. */
  public async talk(targets: readonly Target[], milliseconds: number): Promise<Seen[]> {
    return ((await this.ask({ op: "talk", targets, milliseconds })).seen ?? []) as Seen[];
  }

  /** As {@link probe}, and sends again what nothing came back for: a first packet may be lost while machines meet. */
  public async probeAgain(targets: readonly Target[], milliseconds: number, rounds = 2): Promise<Seen[]> {
    const seen = await this.probe(targets, milliseconds);
    for (let round = 1; round < rounds; round += 1) {
      const again = targets.map((_target, index) => index).filter((index) => !isReached(seen[index]));
      const found = await this.probe(
        again.map((index) => targets[index] as Target),
        milliseconds,
      );
      again.forEach((index, position) => (seen[index] = found[position] as Seen));
    }
    return seen;
  }

  /** Echoes at these. @returns those that something else has already. */
  public async listen(endpoints: readonly Target[]): Promise<Target[]> {
    const { ours = [] } = await this.ask({ op: "listen", endpoints });
    return endpoints.filter((_endpoint, index) => ours[index] !== true);
  }

  public async unlisten(): Promise<void> {
    await this.ask({ op: "unlisten" });
  }

  public async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((done) => this.child.once("close", done));
    this.child.stdin.end();
    await ended;
  }

  private async ask(request: object): Promise<Answer> {
    const id = (this.count += 1);
    return await new Promise((done, failed) => {
      this.waiting.set(id, { done, failed });
      this.child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  private hear(answer: Answer): void {
    const asked = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (answer.error === undefined) asked?.done(answer);
    else asked?.failed(new Error(`probes of ${this.host}: ${answer.error}`));
  }
}
