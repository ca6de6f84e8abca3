import Table from "cli-table3";
import type { Fleet } from "../model/types";
import { nomadApi } from "../ops/nomad-api";
import { type FleetStatus, fleetStatus } from "../ops/status";
import { nomadAccess } from "../ops/terraform/region";
import { runOf } from "../ops/terraform/context";
import type { Stack } from "../ops/terraform/stack";
import { trustSpecOf } from "../ops/trust/spec";
import type { Trust } from "../ops/trust/trust";
import { labContext } from "./deploy";
import { labSpecOf } from "./fleet-spec";
import { labExec } from "./power";

/** One job as a region's servers see it. */
export interface JobStatus {
  readonly region: string;
  readonly namespace: string;
  readonly job: string;
  readonly type: string;
  readonly status: string;
  /** Allocations by state. Shape: `running 1, complete 2`. */
  readonly allocations: string;
}

/** What a service answered to a machine of another pool. */
export interface ServiceAnswer {
  readonly service: string;
  readonly url: string;
  /** Machine that asked. */
  readonly from: string;
  readonly answer: string;
  readonly ok: boolean;
}

/** Everything that runs in the lab. */
export interface LabReport extends FleetStatus {
  readonly jobs: readonly JobStatus[];
  readonly answers: readonly ServiceAnswer[];
}

/** Looks at a deployed lab: regions, nodes, jobs, and whether services answer those that may call them. */
export async function labReport(fleet: Fleet, trust: Trust, stacks: readonly Stack[]): Promise<LabReport> {
  const settings = {
    spec: trustSpecOf(fleet),
    trust,
    context: await labContext(labSpecOf(fleet), trust, true, () => undefined),
  };
  const access = nomadAccess(runOf(settings));
  const [status, answers, jobs] = await Promise.all([
    fleetStatus(stacks, settings),
    serviceAnswers(fleet),
    access === undefined
      ? []
      : Promise.all(
          settings.spec.regions.map(async ({ name }) => {
            const answer = await nomadApi(access, name, "/v1/jobs?namespace=*");
            return "body" in answer && Array.isArray(answer.body)
              ? (answer.body as JobStub[]).map((job) => jobOf(name, job))
              : [];
          }),
        ),
  ]);
  return { ...status, jobs: jobs.flat(), answers };
}

interface JobStub {
  readonly ID: string;
  readonly Namespace: string;
  readonly Type: string;
  readonly Status: string;
  readonly JobSummary?: { readonly Summary?: Readonly<Record<string, Readonly<Record<string, number>>>> } | null;
}

function jobOf(region: string, { ID, Namespace, Type, Status, JobSummary }: JobStub): JobStatus {
  const counts = new Map<string, number>();
  for (const group of Object.values(JobSummary?.Summary ?? {}))
    for (const [state, count] of Object.entries(group))
      if (count > 0) counts.set(state.toLowerCase(), (counts.get(state.toLowerCase()) ?? 0) + count);
  const allocations = [...counts].map(([state, count]) => `${state} ${count}`).join(", ");
  return { region, namespace: Namespace, job: ID, type: Type, status: Status, allocations };
}

/** Each service at one static port is asked by a machine of the first pool that may call it. */
async function serviceAnswers(fleet: Fleet): Promise<ServiceAnswer[]> {
  const questions = Object.entries(fleet.services ?? {}).flatMap(([name, service]) => {
    const target = service.pools.flatMap((pool) => fleet.pools[pool]?.hosts ?? [])[0];
    const from = service.callers.flatMap((caller) => fleet.pools[caller]?.hosts ?? [])[0];
    if (target === undefined || from === undefined || typeof service.port !== "number") return [];
    return [{ service: name, from, url: `http://${target}.${fleet.tailnet.domain}:${service.port}/` }];
  });
  return await Promise.all(
    questions.map(async (question) => {
      const curl = ["curl", "--silent", "--show-error", "--fail", "--max-time", "5", question.url];
      const { code, stdout, stderr } = await labExec(question.from, curl);
      return { ...question, ok: code === 0, answer: (code === 0 ? stdout : stderr).trim() };
    }),
  );
}

/** The report as tables for a person. */
export function renderReport({ regions, jobs, answers }: LabReport): string {
  const plain = { head: [], border: [] };
  const chars = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
  const servers = new Table({ head: ["region", "leader", "server", "state", "tailnet address"], style: plain, chars });
  for (const region of regions)
    for (const server of region.servers)
      servers.push([
        region.region,
        region.leader?.startsWith(`${server.address}:`) === true ? "leader" : "",
        server.name,
        server.status,
        server.address,
      ]);
  const nodes = new Table({ head: ["region", "node", "pool", "state", "tailnet address"], style: plain, chars });
  for (const region of regions)
    for (const node of region.nodes) nodes.push([region.region, node.name, node.pool, node.status, node.address]);
  const work = new Table({ head: ["region", "namespace", "job", "type", "state", "allocations"], style: plain, chars });
  for (const job of jobs) work.push([job.region, job.namespace, job.job, job.type, job.status, job.allocations]);
  return [
    servers.toString(),
    nodes.toString(),
    work.toString(),
    ...answers.map(
      ({ service, from, url, answer, ok }) =>
        `${service}: ${from} asked ${url} ${ok ? "and heard" : "in vain"}: ${answer}`,
    ),
  ].join("\n");
}

/** What is not as it should be; empty for a healthy lab. */
export function reportProblems({ regions, answers, jobs }: LabReport): string[] {
  return [
    ...regions.flatMap(({ region, failure, leader }) =>
      failure !== undefined || leader === undefined
        ? [`region ${region} does not answer: ${failure ?? "no leader"}`]
        : [],
    ),
    ...regions.flatMap(({ region, servers, nodes }) => [
      ...servers.filter(({ status }) => status !== "alive").map(({ name, status }) => `server ${name} is ${status}`),
      ...nodes
        .filter(({ status }) => status !== "ready")
        .map(({ name, status }) => `node ${name} of region ${region} is ${status}`),
    ]),
    ...jobs
      .filter(({ status }) => status === "pending")
      .map(({ job, region }) => `job ${job} of region ${region} is pending`),
    ...answers.filter(({ ok }) => !ok).map(({ service, answer }) => `service ${service} does not answer: ${answer}`),
  ];
}
