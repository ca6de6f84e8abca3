import { findMirror } from "../../ops/terraform/providers";

/** Google's provider as mirrors know it. */
export const GOOGLE_PROVIDER = "hashicorp/google";

/**
 * What is laid over a stack so that it runs here: the provider that a mirror holds, with a token that opens nothing, and state in
 * the stack's own directory. Given a token the provider configures itself whether or not Google knows it.
 *
 * @param provider - further settings of the provider. Shape: `{ compute_custom_endpoint: "http://127.0.0.1:41233/compute/v1/" }`.
 */
export function googleOverride(provider: Readonly<Record<string, unknown>> = {}): string {
  const version = findMirror(GOOGLE_PROVIDER, process.env)?.versions[0];
  return JSON.stringify({
    terraform: {
      required_providers: { google: { source: GOOGLE_PROVIDER, version } },
      backend: { local: { path: "test.tfstate" } },
    },
    provider: { google: { access_token: "opens-nothing", ...provider } },
  });
}
