import { tailnetMachines } from "./control";
import { isOn } from "./hosts";
import { hostKey } from "./identity";
import { readState, type LabState } from "./state";
import { recorded } from "./processes";
import { PLACE } from "./operator";
import { kindOf } from "./spec";

/** One host as it is now. */
export interface HostStatus {
  readonly name: string;
  readonly site: string;
  readonly address: string;
  readonly kind: ReturnType<typeof kindOf>;
  readonly power: "on" | "off";
  /** Address in the tailnet, once it has joined. */
  readonly tailnetAddress?: string;
  readonly online?: boolean;
}

/** The lab as it is now. */
export interface LabStatus {
  readonly state: LabState;
  readonly control: "on" | "off";
  readonly operator: "on" | "off";
  readonly hosts: readonly HostStatus[];
}

/** @returns what is written down about the lab, nothing when there is none. */
export async function labState(): Promise<LabState | undefined> {
  return await readState();
}

/** Looks at every part of the lab. @returns nothing when there is none. */
export async function labStatus(): Promise<LabStatus | undefined> {
  const state = await readState();
  if (!state) return undefined;
  const control = (await recorded("control")) ? "on" : "off";
  const machines = new Map(
    (control === "on" ? await tailnetMachines().catch(() => []) : []).map((machine) => [machine.name, machine]),
  );
  const hosts: HostStatus[] = [];
  for (const host of state.spec.hosts) {
    const { name, site, address } = host;
    const machine = machines.get(name);
    const tailnetAddress = machine?.addresses.find((each) => each.includes("."));
    hosts.push({
      name,
      site,
      address,
      kind: kindOf(host),
      power: (await isOn(host)) ? "on" : "off",
      ...(machine && tailnetAddress !== undefined ? { tailnetAddress, online: machine.online } : {}),
    });
  }
  return { state, control, operator: (await recorded(PLACE)) ? "on" : "off", hosts };
}

/** Public SSH host key of every host, by name. Known before the host boots for the first time. */
export async function labHostKeys(): Promise<Record<string, string>> {
  const state = await readState();
  return Object.fromEntries((state?.spec.hosts ?? []).map(({ name }) => [name, hostKey(name)]));
}
