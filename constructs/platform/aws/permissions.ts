import { type Scope, scopes } from "./permission-scopes";
import type { PermissionSubject } from "./permission-subject";
import { PERMISSIONS } from "./permission-table";

/** What IAM takes as one managed policy, characters without white space. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const MAXIMUM_POLICY_CHARACTERS = 6144;

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy of IAM. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/**
 * What whoever applies a fleet's AWS sites must be allowed: everything that Terraform does with the resources that Steppe makes,
 * on what carries the fleet's name or tag wherever AWS lets that be asked.
 *
 * @returns documents that IAM takes, all of which are needed.
 */
export function deployerPolicies(subject: PermissionSubject): readonly PolicyDocument[] {
  return packed(statements(subject, "all"));
}

/**
 * What a plan needs: to read what is there. No value of a secret can be read, so that such a plan must leave out the refresh of
 * state, in which the provider reads them.
 */
export function plannerPolicies(subject: PermissionSubject): readonly PolicyDocument[] {
  return packed(statements(subject, "read"));
}

function statements(subject: PermissionSubject, which: "read" | "all"): readonly Statement[] {
  const byScope = new Map<Scope, Set<string>>();
  for (const { read, write = [] } of Object.values(PERMISSIONS))
    for (const [scope, actions] of which === "read" ? read : [...read, ...write]) {
      const known = byScope.get(scope) ?? new Set<string>();
      for (const action of actions) known.add(action);
      byScope.set(scope, known);
    }
  return Object.entries(scopes(subject)).flatMap(([scope, limits]) => {
    const actions = byScope.get(scope as Scope);
    if (actions === undefined || limits.Resource.length === 0) return [];
    return [{ Sid: scope, Effect: "Allow" as const, Action: [...actions].sort(), ...limits }];
  });
}

/** As few documents as hold the statements in their order. */
function packed(all: readonly Statement[]): readonly PolicyDocument[] {
  const documents: PolicyDocument[] = [];
  for (const statement of all) {
    const last = documents.at(-1);
    const longer: PolicyDocument = { Version: "2012-10-17", Statement: [...(last?.Statement ?? []), statement] };
    if (last !== undefined && JSON.stringify(longer).length <= MAXIMUM_POLICY_CHARACTERS)
      documents.splice(-1, 1, longer);
    else documents.push({ Version: "2012-10-17", Statement: [statement] });
  }
  return documents;
}
