import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Trust } from "../../../ops/trust/trust";
import { redirectTo } from "./redirect";

/**
 * Stands in front of an API without TLS and ACLs, as a region's server does with the fleet's certificates and token: who comes
 * without them gets no answer of what is behind.
 */
export class NomadFront {
  private readonly server: Server;

  private constructor(trust: Trust, region: string, behind: string) {
    const { certificate, key } = trust.certificates[`server-${region}`] ?? { certificate: "", key: "" };
    const tls = { cert: certificate, key, ca: trust.ca.certificate, requestCert: true, rejectUnauthorized: true };
    this.server = createServer(tls, (request, response) => {
      if (request.headers["x-nomad-token"] !== trust.managementToken) return void response.writeHead(403).end("denied");
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "GET", url = "/" } = request;
        const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
        fetch(behind + url, { method, ...body })
          .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
          .catch(() => response.destroy());
      });
    });
  }

  /** @param behind - address without TLS. Shape: `http://127.0.0.1:4646`. */
  public static async start(trust: Trust, region: string, behind: string): Promise<NomadFront> {
    const made = new NomadFront(trust, region, behind);
    await new Promise<void>((done) => made.server.listen(0, "127.0.0.1", done));
    return made;
  }

  /** Environment under which Node.js finds it in the place of the region's servers. */
  public get env(): Record<string, string> {
    return redirectTo((this.server.address() as AddressInfo).port);
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
