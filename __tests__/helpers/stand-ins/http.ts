import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server of a test. */
export interface Listening {
  /** Shape: `http://127.0.0.1:41233`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Answers a request that has arrived as a whole; its body as text and as bytes. */
export type Handle = (incoming: IncomingMessage, body: string, response: ServerResponse, bytes: Buffer) => void;

/** Lets requests come to a handler. */
export type Serve = (handle: Handle) => Promise<Listening>;

/** Gathers the body of each request. */
export function withBody(handle: Handle): RequestListener {
  return (incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const bytes = Buffer.concat(parts);
      handle(incoming, bytes.toString(), response, bytes);
    });
  };
}

/** Serves on a free port of this machine. */
export const listen: Serve = async (handle) => {
  const server = createServer(withBody(handle));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
