import type { PublicTrust } from "../../model/trust";

/** Stands where a host key is not known yet; no machine can show it, so a connection fails closed. */
const UNKNOWN_HOST_KEY = "ssh-ed25519 unknown";

/** SSH key that a host must show, as the public trust file has it. */
export function hostKeyIn(trust: PublicTrust | undefined, host: string): string {
  return trust?.hostKeys[host] ?? UNKNOWN_HOST_KEY;
}
