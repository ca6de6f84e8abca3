import type { NomadAccess } from "../nomad-api";
import { holderOf } from "./findings";
import { asking, pluginRemains, readSomeVolumes, type VolumeReference } from "./read";

/** How to wait. */
export interface Waiting {
  readonly seconds: number;
  readonly isInterrupted: () => boolean;
  /** Told what is waited for, each time that it changes. */
  readonly tell: (text: string) => void;
}

/** How a wait ended: with nothing left, or with what it still waited for. */
export type Waited = { readonly left: readonly string[]; readonly interrupted: boolean };

/** Time between two looks, milliseconds. */
const POLL_MILLISECONDS = 2000;

/** Waits until nothing holds some volumes any more: Nomad frees claims some time after the last allocation has ended. */
export async function waitUntilFree(
  access: NomadAccess,
  region: string,
  volumes: readonly VolumeReference[],
  waiting: Waiting,
): Promise<Waited> {
  if (volumes.length === 0) return { left: [], interrupted: false };
  return await until(waiting, async () => {
    const ask = await asking(access, region);
    if ("failure" in ask) return [ask.failure];
    const found = await readSomeVolumes(ask, volumes, new Date());
    if ("failure" in found) return [found.failure];
    return found.flatMap(({ id, claims }) =>
      claims.map(
        (claim) => `volume ${id}: ${holderOf(claim)}${claim.stuck === undefined ? "" : ` (stuck: ${claim.stuck})`}`,
      ),
    );
  });
}

/** Waits until CSI plugins have neither node nor controller: what they had mounted is unmounted then. */
export async function waitUntilGone(
  access: NomadAccess,
  region: string,
  plugins: readonly string[],
  waiting: Waiting,
): Promise<Waited> {
  if (plugins.length === 0) return { left: [], interrupted: false };
  return await until(waiting, async () => {
    const ask = await asking(access, region);
    return "failure" in ask ? [ask.failure] : await pluginRemains(ask, plugins);
  });
}

async function until(
  { seconds, isInterrupted, tell }: Waiting,
  look: () => Promise<readonly string[]>,
): Promise<Waited> {
  const deadline = Date.now() + seconds * 1000;
  let told = "";
  for (;;) {
    const left = await look();
    if (left.length === 0 || isInterrupted() || Date.now() > deadline)
      return { left, interrupted: left.length > 0 && isInterrupted() };
    const text = left.join(", ");
    if (text !== told) tell(text);
    told = text;
    await new Promise((done) => setTimeout(done, POLL_MILLISECONDS));
  }
}
