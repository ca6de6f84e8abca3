import { spawn } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server } from "node:net";
import { namespaceFile } from "../../lab/paths";
import type { Issued } from "../../ops/trust/certificates";
import { type Handle, type Serve, withBody } from "./stand-ins/http";

/** Listens, hands the socket to whoever started it, and ends. */
const OPEN = `const [address, port] = process.argv.slice(1);
const server = require("node:net").createServer();
const handOver = () => process.send("open", server, () => {
  server.close();
  process.disconnect();
});
server.listen(Number(port), address, handOver);`;

/** A listening socket in a network of the lab whose connections arrive in this process. */
async function socketIn(namespace: string, address: string, port: number): Promise<Server> {
  const argv = [`--net=${namespaceFile(namespace)}`, process.execPath, "-e", OPEN, address, String(port)];
  const child = spawn("nsenter", argv, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  return await new Promise<Server>((resolve, reject) => {
    child.on("message", (_, socket) => resolve(socket as Server));
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`cannot listen at ${address}:${port} in ${namespace}: ${code}`)));
  });
}

/**
 * One address in a network of the lab, and stand-ins of this process behind it. Each request goes to one of them, by
 * something that it carries.
 */
export class LabDoor {
  private readonly handles = new Map<string, Handle>();

  private constructor(
    private readonly socket: Server,
    private readonly closeConnections: () => void,
  ) {}

  /**
   * @param keyOf - what of a request says for which stand-in it is.
   * @param tls - certificate that it shows. Without one it speaks plain HTTP.
   */
  public static async open(
    at: { readonly namespace: string; readonly address: string; readonly port: number },
    keyOf: (incoming: IncomingMessage) => string | undefined,
    tls?: Issued,
  ): Promise<LabDoor> {
    const socket = await socketIn(at.namespace, at.address, at.port);
    const listener = withBody((incoming, body, response, bytes) => {
      const handle = door.handles.get(keyOf(incoming) ?? "");
      if (handle === undefined) response.writeHead(421).end();
      else handle(incoming, body, response, bytes);
    });
    const server =
      tls === undefined ? createServer(listener) : createTlsServer({ cert: tls.certificate, key: tls.key }, listener);
    socket.on("connection", (connection) => server.emit("connection", connection));
    const door = new LabDoor(socket, () => server.closeAllConnections());
    return door;
  }

  /** Lets requests of one kind come to a handler. */
  public serve(key: string): Serve {
    return async (handle) => {
      this.handles.set(key, handle);
      return await Promise.resolve({
        url: key,
        stop: async () => await Promise.resolve(void this.handles.delete(key)),
      });
    };
  }

  public async close(): Promise<void> {
    this.closeConnections();
    await new Promise<void>((resolve) => this.socket.close(() => resolve()));
  }
}
