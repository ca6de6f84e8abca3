import { findMirror } from "../../ops/terraform/providers";
import type { StackDocument } from "./synth";

/** The AWS provider as mirrors know it. */
export const AWS_PROVIDER = "hashicorp/aws";

/** Settings under which the provider asks nobody who it is. */
const UNKNOWN = { skip_credentials_validation: true, skip_requesting_account_id: true };

/**
 * What is laid over a stack so that it runs here: the provider that a mirror holds, which may be older than the one that the
 * bindings want, with keys that open nothing, and state in the stack's own directory.
 *
 * @param provider - further settings of the provider. Shape: `{ endpoints: { ec2: "http://127.0.0.1:5000" } }`.
 */
export function awsOverride(provider: Readonly<Record<string, unknown>> = UNKNOWN): string {
  const version = findMirror(AWS_PROVIDER, process.env)?.versions[0];
  return JSON.stringify({
    terraform: {
      required_providers: { aws: { source: AWS_PROVIDER, version } },
      backend: { local: { path: "test.tfstate" } },
    },
    provider: { aws: { access_key: "test", secret_key: "test", ...provider } },
  });
}

/** Files of a directory in which Terraform runs a stack. */
export function awsFiles(stack: StackDocument, override: string): Record<string, string> {
  return { "cdk.tf.json": JSON.stringify(stack), "steppe_override.tf.json": override };
}
