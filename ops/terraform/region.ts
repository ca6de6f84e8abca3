import { healthyServer, type HealthyServer, type NomadAccess } from "../nomad-api";
import type { Run } from "./context";
import { StackFailure } from "./execute";
import type { Stack } from "./stack";
import type { Toolbox } from "./toolbox";

/** Looks for a server of a region that can serve. */
export async function findServer(run: Run, region: string): Promise<HealthyServer> {
  const access = nomadAccess(run);
  return access === undefined ? { failures: ["no trust at hand to ask it with"] } : healthyServer(access, region);
}

/** How to ask the fleet's Nomad, or nothing without a trust that can. */
export function nomadAccess(run: Pick<Run, "trust" | "spec" | "context" | "env">): NomadAccess | undefined {
  const { trust } = run;
  if (trust?.managementToken === undefined || trust.certificates["cli"] === undefined) return undefined;
  return { trust, spec: run.spec, prefix: run.context.prefix, env: run.env };
}

/**
 * Waits until a stack's region answers and knows a leader.
 *
 * @returns address of a server that does.
 * @throws StackFailure after so many seconds, and after Ctrl-C.
 */
export async function waitForRegion(run: Run, box: Toolbox, stack: Stack, seconds: number): Promise<string> {
  const region = stack.nomadRegion ?? "";
  const deadline = Date.now() + seconds * 1000;
  let told = "";
  for (;;) {
    const server = await findServer(run, region);
    if ("address" in server) return server.address;
    const why = server.failures.join("; ");
    if (box.interrupts.interrupted) throw new StackFailure(`interrupted while waiting for region ${region}`);
    if (Date.now() > deadline)
      throw new StackFailure(
        `region ${region} has no server that answers and knows a leader, after ${seconds} s: ${why}`,
      );
    if (why !== told) run.progress({ stack: stack.name, kind: "waiting", text: `for region ${region}: ${why}` });
    told = why;
    await new Promise((done) => setTimeout(done, 1000));
  }
}
