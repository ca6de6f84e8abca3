import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostPaths } from "../../lab/paths";
import { writeSshFiles } from "../../lab/operator";
import type { LabSpec } from "../../lab/spec";
import type { Trust } from "../../ops/trust/trust";
import { eventually } from "./lab";
import { said, sh, upload } from "./lab-fleet";

/** A client as Nomad's API lists it. */
export interface Node {
  readonly ID: string;
  readonly Name: string;
  readonly Status: string;
  readonly SchedulingEligibility: string;
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
  return {
    nomad,
    nodes,
    nodeOf,
    isReady,
    runJob: async (text: string): Promise<void> => {
      await upload(server, "/run/job.nomad.hcl", text);
      const { code, stderr } = await sh(server, "/usr/local/lib/steppe/nomad-local job run -detach /run/job.nomad.hcl");
      if (code !== 0) throw new Error(stderr);
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

/** From now on the server must show the host key of the trust, not that which the lab made for it. */
export async function expectHostKey(spec: LabSpec, server: string, { hostKeys }: Trust): Promise<void> {
  const key = hostKeys["server-cloud"] as NonNullable<Trust["hostKeys"][string]>;
  const file = join(hostPaths(server).identity, "ssh_host_ed25519_key");
  writeFileSync(file, key.privateKey);
  writeFileSync(`${file}.pub`, `${key.publicKey}\n`);
  await writeSshFiles(spec);
}
