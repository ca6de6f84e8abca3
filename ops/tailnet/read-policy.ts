import { readFileSync } from "node:fs";
import { assertValid } from "../../constructs/core/problems";
import { parsePolicy } from "../../constructs/tailnet/language/parse-policy";
import type { PolicyFile } from "../../constructs/tailnet/language/policy-file";
import { messageOf, UserError } from "../errors";
import type { ControlPlane } from "./control-plane";

/** A policy that was read, HuJSON or JSON. */
export interface ReadPolicy {
  /** Where it is from, for messages. */
  readonly name: string;
  readonly text: string;
  readonly policy: PolicyFile;
}

/**
 * Reads a policy from a file.
 *
 * @throws UserError where the file cannot be read, ValidationError where it holds no policy.
 */
export function readPolicyFile(path: string): ReadPolicy {
  try {
    return read(path, readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new UserError(`${path} cannot be read: ${messageOf(error)}`, ["give a policy file, HuJSON or JSON"]);
  }
}

/** Reads the policy that is in force. */
export async function readLivePolicy(plane: ControlPlane): Promise<ReadPolicy> {
  return read(plane.name, (await plane.policy()).text);
}

function read(name: string, text: string): ReadPolicy {
  const { policy, problems } = parsePolicy(text);
  assertValid(name, problems);
  return { name, text, policy };
}
