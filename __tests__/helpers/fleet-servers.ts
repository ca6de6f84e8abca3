import { nomad, on, steppe, type Ran } from "./lab";

/** Runs a command of Steppe that has to end well. */
export async function succeed(args: readonly string[]): Promise<Ran> {
  const ran = await steppe(args);
  expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
  return ran;
}

/** Whether Nomad runs on a host. */
export async function active(host: string): Promise<boolean> {
  return (await on(host, "systemctl is-active nomad")).out.trim() === "active";
}

/** Address of a host in the tailnet, as the host has it. */
export async function tailnetAddress(host: string): Promise<string> {
  return (await on(host, "tailscale ip -4")).out.trim();
}

/** Addresses that Nomad of a host listens on, without ports. */
export async function nomadAddresses(host: string): Promise<readonly (string | undefined)[]> {
  const sockets = (await on(host, "ss -Hltnup")).out.split("\n").filter((line) => line.includes('"nomad"'));
  return [...new Set(sockets.map((line) => line.trim().split(/\s+/)[4]?.replace(/:\d+$/, "")))].sort();
}

/** Whether Autopilot calls region east healthy. */
export async function isHealthy(env: Record<string, string>, asked = "east-2"): Promise<boolean> {
  return /^Healthy: true$/m.test((await nomad(env, "operator autopilot health", asked)).out);
}
