import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "../../constructs/jobspec/job";
import { jobs } from "../../examples/jobs";
import { ensureNomadTools } from "../../lab/tools";
import { type ClientOptions, type NomadAgents, type NomadAgentsOptions, startNomad } from "../helpers/nomad-agents";
import { Runner } from "./running";
import { buildImage } from "./stand-in-image";

/** Programs that the examples are run with. */
export type ExampleTools = Required<Pick<NomadAgentsOptions, "nomad" | "fakeGpu">>;

/** @throws LabError when one of them is missing and cannot be built. */
export async function exampleTools(): Promise<ExampleTools> {
  const { nomad, fixtureDirectory } = await ensureNomadTools(() => undefined);
  return { nomad, fakeGpu: join(fixtureDirectory, "fake-gpu") };
}

/** An example by the name of its file. */
export function job(name: string): Job {
  const found = jobs[name];
  if (found === undefined) throw new RangeError(`no example ${name}`);
  return found;
}

/** Three clients with GPUs and volumes as the examples want them, where stand-ins run in place of containers. */
export interface ExampleClients {
  readonly nomad: NomadAgents;
  readonly runner: Runner;
  /** Directory of a host volume. */
  volume(name: string): string;
  stop(): Promise<void>;
}

const volumes = ["hf-cache", "sglang-hf-cache", "neo4j-data", "app-data", "volume-name", "nomad-logs"];

/** Starts the clients, and writes the variables that the examples read. */
export async function startExampleClients(tools: ExampleTools): Promise<ExampleClients> {
  const directory = await mkdtemp(join(tmpdir(), "steppe-examples-"));
  const volume = (name: string) => join(directory, "volumes", name);
  const root = join(directory, "image");
  buildImage(root);
  for (const name of volumes) await mkdir(volume(name), { recursive: true });
  await writeFile(join(volume("nomad-logs"), "nomad.log"), "a line of the agent\n");
  const client = (name: string, model: string, count: number, memory: string): ClientOptions => ({
    name,
    drivers: ["exec"],
    cpuTotalMHz: 100_000,
    memoryTotalMiB: 262_144,
    meta: { shared_mount: "true" },
    hostVolumes: Object.fromEntries(volumes.map((each) => [each, { path: volume(each) }])),
    hostNetworks: { lan: { cidr: "127.0.0.0/8" } },
    gpus: [{ name: model, count, attributes: { memory } }],
    clientBlock: { chroot_env: { [root]: "/" } },
  });
  const nomad = await startNomad({
    ...tools,
    clients: [
      client("klo01", "NVIDIA A100-SXM4-40GB", 4, "40960 MiB"),
      client("pop-os-node", "NVIDIA L4", 4, "23034 MiB"),
      client("spark-node", "NVIDIA GB10", 1, "122880 MiB"),
    ],
  });
  const runner = new Runner(nomad);
  await setVariables(runner);
  const stop = async () => {
    await nomad.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { nomad, runner, volume, stop };
}

async function setVariables(runner: Runner): Promise<void> {
  const token = { hf_token: "stand-in-token" };
  for (const id of ["vllm", "mistral-24b", "mistral-7b", "orchestrator", "agent", "sglang-gateway"])
    await runner.setVariable(`nomad/jobs/${id}`, token);
  await runner.setVariable("nomad/jobs/neo4j", { password: "stand-in-password" });
  await runner.setVariable("nomad/jobs/neo4j-setup", { password: "stand-in-password" });
  await runner.setVariable("nomad/jobs/surrealdb", { user: "root", password: "stand-in-password" });
  await runner.setVariable("nomad/jobs/monitoring", { token: "stand-in-token", ca_pem: "stand-in-ca" });
}
