import { failureOf, healthyServer, type NomadAccess, type NomadAnswer, nomadRequests } from "../nomad-api";
import type { Claim, NomadNode, NomadStorage, NomadVolume, PluginHealth } from "./types";

/** Requests at the same time. */
const AT_ONCE = 50;
/** How long a claim may outlive its allocation until it counts as stuck, seconds. Nomad frees claims asynchronously. */
export const FREED_WITHIN_SECONDS = 300;

const ENDED = new Set(["complete", "failed", "lost"]);

/** Asks a region's API for several paths at once. Answers in the order of the paths. */
export type Ask = (paths: readonly string[]) => Promise<readonly NomadAnswer[]>;

/** What a region has, or why it cannot be said. */
export type StorageAnswer = NomadStorage | { readonly failure: string };

/** How to ask a region through one of its servers that knows a leader. */
export async function asking(access: NomadAccess, region: string): Promise<Ask | { readonly failure: string }> {
  const server = await healthyServer(access, region);
  if ("failures" in server) return { failure: server.failures.join("; ") };
  return async (paths) => {
    const answers: NomadAnswer[] = [];
    for (let begin = 0; begin < paths.length; begin += AT_ONCE) {
      const urls = paths.slice(begin, begin + AT_ONCE).map((path) => server.address + path);
      answers.push(...(await nomadRequests(access, urls)));
    }
    return answers;
  };
}

/** Reads plugins, volumes with their claims, and nodes of a region. */
export async function readStorage(ask: Ask, now: Date): Promise<StorageAnswer> {
  const lists = await ask([
    "/v1/nodes",
    "/v1/plugins?type=csi",
    "/v1/volumes?type=csi&namespace=*",
    "/v1/volumes?type=host&namespace=*",
  ]);
  const failed = lists.find(({ status }) => status !== 200);
  if (failed !== undefined) return { failure: failureOf(failed) };
  const [nodeStubs, pluginStubs, csiStubs, hostStubs] = lists.map(bodyOf) as [
    readonly NodeStub[],
    readonly PluginStub[],
    readonly CsiDetail[],
    readonly HostDetail[],
  ];
  const nodes = nodeStubs.map(nodeOf);
  const references = [
    ...csiStubs.map(({ ID, Namespace }) => ({ type: "csi", id: ID, namespace: Namespace }) as const),
    ...hostStubs.map(({ ID, Namespace }) => ({ type: "host", id: ID, namespace: Namespace }) as const),
  ];
  const volumes = await readVolumes(ask, references, nodes, now);
  return "failure" in volumes ? volumes : { plugins: pluginStubs.map(pluginOf), volumes, nodes };
}

/** Names a volume in the API. */
export interface VolumeReference {
  readonly type: "csi" | "host";
  /** Of a host volume Nomad's own id. */
  readonly id: string;
  readonly namespace: string;
}

/** Reads the nodes of a region. */
export async function readNodes(ask: Ask): Promise<readonly NomadNode[] | { readonly failure: string }> {
  const [answer] = await ask(["/v1/nodes"]);
  if (answer === undefined) return { failure: "no answer" };
  return answer.status === 200 ? (bodyOf(answer) as readonly NodeStub[]).map(nodeOf) : { failure: failureOf(answer) };
}

/** Reads some volumes with their claims; those that are gone are left out. */
export async function readSomeVolumes(
  ask: Ask,
  references: readonly VolumeReference[],
  now: Date,
): Promise<readonly NomadVolume[] | { readonly failure: string }> {
  const nodes = await readNodes(ask);
  return "failure" in nodes ? nodes : await readVolumes(ask, references, nodes, now);
}

async function readVolumes(
  ask: Ask,
  references: readonly VolumeReference[],
  nodes: readonly NomadNode[],
  now: Date,
): Promise<readonly NomadVolume[] | { readonly failure: string }> {
  const details = await ask(references.map(({ type, id, namespace }) => pathOf(type, id, namespace)));
  const volumes: NomadVolume[] = [];
  for (const [index, answer] of details.entries()) {
    // One that is gone since it was listed.
    if (answer.status === 404) continue;
    if (answer.status !== 200) return { failure: failureOf(answer) };
    volumes.push(
      references[index]?.type === "csi"
        ? csiVolume(bodyOf(answer) as CsiDetail, nodes, now)
        : hostVolume(bodyOf(answer) as HostDetail, nodes),
    );
  }
  return volumes;
}

