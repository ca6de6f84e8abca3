import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostPaths } from "../../lab/paths";
import { writeSshFiles } from "../../lab/operator";
import { labReboot } from "../../lab/power";
import type { LabSpec } from "../../lab/spec";
import type { Trust } from "../../ops/trust/trust";
import { eventually } from "./lab";
import { machineInTailnet, said, sh, upload } from "./lab-fleet";

/** A client as Nomad's API lists it. */
export interface Node {
  readonly ID: string;
  readonly Name: string;
  readonly Status: string;
  readonly SchedulingEligibility: string;
}

/** One client as Nomad's API shows it, and which devices its host networks are on. */
export interface NodeFacts {
  readonly node: unknown;
  readonly devices: readonly (string | undefined)[];
}

interface Allocation {
  readonly NodeName: string;
  readonly ClientStatus: string;
  readonly DesiredStatus: string;
}

/** What a region of the lab says through one of its servers. @param server - lab host. */
export function bootRegion(server: string) {
  const nomad = async (args: string) => await said(server, `/usr/local/lib/steppe/nomad-local ${args}`);
  const nodes = async () => JSON.parse((await nomad("operator api /v1/nodes")) || "[]") as Node[];
  const nodeOf = async (name: string) => (await nodes()).find((node) => node.Name === name);
  const isReady = async (name: string) => {
    const node = await nodeOf(name);
    return node?.Status === "ready" && node.SchedulingEligibility === "eligible";
  };
  const runJob = async (text: string): Promise<void> => {
    await upload(server, "/run/job.nomad.hcl", text);
    const { code, stderr } = await sh(server, "/usr/local/lib/steppe/nomad-local job run -detach /run/job.nomad.hcl");
    if (code !== 0) throw new Error(stderr);
  };
  return {
    nomad,
    nodes,
    nodeOf,
    isReady,
    runJob,
    factsOf: async (name: string): Promise<NodeFacts> => {
      const node = JSON.parse(await nomad(`operator api /v1/node/${(await nodeOf(name))?.ID}`)) as {
        readonly NodeResources: { readonly Networks: readonly { readonly Device?: string; readonly Mode: string }[] };
      };
      const networks = node.NodeResources.Networks.filter(({ Mode }) => Mode === "host");
      return { node, devices: [...new Set(networks.map(({ Device }) => Device))] };
    },
    /** What came of the question that the job `ask` asks. */
    answerTo: async (job: string): Promise<string> => {
      const said = async () => await nomad("alloc logs -job ask");
      await runJob(job);
      await eventually(60, "the task has asked", async () => (await said()).includes("curl ended"));
      return await said();
    },
    /** Where the job `work` runs. */
    places: async () =>
      (JSON.parse((await nomad("job allocs -json work")) || "[]") as Allocation[])
        .filter(({ ClientStatus, DesiredStatus }) => ClientStatus === "running" && DesiredStatus === "run")
        .map(({ NodeName }) => NodeName),
    /** Waits until a client may get work. */
    becomesReady: async (name: string, seconds = 60) =>
      await eventually(seconds, `node ${name} is ready`, async () => await isReady(name)),
    /** Lets no work come to a client, or does again. */
    admit: async (name: string, eligible: boolean) =>
      await nomad(`node eligibility -${eligible ? "enable" : "disable"} ${(await nodeOf(name))?.ID}`),
  };
}

/** What a unit has said since the host booted. */
export const log = async (host: string, unit: string) => await said(host, `journalctl -b -u ${unit} --no-pager -o cat`);

/** Which processes a machine runs, and who it is in the tailnet. */
export const self = async (host: string) =>
  await said(
    host,
    "systemctl show -p MainPID --value tailscaled nomad; tailscale ip -4; tailscale status --json --peers=false | jq -r .Self.PublicKey",
  );

/** Address and node key in the tailnet, of what {@link self} says. */
export const identityIn = (self: string) => self.split("\n").slice(-2);

export const address = async (host: string) => await said(host, "tailscale ip -4");

/** Tags of a machine of the pool. */
export const POOL_TAGS = ["tag:nomad-client", "tag:nomad-client-cloud", "tag:nomad-pool-web"];

/**
 * Boots a server without its volume, and attaches that once what the cloud runs waits for it.
 *
 * @param unit - that runs it.
 */
export async function bootThenAttach(host: string, unit: string, attach: () => Promise<void>): Promise<void> {
  const rebooted = labReboot(host);
  await eventually(60, `${unit} waits for the volume`, async () =>
    (await log(host, unit).catch(() => "")).includes("steppe data volume: waiting for"),
  );
  if ((await machineInTailnet(host)) !== undefined) throw new Error(`${host} joined the tailnet without its volume`);
  await attach();
  await rebooted;
}

/** What a server has of the fleet. */
export const serverFacts = async (host: string) => ({
  tags: (await machineInTailnet(host))?.tags,
  volume: await said(host, "findmnt -n -o FSTYPE,LABEL /srv/steppe | tr -s ' '"),
  identity: await said(host, "ls /srv/steppe/tailscale/tailscaled.state"),
  secretsLeft: await said(host, "ls /etc/steppe/tailnet.key /run/steppe/incoming/secrets"),
});

/** Of one that waits for its bundle. */
export const WAITING_SERVER = {
  tags: ["tag:nomad-server", "tag:nomad-server-cloud"],
  volume: "ext4 steppe-data",
  identity: "/srv/steppe/tailscale/tailscaled.state",
  secretsLeft: "",
};

/** From now on the server must show the host key of the trust, not that which the lab made for it. */
export async function expectHostKey(spec: LabSpec, server: string, { hostKeys }: Trust): Promise<void> {
  const key = hostKeys["server-cloud"] as NonNullable<Trust["hostKeys"][string]>;
  const file = join(hostPaths(server).identity, "ssh_host_ed25519_key");
  writeFileSync(file, key.privateKey);
  writeFileSync(`${file}.pub`, `${key.publicKey}\n`);
  await writeSshFiles(spec);
}
