import type { Job } from "../../constructs/jobspec/job";
import { renderJob } from "../../constructs/jobspec/render";
import type { NomadAgents } from "../helpers/nomad-agents";
import { waitFor } from "../helpers/nomad-process";
import { standIn } from "./stand-ins";

/** What the tests look at of an allocation. */
export interface Allocation {
  readonly ID: string;
  readonly Name: string;
  readonly NodeName: string;
  readonly TaskGroup: string;
  readonly JobVersion: number;
  readonly ClientStatus: string;
  readonly DeploymentStatus?: { readonly Healthy?: boolean };
  readonly TaskStates: Readonly<Record<string, TaskState>> | null;
}

/** What the tests look at of a task. */
export interface TaskState {
  readonly State: string;
  readonly Failed: boolean;
  readonly Restarts: number;
  readonly StartedAt: string;
  readonly FinishedAt: string | null;
  readonly Events: readonly { readonly DisplayMessage: string }[];
}

/** One instance of a service. */
export interface Instance {
  readonly Address: string;
  readonly Port: number;
  readonly AllocID: string;
  readonly Tags: readonly string[] | null;
}

/** Runs examples as stand-ins, and asks what became of them. */
export class Runner {
  constructor(private readonly nomad: NomadAgents) {}

  public async run(job: Job): Promise<void> {
    await this.nomad.post("/v1/jobs", { Job: renderJob(standIn(job)) });
  }

  /** Stops a job and waits for the end of its allocations, so that no more run at a time than a test needs. */
  public async stop(...ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.nomad.remove(`/v1/job/${id}`);
    for (const id of ids) {
      await waitFor(20, `${id} has stopped`, async () => {
        const all = await this.allocations(id);
        return all.every(({ ClientStatus }) => !["running", "pending"].includes(ClientStatus)) || undefined;
      });
      await this.nomad.remove(`/v1/job/${id}?purge=true`);
    }
  }

  /** Stops one running allocation of a group, so that another takes its place. */
  public async replaceOne(id: string, group: string): Promise<void> {
    const all = await this.allocations(id);
    const one = all.find(({ TaskGroup, ClientStatus }) => TaskGroup === group && ClientStatus === "running");
    if (one === undefined) throw new Error(`no allocation of ${group} runs`);
    await this.nomad.post(`/v1/allocation/${one.ID}/stop`, {});
  }

  public async allocations(id: string): Promise<readonly Allocation[]> {
    return (await this.nomad.get(`/v1/job/${id}/allocations`)) as Allocation[];
  }

  /** Waits until a deployment of the job has succeeded, each of its checks and its tasks' lifecycle included. */
  public async healthy(id: string, version = 0): Promise<readonly Allocation[]> {
    return await this.until(30, `${id} is healthy`, id, async () => {
      const all = (await this.nomad.get(`/v1/job/${id}/deployments`)) as { Status: string; JobVersion: number }[];
      const status = all.find(({ JobVersion }) => JobVersion === version)?.Status;
      if (status === "failed") throw new Error(`the deployment of ${id} failed`);
      if (status !== "successful") return undefined;
      return (await this.allocations(id)).filter(({ ClientStatus }) => ClientStatus === "running");
    });
  }

  /** Waits until so many allocations have a status. */
  public async reached(id: string, status: string, count: number): Promise<readonly Allocation[]> {
    return await this.until(40, `${count} of ${id} are ${status}`, id, async () => {
      const all = (await this.allocations(id)).filter(({ ClientStatus }) => ClientStatus === status);
      return all.length === count ? all : undefined;
    });
  }

  public async service(name: string): Promise<readonly Instance[]> {
    return (await this.nomad.get(`/v1/service/${name}`)) as Instance[];
  }

  /** What a stand-in says over HTTP: `/env`, `/argv`, `/file/…`. */
  public async ask({ Address, Port }: Instance, path: string): Promise<string> {
    return await (await fetch(`http://${Address}:${Port}${path}`, { signal: AbortSignal.timeout(5000) })).text();
  }

  public async log({ ID }: Pick<Allocation, "ID">, task: string, kind = "stdout"): Promise<string> {
    return await this.nomad.text(`/v1/client/fs/logs/${ID}?task=${task}&type=${kind}&plain=true`);
  }

  /** What the stand-in for a training script says when all ranks have met. */
  public async rendezvous(allocation: Allocation, task: string): Promise<Readonly<Record<string, string>>> {
    const match = /^rank (?<rank>\d+) of (?<world>\d+) at (?<master>\S+) gpus (?<gpus>\S+)$/m;
    const text = await this.log(allocation, task);
    return match.exec(text)?.groups ?? { text };
  }

  /** Results of the checks of an allocation. */
  public async checks({ ID }: Allocation): Promise<readonly string[]> {
    const results = (await this.nomad.get(`/v1/client/allocation/${ID}/checks`)) as Record<string, { Status: string }>;
    return Object.values(results).map(({ Status }) => Status);
  }

  /** The one instance of a service. */
  public async instance(name: string): Promise<Instance> {
    const [first, ...others] = await this.service(name);
    if (first === undefined || others.length > 0) throw new Error(`${name} has ${others.length + 1} or no instances`);
    return first;
  }

  /** Environment of the task behind a service. */
  public async environment(instance: Instance): Promise<Readonly<Record<string, string>>> {
    const lines = (await this.ask(instance, "/env")).split("\n").filter((line) => line.includes("="));
    return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s) as [string, string]));
  }

  /** Makes a dynamic host volume, as `nomad volume create` does. */
  public async createHostVolume(name: string, node: string): Promise<void> {
    const capability = { AttachmentMode: "file-system", AccessMode: "single-node-writer" };
    const Volume = { Name: name, PluginID: "mkdir", NodeID: node, RequestedCapabilities: [capability] };
    await this.nomad.post("/v1/volume/host/create", { Volume });
  }

  public async setVariable(path: string, items: Readonly<Record<string, string>>): Promise<void> {
    await this.nomad.post(`/v1/var/${path}`, { Path: path, Items: items });
  }

  private async until<T>(seconds: number, what: string, id: string, check: () => Promise<T | undefined>): Promise<T> {
    try {
      return await waitFor(seconds, what, check);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await this.story(id)}`, { cause: error });
    }
  }

  /** What happened to the tasks of a job, for messages of tests that fail. */
  private async story(id: string): Promise<string> {
    const deployments = (await this.nomad.get(`/v1/job/${id}/deployments`)) as object[];
    const lines = deployments.map((each) => JSON.stringify(each));
    for (const allocation of await this.allocations(id)) {
      lines.push(
        `${allocation.Name} on ${allocation.NodeName}: ${allocation.ClientStatus} ${JSON.stringify(allocation.DeploymentStatus)}`,
      );
      for (const [task, { Events }] of Object.entries(allocation.TaskStates ?? {})) {
        lines.push(...Events.map(({ DisplayMessage }) => `  ${task}: ${DisplayMessage}`));
        lines.push(await this.log(allocation, task, "stderr").catch(() => ""));
      }
    }
    return lines.join("\n");
  }
}