/** How many nodes and controllers a plugin still has. */
export async function pluginRemains(ask: Ask, plugins: readonly string[]): Promise<readonly string[]> {
  const answers = await ask(plugins.map((id) => `/v1/plugin/csi/${encodeURIComponent(id)}`));
  return answers.flatMap((answer, index) => {
    const id = plugins[index] ?? "";
    if (answer.status === 404) return [];
    if (answer.status !== 200) return [`plugin ${id}: ${failureOf(answer)}`];
    const { Nodes, Controllers } = bodyOf(answer) as { readonly Nodes?: object | null; Controllers?: object | null };
    const [nodes, controllers] = [Nodes, Controllers].map((all) => Object.keys(all ?? {}).length);
    if (nodes === 0 && controllers === 0) return [];
    return [`plugin ${id}: ${nodes ?? 0} nodes, ${controllers ?? 0} controllers`];
  });
}

/** Who runs groups of jobs, as `<namespace>/<job>/<group>`: static host volumes know nothing of who mounts them. */
export async function readAllocations(
  ask: Ask,
  jobs: readonly { readonly job: string; readonly namespace: string }[],
): Promise<readonly Claim[]> {
  const unique = [...new Map(jobs.map((job) => [`${job.namespace}/${job.job}`, job])).values()];
  const answers = await ask(
    unique.map(
      ({ job, namespace }) =>
        `/v1/job/${encodeURIComponent(job)}/allocations?namespace=${encodeURIComponent(namespace)}`,
    ),
  );
  return answers.flatMap((answer) =>
    answer.status === 200
      ? ((bodyOf(answer) ?? []) as readonly AllocationJson[])
          .filter(({ ClientStatus }) => !ENDED.has(ClientStatus))
          .map((allocation) => claimOf(allocation.ID, allocation, {}))
      : [],
  );
}

/** Address of a volume in the API. */
function pathOf(type: "csi" | "host", id: string, namespace: string): string {
  return `/v1/volume/${type}/${encodeURIComponent(id)}?namespace=${encodeURIComponent(namespace)}`;
}

interface NodeStub {
  readonly ID: string;
  readonly Name: string;
  readonly Status: string;
  readonly NodePool: string;
  /** A dynamic host volume has an id. */
  readonly HostVolumes?: Readonly<Record<string, { readonly Name: string; readonly ID?: string }>> | null;
}

interface PluginStub {
  readonly ID: string;
  readonly Provider?: string;
  readonly ControllerRequired: boolean;
  readonly ControllersHealthy: number;
  readonly ControllersExpected: number;
  readonly NodesHealthy: number;
  readonly NodesExpected: number;
}

interface AllocationJson {
  readonly ID: string;
  /** Shape: `job.group[0]`. */
  readonly Name: string;
  readonly Namespace: string;
  readonly NodeID: string;
  readonly NodeName?: string;
  readonly JobID: string;
  readonly TaskGroup: string;
  readonly ClientStatus: string;
  /** Nanoseconds. */
  readonly CreateTime: number;
  /** Nanoseconds. */
  readonly ModifyTime: number;
}

interface Capability {
  readonly AccessMode: string;
  readonly AttachmentMode: string;
}

/**
 * What is read of a CSI volume. Claims are by allocation, always with null for a value; the allocations themselves are in a list, which
 * lacks those that Nomad has forgotten.
 */
interface CsiDetail {
  readonly ID: string;
  readonly Namespace: string;
  readonly PluginID: string;
  /** Bytes. */
  readonly Capacity?: number;
  readonly RequestedCapabilities?: readonly Capability[] | null;
  readonly ReadAllocs?: Readonly<Record<string, null>> | null;
  readonly WriteAllocs?: Readonly<Record<string, null>> | null;
  readonly Allocations?: readonly AllocationJson[] | null;
}

interface HostDetail {
  readonly ID: string;
  readonly Name: string;
  readonly Namespace: string;
  readonly PluginID: string;
  readonly NodeID: string;
  readonly State: string;
  readonly CapacityBytes?: number;
  readonly RequestedCapabilities?: readonly Capability[] | null;
  readonly Allocations?: readonly AllocationJson[] | null;
}

function bodyOf(answer: NomadAnswer): unknown {
  return "body" in answer ? answer.body : undefined;
}

function nodeOf({ ID, Name, Status, NodePool, HostVolumes }: NodeStub): NomadNode {
  const hostVolumes = Object.values(HostVolumes ?? {}).flatMap((volume) =>
    (volume.ID ?? "") === "" ? [volume.Name] : [],
  );
  return { id: ID, name: Name, status: Status, pool: NodePool, hostVolumes };
}

