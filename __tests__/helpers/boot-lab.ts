import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authKey, setPolicy } from "../../lab/control";
import { labDown } from "../../lab/down";
import { labSshKey } from "../../lab/operator";
import type { LabSite, LabSpec } from "../../lab/spec";
import { labUp } from "../../lab/up";
import { clientIdentity, identitiesOf, type MachineIdentity, serverIdentity } from "../../model/identities";
import type { Fleet } from "../../model/types";
import { secretPayload } from "../../ops/trust/secrets";
import { trustSpecOf } from "../../ops/trust/spec";
import { initTrust, loadTrust, type Trust, writeAuthKey } from "../../ops/trust/trust";
import { bootPolicy, bootSpec } from "./boot-fleet";
import { type LoopDevice, loopDevice } from "./loop-devices";

const VOLUME_BYTES = 256 * 1024 * 1024;

/** A lab whose hosts are to become machines of a cloud. */
export interface BootLab {
  readonly fleet: Fleet;
  readonly spec: LabSpec;
  readonly trust: Trust;
  /** The network of all hosts. */
  readonly site: LabSite;
  /** An empty one, for the server. */
  readonly volume: LoopDevice;
  /** What the cloud's secret store holds, by whose it is. */
  readonly payloads: readonly (readonly [MachineIdentity, string])[];
  readonly down: () => Promise<void>;
}

/** Brings up the lab of a fleet whose machines nothing has been delivered to. @param fleetOf - by the operator's key. */
export async function bootLab(fleetOf: (operatorKey: string) => Fleet, hosts: LabSpec["hosts"]): Promise<BootLab> {
  const home = mkdtempSync(join(tmpdir(), "steppe-boot-"));
  const options = { env: { STEPPE_TRUST_DIR: join(home, "trust"), HOME: home } };
  const volume = loopDevice(VOLUME_BYTES);
  const spec = bootSpec(fleetOf(""), hosts);
  await labUp(spec, { progress: () => undefined });
  const fleet = fleetOf(labSshKey());
  await setPolicy(JSON.stringify(bootPolicy(fleet)));
  const trusted = trustSpecOf(fleet);
  await initTrust(trusted, options);
  for (const { name } of identitiesOf(fleet)) writeAuthKey(trusted, name, await authKey(name), options);
  const trust = loadTrust(fleet.name, options);
  return {
    fleet,
    spec,
    trust,
    site: spec.sites[0] as LabSite,
    volume,
    payloads: [serverIdentity(fleet, "cloud"), clientIdentity(fleet, "web")].map((identity) => [
      identity,
      secretPayload(trust, identity),
    ]),
    down: async () => {
      await labDown({ progress: () => undefined });
      volume.detach();
      rmSync(home, { recursive: true });
    },
  };
}
