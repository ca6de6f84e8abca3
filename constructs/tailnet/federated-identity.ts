import { Construct } from "constructs";
import { FederatedIdentity as FederatedIdentityResource } from "../../gen/tailscale/federated-identity";
import type { Tag } from "../../model/names";
import { terraformLiteral } from "../core/literal";
import { assertValid } from "../core/problems";

export interface FederatedIdentityProps {
  /** Who issues the machines' identity tokens. Shape: `https://accounts.google.com`. */
  readonly issuer: string;
  /** Subject of the tokens, `*` as wildcard. */
  readonly subject: string;
  /** What tokens must be made for. @default - Tailscale makes one up */
  readonly audience?: string;
  /** Further claims that a token must have, `*` as wildcard. @default {} */
  readonly claims?: Readonly<Record<string, string>>;
  /** Tags of the machines, all of which a machine that joins must take. */
  readonly tags: readonly Tag[];
  /** Up to 50 letters, digits, spaces and dashes. */
  readonly description: string;
}

/** Claims that have a property of their own. */
const OWN_CLAIMS: Readonly<Record<string, string>> = { iss: "issuer", sub: "subject" };

/**
 * Lets machines join the tailnet with the identity token that their cloud gives them, so that no key is kept anywhere. It may
 * make auth keys with its tags and nothing else.
 *
 * @see https://tailscale.com/kb/1581/workload-identity-federation
 * @see https://registry.terraform.io/providers/tailscale/tailscale/0.29.2/docs/resources/federated_identity
 */
export class FederatedIdentity extends Construct {
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: FederatedIdentityResource;
  /** For `tailscale up --client-id`. */
  public readonly clientId: string;
  /** For `tailscale up --audience`. */
  public readonly audience: string;

  constructor(scope: Construct, id: string, props: FederatedIdentityProps) {
    super(scope, id);
    const { issuer, subject, audience, claims = {}, tags, description } = props;
    const reserved = Object.keys(claims).filter((claim) => Object.hasOwn(OWN_CLAIMS, claim));
    assertValid(
      this.node.path,
      reserved.map((claim) => ({
        path: `claims.${claim}`,
        rule: "is a claim with a property of its own",
        got: claims[claim],
        fix: `set ${OWN_CLAIMS[claim]} instead`,
      })),
    );
    const rules = Object.entries(claims).map(([claim, pattern]) => [claim, terraformLiteral(pattern)]);
    this.resource = new FederatedIdentityResource(this, "Resource", {
      issuer: terraformLiteral(issuer),
      subject: terraformLiteral(subject),
      audience: audience && terraformLiteral(audience),
      customClaimRules: rules.length === 0 ? undefined : (Object.fromEntries(rules) as Record<string, string>),
      scopes: ["auth_keys"],
      tags: [...tags],
      description,
    });
    this.clientId = this.resource.id;
    this.audience = this.resource.audience;
  }
}
