import type * as Keys from "sshpk";

/** SSH host key of servers that Steppe makes: known before they are, so that the first connection can be checked. */
export interface HostKey {
  /** As OpenSSH keeps it. */
  readonly privateKey: string;
  /** Shape: `ssh-ed25519 AAAA...`. */
  readonly publicKey: string;
}

/** Makes an Ed25519 host key. */
export function makeHostKey(): HostKey {
  const key = sshpk().generatePrivateKey("ed25519");
  return { privateKey: key.toString("openssh"), publicKey: publicKeyOf(key.toString("openssh")) };
}

/** The public half of a private host key, without a comment. */
export function publicKeyOf(privateKey: string): string {
  return sshpk().parsePrivateKey(privateKey, "openssh").toPublic().toString("ssh").split(" ").slice(0, 2).join(" ");
}

/** Loaded when a key is made or read: most commands do neither. */
function sshpk(): typeof Keys {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
  return require("sshpk") as typeof Keys;
}
