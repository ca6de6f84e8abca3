import { existsSync } from "node:fs";
import { run, type RunResult } from "../run";

/** How QEMU runs a machine's processors: on this one's, or by emulating them. */
export type Accelerator = "kvm" | "tcg";

/** The accelerator that works here. */
export interface Acceleration {
  readonly accelerator: Accelerator;
  /** Why it is emulation. Shape: `KVM is there and does not work: failed to set MSR 0x10a`. */
  readonly reason?: string;
}

/** QEMU's arguments for an accelerator. Without a limit, emulation keeps up to a GiB of translated code. */
export function acceleratorArguments(accelerator: Accelerator): string[] {
  return ["-accel", accelerator === "kvm" ? "kvm" : "tcg,thread=multi,tb-size=256", "-cpu", "max"];
}

/** A kernel without a disk gets as far as this, which is through all of its own start. */
const PROBED = "Kernel panic - not syncing: VFS: Unable to mount root fs";
const PROBE_SECONDS = 20;

/**
 * Finds out whether KVM works: a device that is there says little where this machine is a virtual one itself. So a kernel
 * is booted with it, which takes a second or two.
 */
export async function probeAcceleration(kernel: string, signal?: AbortSignal): Promise<Acceleration> {
  if (!existsSync("/dev/kvm")) return { accelerator: "tcg", reason: "there is no /dev/kvm" };
  const machine = ["-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-no-reboot"];
  const boot = ["-m", "256", "-kernel", kernel, "-append", "console=ttyS0 panic=-1"];
  const ended = await run(
    "qemu-system-x86_64",
    ["-machine", "q35", ...acceleratorArguments("kvm"), ...machine, ...boot],
    { allowFailure: true, timeoutSeconds: PROBE_SECONDS, signal },
  );
  return accelerationOf(ended);
}

/** What the probe's end says. */
export function accelerationOf({ stdout, stderr }: Pick<RunResult, "stdout" | "stderr">): Acceleration {
  if (stdout.includes(PROBED)) return { accelerator: "kvm" };
  const said = stderr.split("\n").map((line) => line.replace(/^qemu-system-x86_64: (error: )?/, ""));
  // When the time is over it is ended from here, and says so.
  const why = said.find((line) => line !== "" && !/^(warning:|terminating on signal)/.test(line));
  const reason = `KVM is there and does not work: ${why ?? `a kernel did not boot within ${PROBE_SECONDS} s`}`;
  return { accelerator: "tcg", reason };
}

/** An acceleration for a person. */
export function describeAcceleration({ accelerator, reason }: Acceleration): string {
  if (accelerator === "kvm") return "KVM";
  return `software emulation${reason === undefined ? "" : ` (${reason})`}`;
}
