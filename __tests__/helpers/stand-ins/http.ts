import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server of a test on a free port of this machine. */
export interface Listening {
  /** Shape: `http://127.0.0.1:41233`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts a server that hands each request with its whole body, as text and as bytes, to `handle`. */
export async function listen(
  handle: (incoming: IncomingMessage, body: string, response: ServerResponse, bytes: Buffer) => void,
): Promise<Listening> {
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const bytes = Buffer.concat(parts);
      handle(incoming, bytes.toString(), response, bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
