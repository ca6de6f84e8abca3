import { failureOf, nomadApi, nomadPut, type NomadAccess, type NomadAnswer } from "../nomad-api";
import { machineName } from "../status";

/** A Raft server as Autopilot knows it. */
export interface RaftServer {
  /** Raft id; it lies in the server's data directory. */
  readonly id: string;
  /** Name of the machine. */
  readonly name: string;
  /** Of its RPC, in the tailnet. Shape: `100.64.0.4:4647`. */
  readonly address: string;
  readonly healthy: boolean;
  readonly voter: boolean;
  readonly leader: boolean;
}

/** A region's health as Autopilot sees it. */
export interface RegionHealth {
  readonly healthy: boolean;
  /** Servers that may fail before the region loses its quorum. */
  readonly failureTolerance: number;
  readonly servers: readonly RaftServer[];
}

/** A region's health, or why it could not be asked. */
export type HealthAnswer = RegionHealth | { readonly failure: string };

interface HealthBody {
  readonly Healthy: boolean;
  readonly FailureTolerance: number;
  readonly Servers: readonly {
    readonly ID: string;
    readonly Name: string;
    readonly Address: string;
    readonly Healthy: boolean;
    readonly Voter: boolean;
    readonly Leader: boolean;
  }[];
}

/** Status under which Nomad tells the health of a region that is not healthy. */
const UNHEALTHY = 429;

/**
 * Asks Autopilot for a region's health.
 *
 * @see https://developer.hashicorp.com/nomad/api-docs/operator/autopilot#read-health
 */
export async function regionHealth(access: NomadAccess, region: string): Promise<HealthAnswer> {
  return healthOf(await nomadApi(access, region, "/v1/operator/autopilot/health"), region);
}

/** Reads Autopilot's answer. */
export function healthOf(answer: NomadAnswer, region: string): HealthAnswer {
  const body = "body" in answer && (answer.status === 200 || answer.status === UNHEALTHY) ? answer.body : undefined;
  if (!isHealth(body)) return { failure: answer.status === 200 ? "its answer is not Autopilot's" : failureOf(answer) };
  return {
    healthy: body.Healthy,
    failureTolerance: body.FailureTolerance,
    servers: body.Servers.map(({ ID, Name, Address, Healthy, Voter, Leader }) => ({
      id: ID,
      name: machineName(Name, region),
      address: Address,
      healthy: Healthy,
      voter: Voter,
      leader: Leader,
    })),
  };
}

/**
 * Makes another server the leader.
 *
 * @returns why it did not work; nothing where it did.
 * @see https://developer.hashicorp.com/nomad/api-docs/operator/raft#transfer-leadership-to-another-server
 */
export async function transferLeadership(
  access: NomadAccess,
  region: string,
  to: RaftServer,
): Promise<string | undefined> {
  const path = `/v1/operator/raft/transfer-leadership?id=${encodeURIComponent(to.id)}`;
  const answer = await nomadPut(access, region, path);
  return answer.status === 200 ? undefined : failureOf(answer);
}

function isHealth(body: unknown): body is HealthBody {
  return typeof body === "object" && body !== null && Array.isArray((body as { Servers?: unknown }).Servers);
}
