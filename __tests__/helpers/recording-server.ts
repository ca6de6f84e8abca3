import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came. */
export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What to answer. */
export interface Reply {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or what is sent as JSON. @default {} */
  readonly body?: unknown;
  /** Break the connection instead. @default false */
  readonly hangUp?: boolean;
  /** Never answer. @default false */
  readonly isSilent?: boolean;
}

/** An HTTP server on the loopback that keeps what it is asked and answers as a test says. */
export class RecordingServer {
  public readonly requests: Recorded[] = [];
  private readonly server: Server;

  private constructor(private readonly reply: (request: Recorded, count: number) => Reply) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const recorded = { method, path: url, headers, body: Buffer.concat(chunks).toString("utf8") };
        this.requests.push(recorded);
        const answer = this.reply(recorded, this.requests.length);
        if (answer.isSilent === true) return;
        if (answer.hangUp === true) return void request.socket.destroy();
        response.writeHead(answer.status ?? 200, answer.headers);
        response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? {}));
      });
    });
  }

  /** Starts one that answers each request as told; `count` begins with 1. */
  public static async start(reply: (request: Recorded, count: number) => Reply): Promise<RecordingServer> {
    const made = new RecordingServer(reply);
    await new Promise<void>((done) => made.server.listen(0, "127.0.0.1", done));
    return made;
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
