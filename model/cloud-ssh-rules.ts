import type { Problem } from "../constructs/core/problems";
import { DEFAULT_SSH_PORT } from "./aws-names";
import type { Fleet } from "./types";

const PUBLIC_KEY =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]+={0,2}( [^\n]*)?$/;

/** Nomad's ports are left out: its agents would not start. */
export function sshPortProblems(path: string, port: number = DEFAULT_SSH_PORT, fleet: Fleet): Problem[] {
  if (fleet.tailnet.ssh !== undefined && port === DEFAULT_SSH_PORT)
    return [
      {
        path,
        rule: "must be another than 22 with tailnet.ssh: tailscaled answers SSH on 22 itself, and asks people, not Terraform",
        got: port,
        fix: "set it to 2222, which the policy opens for operators",
      },
    ];
  if (Number.isInteger(port) && port > 0 && port < 65_536 && ![4646, 4647, 4648, 4649].includes(port)) return [];
  return [{ path, rule: "must be a free port between 1 and 65535", got: port, fix: "leave it out, for 22" }];
}

/** Problems with the keys that let operators in. Values are not shown: what is no public key may be the private one. */
export function publicKeyProblems(path: string, keys: readonly string[]): Problem[] {
  if (keys.length === 0)
    return [{ path, rule: "must hold a key: servers are reached by SSH", fix: "add the operators' public keys" }];
  return keys.flatMap((key, index) =>
    PUBLIC_KEY.test(key)
      ? []
      : [{ path: `${path}[${index}]`, rule: "must be an SSH public key", fix: "copy ~/.ssh/id_ed25519.pub" }],
  );
}

/** Problems with the login of a machine. Its name goes into commands of the machine. */
export function loginProblems(
  path: string,
  user: string | undefined,
  fix = "copy it from the image's description",
): Problem[] {
  if (user === undefined || /^[a-z_][a-z0-9_-]{0,31}$/.test(user)) return [];
  return [{ path, rule: "must be the name of a login", got: user, fix }];
}
