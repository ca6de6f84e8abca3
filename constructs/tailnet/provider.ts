import type { Construct } from "constructs";
import { TailscaleProvider } from "../../gen/tailscale/provider";

/**
 * The Tailscale provider. Credentials and the API's address come from its environment variables, never from configuration,
 * so neither plan nor state holds them.
 *
 * @see https://registry.terraform.io/providers/tailscale/tailscale/0.29.2/docs
 */
export class TailnetProvider extends TailscaleProvider {
  constructor(scope: Construct, id: string) {
    super(scope, id, {});
  }
}
