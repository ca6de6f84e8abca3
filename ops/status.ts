import { checkPaths, type PathCheck, type PathTarget } from "./path-check";
import type { RunSettings } from "./terraform/context";
import { runOf } from "./terraform/context";
import { nomadAccess } from "./terraform/region";
import { readState } from "./terraform/removal";
import type { Stack } from "./terraform/stack";
import { type NomadAnswer, nomadApi } from "./nomad-api";

/** One stack's state. */
export interface StackStatus {
  readonly stack: string;
  readonly backend: string;
  /** @default - never applied, or the backend is remote */
  readonly serial?: number;
  readonly resources?: number;
  /** ISO 8601. */
  readonly lastApply?: string;
}

/** One Nomad region, as its own servers see it. */
export interface RegionStatus {
  readonly region: string;
  /** Address of the leader. */
  readonly leader?: string;
  readonly servers: readonly { readonly name: string; readonly status: string; readonly address: string }[];
  readonly nodes: readonly {
    readonly name: string;
    readonly status: string;
    readonly pool: string;
    readonly address: string;
  }[];
  /** Why it could not be asked. */
  readonly failure?: string;
}

export interface FleetStatus {
  readonly stacks: readonly StackStatus[];
  readonly regions: readonly RegionStatus[];
  /** How packets travel from where the operator works to each machine. */
  readonly tailnet: PathCheck;
}

/** What is applied and what runs. Never fails for a region that does not answer: it says so. */
export async function fleetStatus(stacks: readonly Stack[], settings: RunSettings): Promise<FleetStatus> {
  const run = runOf(settings);
  const access = nomadAccess(run);
  const regions = await Promise.all(
    settings.spec.regions.map(async ({ name }): Promise<RegionStatus> => {
      const nothing = { region: name, servers: [], nodes: [] };
      if (access === undefined) return { ...nothing, failure: "no trust at hand to ask it with" };
      const [leader, members, nodes] = await Promise.all(
        ["/v1/status/leader", "/v1/agent/members", "/v1/nodes"].map((path) => nomadApi(access, name, path)),
      );
      if (leader === undefined || members === undefined || nodes === undefined) return nothing;
      const failure = failureOf(leader) ?? failureOf(members) ?? failureOf(nodes);
      return {
        region: name,
        ...(typeof bodyOf(leader) === "string" && { leader: bodyOf(leader) as string }),
        servers: ((bodyOf(members) as { Members: Member[] } | undefined)?.Members ?? [])
          .filter(({ Tags }) => Tags["region"] === name)
          .map(({ Name, Status, Addr }) => ({ name: Name, status: Status, address: Addr }))
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
        nodes: ((bodyOf(nodes) as Node[] | undefined) ?? [])
          .map(({ Name, Status, NodePool, Address }) => ({
            name: Name,
            status: Status,
            pool: NodePool,
            address: Address,
          }))
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
        ...(failure !== undefined && { failure }),
      };
    }),
  );
  const { prefix, tailscale: command } = run.context;
  const tailnet = await checkPaths(
    regions.flatMap((region) => targetsOf(region, settings)),
    { prefix, env: run.env, ...(command !== undefined && { command }) },
  );
  return { stacks: stacks.map(stackStatus), regions, tailnet };
}

/** Machines that Nomad knows by their addresses, and the region's servers by name where nobody could be asked. */
function targetsOf({ region, servers, nodes }: RegionStatus, { spec }: RunSettings): PathTarget[] {
  const hosts = spec.regions.find(({ name }) => name === region)?.serverHosts ?? [];
  const known = [...servers, ...nodes].map(({ name, address }) => ({ machine: machineName(name, region), address }));
  const asked = new Set(known.map(({ machine }) => machine));
  return [...known, ...hosts.flatMap((host) => (asked.has(host) ? [] : [{ machine: host, address: host }]))];
}

/** A machine's own name; Nomad's servers are members under `<machine>.<region>`. */
export function machineName(name: string, region: string): string {
  return name.endsWith(`.${region}`) ? name.slice(0, -region.length - 1) : name;
}

interface Member {
  readonly Name: string;
  readonly Status: string;
  readonly Addr: string;
  readonly Tags: Readonly<Record<string, string>>;
}

interface Node {
  readonly Name: string;
  readonly Status: string;
  readonly NodePool: string;
  readonly Address: string;
}

function stackStatus({ name, backend }: Stack): StackStatus {
  const state = backend.path === undefined ? undefined : readState(backend.path);
  return {
    stack: name,
    backend: backend.kind,
    ...(state !== undefined && {
      serial: state.serial,
      resources: state.resources,
      lastApply: state.changed.toISOString(),
    }),
  };
}

function bodyOf(answer: NomadAnswer): unknown {
  return answer.status === 200 && "body" in answer && answer.body !== "" ? answer.body : undefined;
}

function failureOf(answer: NomadAnswer): string | undefined {
  if ("failure" in answer) return answer.failure;
  return answer.status === 200 ? undefined : `HTTP ${answer.status} ${String(answer.body).trim().slice(0, 120)}`;
}
