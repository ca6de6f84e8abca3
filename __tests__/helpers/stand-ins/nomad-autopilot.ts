import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Trust, trustFiles } from "../../../ops/trust/trust";
import { redirectTo } from "./redirect";

/** A server as the stand-in tells it. */
export interface StandInServer {
  /** Shape: `east-1.east`. */
  readonly name: string;
  id: string;
  address: string;
  healthy: boolean;
  voter: boolean;
  leader: boolean;
}

/**
 * Stands in for the API of a region's Nomad servers: Autopilot's health and the transfer of leadership, with the fleet's own
 * certificates and token. It is no Raft group: a test says how its servers are.
 *
 * Answers have the shape of Nomad 1.11.3's.
 */
export class StandInNomad {
  /** What was asked, in order. Shape: `PUT /v1/operator/raft/transfer-leadership?id=…`. */
  public readonly requests: string[] = [];
  public servers: StandInServer[];
  /** Nobody answers. */
  public isAway = false;
  /** Called before each answer. */
  public beforeAnswer: () => void = () => undefined;
  /** The transfer of leadership is refused. */
  public refusesTransfer = false;
  private readonly server: Server;

  private constructor(names: readonly string[], trust: Trust, region: string) {
    this.servers = names.map((name, index) => ({
      name: `${name}.${region}`,
      id: `0000000${index}-0000-0000-0000-000000000000`,
      address: `100.64.0.${index + 1}:4647`,
      healthy: true,
      voter: true,
      leader: index === 0,
    }));
    const file = (name: string) => readFileSync(join(trust.directory, name));
    const tls = {
      ca: file(trustFiles.ca),
      cert: file(trustFiles.certificate(`server-${region}`)),
      key: file(trustFiles.key(`server-${region}`)),
    };
    this.server = createServer({ ...tls, requestCert: true }, (request, response) => {
      this.requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
      this.beforeAnswer();
      if (this.isAway) return void request.socket.destroy();
      const isAllowed = request.headers["x-nomad-token"] === trust.managementToken;
      const { status, body } = isAllowed ? this.answer(request.method ?? "", request.url ?? "") : DENIED;
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
    });
  }

  /** Starts one for a region, all of its servers healthy, the first one leading. */
  public static async start(names: readonly string[], trust: Trust, region: string): Promise<StandInNomad> {
    const made = new StandInNomad(names, trust, region);
    await new Promise<void>((done) => made.server.listen(0, "127.0.0.1", done));
    return made;
  }

  /** Environment under which Node.js finds it in the place of the servers. */
  public get env(): Record<string, string> {
    return redirectTo((this.server.address() as AddressInfo).port);
  }

  /** The server of a machine. */
  public the(machine: string): StandInServer {
    const found = this.servers.find(({ name }) => name.startsWith(`${machine}.`));
    if (found === undefined) throw new Error(`no server ${machine}`);
    return found;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private answer(method: string, url: string): { readonly status: number; readonly body: unknown } {
    const { pathname, searchParams } = new URL(url, "https://nomad");
    if (method === "GET" && pathname === "/v1/status/leader")
      return { status: 200, body: this.servers.find(({ leader }) => leader)?.address ?? "" };
    if (method === "GET" && pathname === "/v1/operator/autopilot/health") return this.health();
    if (method === "PUT" && pathname === "/v1/operator/raft/transfer-leadership")
      return this.transfer(searchParams.get("id"));
    return { status: 404, body: "not found" };
  }

  private health() {
    const voters = this.servers.filter(({ voter }) => voter);
    const well = voters.filter(({ healthy }) => healthy).length;
    const isHealthy = this.servers.every(({ healthy }) => healthy);
    return {
      status: isHealthy ? 200 : 429,
      body: {
        FailureTolerance: Math.max(0, well - (Math.floor(voters.length / 2) + 1)),
        Healthy: isHealthy,
        Leader: this.servers.find(({ leader }) => leader)?.id ?? "",
        Servers: this.servers.map(({ id, name, address, healthy, voter, leader }) => ({
          ...{ ID: id, Name: name, Address: address, SerfStatus: healthy ? "alive" : "failed", Version: "1.11.3" },
          ...{ Healthy: healthy, Voter: voter, Leader: leader, LastContact: "0s", LastTerm: 2, LastIndex: 7 },
        })),
        Voters: voters.map(({ id }) => id),
      },
    };
  }

  private transfer(id: string | null) {
    const next = this.servers.find((server) => server.id === id);
    if (next === undefined || this.refusesTransfer) return { status: 500, body: "leadership transfer failed" };
    for (const server of this.servers) server.leader = server === next;
    return { status: 200, body: { Noop: false, Err: null, To: { ID: next.id, Address: next.address } } };
  }
}

const DENIED = { status: 403, body: "Permission denied" };
