/**
 * Stand-in for the part of Nomad's API that snapshots go over, behind mutual TLS with a fleet's own certificates and its
 * management token. It answers under every name of a server: {@link NomadSnapshots.env} leads Node.js to it.
 */
import { createHash } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Trust } from "../../../ops/trust/trust";
import { redirectTo } from "./redirect";

export interface NomadSnapshots {
  /** Environment under which Node.js finds it in the place of the servers. */
  readonly env: Readonly<Record<string, string>>;
  /** What a save gets. */
  state: Buffer;
  /** What was restored. */
  restored?: Buffer;
  /** Who answers for a region's servers. Shape: `{ "100.64.0.1": "home" }`. */
  members: Readonly<Record<string, string>>;
  /** How it fails, if it does. */
  mood: "well" | "no leader" | "refusing" | "cut off" | "silent";
  /** Requests in order. Shape: `GET /v1/status/leader`. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/** Starts it with the certificate of a region's servers. */
export async function nomadSnapshots(trust: Trust, region: string): Promise<NomadSnapshots> {
  const { certificate, key } = trust.certificates[`server-${region}`] ?? { certificate: "", key: "" };
  const tls = { cert: certificate, key, ca: trust.ca.certificate, requestCert: true, rejectUnauthorized: true };
  const asked: string[] = [];
  const server = createServer(tls, (incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const { pathname, searchParams } = new URL(incoming.url ?? "/", "https://stand-in");
      asked.push(`${incoming.method} ${pathname}`);
      const json = (value: unknown) => response.end(JSON.stringify(value));
      if (standIn.mood === "silent" && pathname === "/v1/operator/snapshot") return;
      if (pathname === "/v1/status/leader") return json(standIn.mood === "no leader" ? "" : "100.64.0.1:4647");
      if (incoming.headers["x-nomad-token"] !== trust.managementToken) return response.writeHead(403).end("denied");
      if (pathname === "/v1/agent/members")
        return json({
          Members: Object.entries(standIn.members).map(([Addr, home]) => ({
            Addr,
            Tags: { port: "4647", region: home },
          })),
        });
      if (pathname === "/v1/acl/token/self") return json({});
      if (pathname !== "/v1/operator/snapshot" || searchParams.get("region") !== region)
        return response.writeHead(404).end("no such path or region");
      if (standIn.mood === "refusing") return response.writeHead(500).end("raft says no");
      if (incoming.method === "PUT") {
        standIn.restored = Buffer.concat(parts);
        return response.end();
      }
      const digest = createHash("sha256").update(standIn.state).digest("base64");
      response.writeHead(200, { Digest: `sha-256=${digest}` });
      return response.end(standIn.mood === "cut off" ? standIn.state.subarray(0, 100) : standIn.state);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const standIn: NomadSnapshots = {
    env: redirectTo((server.address() as AddressInfo).port),
    state: Buffer.alloc(100_000, "state"),
    members: {},
    mood: "well",
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return standIn;
}
