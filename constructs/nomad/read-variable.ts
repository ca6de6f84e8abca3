import { AclPolicy } from "@cdktf/provider-nomad/lib/acl-policy";
import type { Construct } from "constructs";
import { dependencies } from "../nomad/dependencies";

/** A job, and a variable that it reads. */
export interface VariableReader {
  readonly job: string;
  /** Shape: `nomad/jobs/shop`. */
  readonly path: string;
  /** Namespace of both. @default "default" */
  readonly namespace: string | undefined;
}

/**
 * Lets a job read a variable. Nomad lets it read what is below its own name without a policy, so that then there is none.
 *
 * @see https://developer.hashicorp.com/nomad/docs/concepts/workload-identity#workload-associated-acl-policies
 */
export function letJobRead(scope: Construct, id: string, { job, path, namespace = "default" }: VariableReader): void {
  const own = `nomad/jobs/${job}`;
  if (path === own || path.startsWith(`${own}/`)) return;
  new AclPolicy(scope, id, {
    name: `${job}-credentials`,
    description: `Lets job ${job} read the credentials of the database`,
    rulesHcl: `namespace "${namespace}" {\n  variables {\n    path "${path}" {\n      capabilities = ["read"]\n    }\n  }\n}\n`,
    jobAcl: { namespace, jobId: job },
    dependsOn: [...dependencies(scope, undefined)],
  });
}
