import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Trust } from "../../../ops/trust/trust";
import { redirectTo } from "./redirect";

/** An object of Nomad's API. */
type Api = Readonly<Record<string, unknown>>;

/** What the stand-in has; a test may change it at any time. Shapes are Nomad 1.11.3's. */
export interface StandInStorage {
  nodes: Api[];
  plugins: Api[];
  /** Details by id. */
  csi: Record<string, Api>;
  host: Api[];
  /** By job. */
  allocations: Record<string, Api[]>;
}

/** Stands in for what a region's API says about volumes, with the fleet's own certificates and token. */
export class StandInVolumes {
  public readonly has: StandInStorage = { nodes: [], plugins: [], csi: {}, host: [], allocations: {} };
  /** What was asked, in order. Shape: `GET /v1/nodes`. */
  public readonly requests: string[] = [];
  /** Servers that do not answer. Shape: `s-1`. */
  public away: readonly string[] = [];
  /** Called before each answer. */
  public beforeAnswer: (path: string) => void = () => undefined;
  private readonly server: Server;

  private constructor(trust: Trust, region: string) {
    const { certificate, key } = trust.certificates[`server-${region}`] ?? { certificate: "", key: "" };
    const tls = { cert: certificate, key, ca: trust.ca.certificate, requestCert: true, rejectUnauthorized: true };
    this.server = createServer(tls, (request, response) => {
      const url = request.url ?? "/";
      this.requests.push(`${request.method ?? ""} ${url}`);
      this.beforeAnswer(url);
      const asked = request.headers.host?.split(".")[0] ?? "";
      if (this.away.includes(asked)) return void request.socket.destroy();
      if (request.headers["x-nomad-token"] !== trust.managementToken) return void response.writeHead(403).end("denied");
      const body = this.answer(new URL(url, "https://nomad"));
      response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? "not found"));
    });
  }

  public static async start(trust: Trust, region: string): Promise<StandInVolumes> {
    const made = new StandInVolumes(trust, region);
    await new Promise<void>((done) => made.server.listen(0, "127.0.0.1", done));
    return made;
  }

  /** Its own address, for who checks its certificate by the name in it. */
  public get address(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Environment under which Node.js finds it in the place of the servers. */
  public get env(): Record<string, string> {
    return redirectTo((this.server.address() as AddressInfo).port);
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private answer({ pathname, searchParams }: URL): unknown {
    const { nodes, plugins, csi, host, allocations } = this.has;
    const [, , what = "", type = "", id = ""] = pathname.split("/").map(decodeURIComponent);
    switch (what) {
      case "status":
        return "100.64.0.1:4647";
      case "nodes":
        return nodes;
      case "plugins":
        return plugins;
      case "volumes":
        return searchParams.get("type") === "csi" ? Object.values(csi) : host;
      case "volume":
        return type === "csi" ? csi[id] : host.find((volume) => volume["ID"] === id);
      case "plugin":
        return plugins.find((plugin) => plugin["ID"] === id);
      case "job":
        return allocations[type] ?? [];
      default:
        return undefined;
    }
  }
}

/** A node that is ready. */
export function node(name: string, pool: string, more: Api = {}): Api {
  return { ID: `${name}-id`, Name: name, NodePool: pool, Status: "ready", HostVolumes: null, ...more };
}

/** An allocation that runs. Ids follow from the names. */
export function allocation(job: string, group: string, index: number, on: string, more: Api = {}): Api {
  return {
    ...{ ID: `${job}-${index}`, Name: `${job}.${group}[${index}]`, JobID: job, TaskGroup: group },
    ...{ Namespace: "default", NodeID: `${on}-id`, NodeName: on, ClientStatus: "running" },
    ...{ CreateTime: 1_760_000_000_000_000_000, ModifyTime: 1_760_000_000_000_000_000 },
    ...more,
  };
}

/**
 * A CSI volume as Nomad shows it: claims by allocation, without the allocation, which is in a list beside them.
 *
 * @param more - with `ReadAllocs` and `WriteAllocs` by key; null for an allocation that Nomad has forgotten, under its id.
 */
export function csiVolume(id: string, plugin: string, more: Api = {}): Api {
  const claimsOf = (key: string) =>
    Object.entries((more[key] ?? {}) as Readonly<Record<string, Api | null>>).map(
      ([name, found]) => [found === null ? name : String(found["ID"]), found] as const,
    );
  const [readers, writers] = [claimsOf("ReadAllocs"), claimsOf("WriteAllocs")];
  const idsOf = (claims: readonly (readonly [string, Api | null])[]) =>
    Object.fromEntries(claims.map(([allocation]) => [allocation, null]));
  return {
    ...{ ID: id, Name: id, Namespace: "default", PluginID: plugin, Capacity: 20 * 1024 ** 3 },
    RequestedCapabilities: [{ AccessMode: "single-node-writer", AttachmentMode: "file-system" }],
    ...more,
    ReadAllocs: idsOf(readers),
    WriteAllocs: idsOf(writers),
    Allocations: [...readers, ...writers].flatMap(([, found]) => (found === null ? [] : [found])),
  };
}

/** A dynamic host volume that nobody uses. */
export function hostVolume(name: string, on: string, more: Api = {}): Api {
  return {
    ...{ ID: `${name}-${on}-uuid`, Name: name, Namespace: "default", PluginID: "mkdir", NodeID: `${on}-id` },
    ...{ NodePool: "gpu", State: "ready", CapacityBytes: 0, Allocations: [] },
    RequestedCapabilities: [{ AccessMode: "single-node-multi-writer", AttachmentMode: "file-system" }],
    ...more,
  };
}

/** A plugin that is healthy on one node, with one controller. */
export function plugin(id: string, more: Api = {}): Api {
  return {
    ...{ ID: id, Provider: "hostpath.csi.k8s.io", ControllerRequired: true },
    ...{ ControllersHealthy: 1, ControllersExpected: 1, NodesHealthy: 1, NodesExpected: 1 },
    ...more,
  };
}