function pluginOf(stub: PluginStub): PluginHealth {
  return {
    id: stub.ID,
    ...(stub.Provider !== undefined && stub.Provider !== "" && { provider: stub.Provider }),
    needsController: stub.ControllerRequired,
    controllers: { healthy: stub.ControllersHealthy, expected: stub.ControllersExpected },
    nodes: { healthy: stub.NodesHealthy, expected: stub.NodesExpected },
  };
}

function csiVolume(detail: CsiDetail, nodes: readonly NomadNode[], now: Date): NomadVolume {
  const claims = (ids: Readonly<Record<string, null>> | null | undefined, access: "read" | "write") =>
    Object.keys(ids ?? {}).map((id) => {
      const allocation = detail.Allocations?.find(({ ID }) => ID === id);
      return judged(claimOf(id, allocation, { namespace: detail.Namespace, access }), nodes, now);
    });
  return {
    type: "csi",
    id: detail.ID,
    namespace: detail.Namespace,
    plugin: detail.PluginID,
    ...((detail.Capacity ?? 0) > 0 && { capacityBytes: detail.Capacity }),
    capabilities: capabilitiesOf(detail.RequestedCapabilities),
    claims: [...claims(detail.WriteAllocs, "write"), ...claims(detail.ReadAllocs, "read")],
  };
}

function hostVolume(detail: HostDetail, nodes: readonly NomadNode[]): NomadVolume {
  const running = (detail.Allocations ?? []).filter(({ ClientStatus }) => !ENDED.has(ClientStatus));
  return {
    type: "host",
    id: detail.Name,
    uuid: detail.ID,
    namespace: detail.Namespace,
    plugin: detail.PluginID,
    ...((detail.CapacityBytes ?? 0) > 0 && { capacityBytes: detail.CapacityBytes }),
    capabilities: capabilitiesOf(detail.RequestedCapabilities),
    nodeId: detail.NodeID,
    state: detail.State,
    claims: running.map((allocation) => withNode(claimOf(allocation.ID, allocation, {}), nodes)),
  };
}

function capabilitiesOf(capabilities: readonly Capability[] | null | undefined): string[] {
  return (capabilities ?? []).map(({ AccessMode, AttachmentMode }) => `${AccessMode} ${AttachmentMode}`);
}

function claimOf(
  id: string,
  allocation: AllocationJson | undefined,
  known: { readonly namespace?: string; readonly access?: "read" | "write" },
): Claim {
  if (allocation === undefined) return { allocation: id, namespace: "default", ...known };
  const index = Number(/\[(\d+)\]$/.exec(allocation.Name)?.[1]);
  return {
    allocation: id,
    ...known,
    namespace: allocation.Namespace,
    job: allocation.JobID,
    group: allocation.TaskGroup,
    ...(Number.isInteger(index) && { index }),
    nodeId: allocation.NodeID,
    ...(allocation.NodeName !== undefined && allocation.NodeName !== "" && { node: allocation.NodeName }),
    status: allocation.ClientStatus,
    since: timeOf(allocation.CreateTime),
    ...(ENDED.has(allocation.ClientStatus) && { ended: timeOf(allocation.ModifyTime) }),
  };
}

function withNode(claim: Claim, nodes: readonly NomadNode[]): Claim {
  const name = nodes.find(({ id }) => id === claim.nodeId)?.name;
  return name === undefined ? claim : { ...claim, node: name };
}

/** A claim with the reason for which Nomad will not free it by itself. */
function judged(plain: Claim, nodes: readonly NomadNode[], now: Date): Claim {
  const claim = withNode(plain, nodes);
  const node = nodes.find(({ id }) => id === claim.nodeId);
  const why = (): string | undefined => {
    if (claim.job === undefined) return "its allocation is gone";
    if (node === undefined) return `node ${claim.node ?? claim.nodeId ?? ""} is gone`;
    if (node.status !== "ready") return `node ${node.name} is ${node.status}`;
    if (claim.ended === undefined) return undefined;
    const seconds = (now.getTime() - new Date(claim.ended).getTime()) / 1000;
    return seconds > FREED_WITHIN_SECONDS ? `its allocation has ended (${claim.status ?? ""})` : undefined;
  };
  const stuck = why();
  return stuck === undefined ? claim : { ...claim, stuck };
}

function timeOf(nanoseconds: number): string {
  return new Date(nanoseconds / 1e6).toISOString();
}
