import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A request to a model. */
export interface ModelRequest {
  readonly path: string;
  readonly body: { readonly input?: readonly string[]; readonly messages?: readonly { readonly content: string }[] };
}
/** What the service answers: status and body. */
export type Answer = (request: ModelRequest, number: number) => readonly [number, unknown];

/** Repeats the question. */
export const chat: Answer = ({ body }) => [
  200,
  { choices: [{ message: { content: `re: ${body.messages?.[0]?.content}` } }] },
];

/** A service that speaks OpenAI's API, with an answer made up by the test after some milliseconds. */
export class ModelService {
  public readonly requests: ModelRequest[] = [];
  public onRequest: (count: number) => void = () => undefined;
  private readonly server: Server;

  constructor(
    private answer: Answer,
    delay = 5,
  ) {
    this.server = createServer((incoming, outgoing) => {
      let text = "";
      incoming.on("data", (part: Buffer) => (text += part.toString()));
      incoming.on("end", () => {
        const request = { path: incoming.url ?? "", body: JSON.parse(text) as ModelRequest["body"] };
        const [status, body] = this.answer(request, this.requests.push(request));
        this.onRequest(this.requests.length);
        setTimeout(() => outgoing.writeHead(status).end(JSON.stringify(body)), delay);
      });
    });
  }
  public async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  public stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
