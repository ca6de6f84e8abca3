import type { Fleet } from "../../model/types";
import type { AnnotatedPolicy } from "./fleet-policy/reasoned";
import { printHujson } from "./hujson";
import { annotatedPolicy } from "./policy";

/** What stands above a section. */
const sections: Readonly<Record<string, string>> = {
  groups: "People.",
  hosts: "Machines that run no tailscaled.",
  tagOwners: "Who may give a machine which identity.",
  grants: "Who reaches what. All else is closed.",
  ssh: "Who logs in through Tailscale SSH, and as whom.",
  autoApprovers: "Routes that need no approval by hand.",
  tests: "What must hold: the coordination server refuses a policy that breaks one of these.",
  sshTests: "The same for logins.",
};

/**
 * The policy of a fleet's tailnet for people: HuJSON with a comment per rule that says why it is there. Coordination servers read
 * it as it is; Tailscale's console shows the comments.
 */
export function policyText(fleet: Fleet): string {
  return annotatedText(fleet.name, annotatedPolicy(fleet));
}

/** As {@link policyText}, for a policy at hand. */
export function annotatedText(fleet: string, { policy, reasons }: AnnotatedPolicy): string {
  const head = `The policy of fleet ${fleet}, made by Steppe from the fleet's data: change the fleet, not this file.`;
  const comment = (path: string) => (path === "" ? head : (sections[path] ?? reasons.get(path)?.reason));
  const isOpen = (path: string) => path === "" || !path.includes(".") || path === "autoApprovers.routes";
  return printHujson(policy, comment, isOpen);
}
