import { createHash } from "node:crypto";
import { AclPolicy } from "@cdktf/provider-nomad/lib/acl-policy";
import type { Construct } from "constructs";
import { dependencies } from "./dependencies";
import { RegionProvider } from "./region-provider";

/** A job, and a variable that it reads. */
export interface VariableReader {
  readonly job: string;
  /** Shape: `nomad/jobs/shop`. */
  readonly path: string;
  /** Namespace of both. @default "default" */
  readonly namespace: string | undefined;
  /** What the variable holds, for the reader of the policy. Shape: `credentials of the database`. */
  readonly what: string;
}

/**
 * Lets a job read a variable. Nomad lets it read what is below its own name without a policy, so that then there is none.
 *
 * @see https://developer.hashicorp.com/nomad/docs/concepts/workload-identity#workload-associated-acl-policies
 */
export function letJobRead(scope: Construct, id: string, reader: VariableReader): void {
  const { job, path, namespace = "default", what } = reader;
  const own = `nomad/jobs/${job}`;
  if (path === own || path.startsWith(`${own}/`)) return;
  new AclPolicy(scope, id, {
    name: policyName(RegionProvider.of(scope)?.region, { ...reader, namespace }),
    description: `Lets job ${job} read the ${what}`,
    rulesHcl: `namespace "${namespace}" {\n  variables {\n    path "${path}" {\n      capabilities = ["read"]\n    }\n  }\n}\n`,
    jobAcl: { namespace, jobId: job },
    dependsOn: [...dependencies(scope, undefined)],
  });
}

/** Policies are the whole federation's, and jobs of one name may be in several regions and namespaces. At most 128 letters, digits and hyphens. */
function policyName(region: string | undefined, { job, path, namespace }: VariableReader): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([region, namespace, job, path]))
    .digest("hex")
    .slice(0, 8);
  const readable = `${region ?? "any"}-${job}`.replace(/[^A-Za-z0-9-]/g, "-").slice(0, 100);
  return `${readable}-reads-${hash}`;
}
