import { join } from "node:path";

/** Environment under which Node.js asks a port of this machine in the place of any server of Nomad's. */
export function redirectTo(port: number): Record<string, string> {
  return { NODE_OPTIONS: `--require ${join(__dirname, "nomad-redirect.cjs")}`, STAND_IN_NOMAD_PORT: String(port) };
}
