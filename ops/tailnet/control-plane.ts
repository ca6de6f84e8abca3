import { readFileSync } from "node:fs";
import type { Tag } from "../../model/names";
import { tailnetDialect } from "../../model/names";
import type { Fleet } from "../../model/types";
import { messageOf, UserError } from "../errors";
import type { Environment } from "../project";
import { Headscale } from "./headscale";
import type { ApiAccess } from "./request";
import { Tailscale } from "./tailscale";

/** The policy that is in force. */
export interface LivePolicy {
  /** As it was set: HuJSON or JSON. */
  readonly text: string;
  /** Changes with the policy. headscale has none. */
  readonly etag?: string;
}

/** A device of the tailnet. */
export interface TailnetDevice {
  readonly id: string;
  /** First label of its MagicDNS name; unique in the tailnet. */
  readonly name: string;
  /** Name that the machine gave itself; several devices may have it. */
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly tags: readonly string[];
  /** Absent for a tagged device. */
  readonly user?: string;
  /** ISO 8601. Absent where it was never seen. */
  readonly lastSeen?: string;
  /** Absent where the control plane does not say. */
  readonly online?: boolean;
  /** Absent where the control plane does not say. */
  readonly ephemeral?: boolean;
  /** ISO 8601; the machine must log in again. Absent where it need not. */
  readonly expires?: string;
}

/** An auth key that is wanted. */
export interface AuthKeyRequest {
  readonly tags: readonly Tag[];
  /** Machines that join with it leave the tailnet when they are gone. */
  readonly ephemeral: boolean;
  /** Several machines may join with it. */
  readonly reusable: boolean;
  /** Machines that join with it wait for no admin. headscale knows no waiting. */
  readonly preauthorized: boolean;
  readonly expirySeconds: number;
  /** Up to 50 letters, digits, spaces and hyphens. headscale keeps none. */
  readonly description: string;
}

/** An OAuth client that is wanted: its secret makes auth keys for machines with these tags. */
export interface OAuthClientRequest {
  readonly tags: readonly Tag[];
  readonly description: string;
}

/** A credential that was made. The only time that its value is told. */
export interface MadeKey {
  readonly id: string;
  readonly secret: string;
  /** ISO 8601. Absent for what does not expire. */
  readonly expires?: string;
}

/** The API of a coordination server, as far as operators need it. */
export interface ControlPlane {
  /** For messages. Shape: `Tailscale at https://api.tailscale.com`. */
  readonly name: string;
  policy(): Promise<LivePolicy>;
  devices(): Promise<readonly TailnetDevice[]>;
  /** One that is gone already is no error. */
  deleteDevice(id: string): Promise<void>;
  createAuthKey(request: AuthKeyRequest): Promise<MadeKey>;
  /** Absent where the control plane has no OAuth clients. */
  createOAuthClient?(request: OAuthClientRequest): Promise<MadeKey>;
}

/** How the API is reached; where it is, and who asks, says the environment. */
export type ControlPlaneOptions = Omit<ApiAccess, "baseUrl" | "env"> & { readonly env: Environment };

/**
 * The control plane of a fleet's tailnet. Credentials come from the environment, under the names that Tailscale's Terraform
 * provider reads: `TAILSCALE_API_KEY`, or `TAILSCALE_OAUTH_CLIENT_ID` and `TAILSCALE_OAUTH_CLIENT_SECRET`, with
 * `TAILSCALE_TAILNET` and `TAILSCALE_BASE_URL`. headscale: `HEADSCALE_API_KEY`, and `HEADSCALE_URL` where it differs from the
 * fleet's `controlServer`. A value may be `file:/path`.
 *
 * @throws UserError that names the missing variables.
 */
export function controlPlaneOf(fleet: Fleet, options: ControlPlaneOptions): ControlPlane {
  const value = (name: string): string | undefined => settingOf(options.env, name);
  if (tailnetDialect(fleet) === "headscale") {
    const key = value("HEADSCALE_API_KEY");
    if (key === undefined)
      throw new UserError("there is no credential for headscale's API", [
        "set HEADSCALE_API_KEY: headscale apikeys create --expiration 90d",
      ]);
    const url = value("HEADSCALE_URL") ?? fleet.tailnet.controlServer ?? "";
    return new Headscale({ ...options, baseUrl: baseUrlOf("HEADSCALE_URL", url) }, key);
  }
  const access = {
    ...options,
    baseUrl: baseUrlOf("TAILSCALE_BASE_URL", value("TAILSCALE_BASE_URL") ?? "https://api.tailscale.com"),
  };
  const tailnet = value("TAILSCALE_TAILNET") ?? "-";
  const apiKey = value("TAILSCALE_API_KEY");
  const [clientId, clientSecret] = [value("TAILSCALE_OAUTH_CLIENT_ID"), value("TAILSCALE_OAUTH_CLIENT_SECRET")];
  if (apiKey !== undefined) return new Tailscale(access, tailnet, { apiKey });
  if (clientId !== undefined && clientSecret !== undefined)
    return new Tailscale(access, tailnet, { clientId, clientSecret });
  throw new UserError("there is no credential for Tailscale's API", [
    "set TAILSCALE_OAUTH_CLIENT_ID and TAILSCALE_OAUTH_CLIENT_SECRET, or TAILSCALE_API_KEY; a value may be file:/path",
    "make one at https://login.tailscale.com/admin/settings/oauth",
  ]);
}

function settingOf(env: Environment, name: string): string | undefined {
  const given = env[name]?.trim() ?? "";
  if (!given.startsWith("file:")) return given === "" ? undefined : given;
  const path = given.slice("file:".length);
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new UserError(`${name} names a file that cannot be read: ${messageOf(error)}`);
  }
}

function baseUrlOf(name: string, text: string): string {
  if (/^https?:\/\/[^/?#]+\/*$/.test(text) && URL.canParse(text)) return text.replace(/\/+$/, "");
  throw new UserError(`${name} must be an address without a path, got ${JSON.stringify(text)}`, [
    "write it like https://api.tailscale.com",
  ]);
}
