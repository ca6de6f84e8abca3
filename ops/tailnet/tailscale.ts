import type {
  AuthKeyRequest,
  ControlPlane,
  LivePolicy,
  MadeKey,
  OAuthClientRequest,
  TailnetDevice,
} from "./control-plane";
import { type Advice, type ApiAccess, type ApiAnswer, apiRequest, type ApiRequest, jsonOf } from "./request";

/** Who asks. */
export type TailscaleCredential =
  | { readonly apiKey: string }
  /** An OAuth client, which gets a token that lives one hour. */
  | { readonly clientId: string; readonly clientSecret: string };

interface Device {
  readonly id: string;
  readonly name: string;
  readonly hostname?: string;
  readonly addresses?: readonly string[];
  readonly tags?: readonly string[];
  readonly user?: string;
  readonly lastSeen?: string;
  readonly connectedToControl?: boolean;
  readonly isEphemeral?: boolean;
  readonly expires?: string;
  readonly keyExpiryDisabled?: boolean;
}

interface Key {
  readonly id: string;
  readonly key: string;
  readonly expires?: string;
}

/** Time of Go's zero value: none. */
const NO_TIME = "0001-01-01T00:00:00Z";

/** Tailscale's API. @see https://tailscale.com/api */
export class Tailscale implements ControlPlane {
  public readonly name: string;
  private token: Promise<string> | undefined;

  constructor(
    private readonly access: ApiAccess,
    private readonly tailnet: string,
    private readonly credential: TailscaleCredential,
  ) {
    this.name = `Tailscale at ${access.baseUrl}`;
  }

  public async policy(): Promise<LivePolicy> {
    const request = { method: "GET", path: this.path("acl"), headers: { accept: "application/hujson" } } as const;
    const { body: text, headers } = await this.ask(request, "policy_file:read");
    const { etag } = headers;
    return { text, ...(etag !== undefined && { etag }) };
  }

  public async devices(): Promise<readonly TailnetDevice[]> {
    const path = `${this.path("devices")}?fields=all`;
    const answer = await this.ask({ method: "GET", path, headers: {} }, "devices:core:read");
    const { devices = [] } = jsonOf(this.access, path, answer) as { readonly devices?: readonly Device[] };
    return devices.map(deviceOf);
  }

  public async deleteDevice(id: string): Promise<void> {
    const path = `/api/v2/device/${encodeURIComponent(id)}`;
    const isAnswer = ({ status }: ApiAnswer) => status === 404;
    await this.ask({ method: "DELETE", path, headers: {}, isAnswer }, "devices:core");
  }

  public async createAuthKey(request: AuthKeyRequest): Promise<MadeKey> {
    const { tags, ephemeral, reusable, preauthorized, expirySeconds, description } = request;
    const create = { reusable, ephemeral, preauthorized, tags };
    return await this.createKey({ capabilities: { devices: { create } }, expirySeconds, description }, "auth_keys");
  }

  public async createOAuthClient({ tags, description }: OAuthClientRequest): Promise<MadeKey> {
    return await this.createKey({ keyType: "client", scopes: ["auth_keys"], tags, description }, "oauth_keys");
  }

  private async createKey(key: object, scope: string): Promise<MadeKey> {
    const path = this.path("keys");
    const headers = { "content-type": "application/json" };
    const answer = await this.ask({ method: "POST", path, headers, body: JSON.stringify(key) }, scope);
    const { id, key: secret, expires } = jsonOf(this.access, path, answer) as Key;
    return { id, secret, ...(isTime(expires) && { expires }) };
  }

  private path(end: string): string {
    return `/api/v2/tailnet/${encodeURIComponent(this.tailnet)}/${end}`;
  }

  private async ask(request: ApiRequest, scope: string): Promise<ApiAnswer> {
    this.token ??= this.makeToken();
    const authorization = `Bearer ${await this.token}`;
    return await apiRequest(this.access, { ...request, headers: { ...request.headers, authorization } }, advice(scope));
  }

  private async makeToken(): Promise<string> {
    if ("apiKey" in this.credential) return this.credential.apiKey;
    const path = "/api/v2/oauth/token";
    const { clientId, clientSecret } = this.credential;
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const wrong = [
      "see that TAILSCALE_OAUTH_CLIENT_ID and TAILSCALE_OAUTH_CLIENT_SECRET belong together and were not revoked",
    ];
    const answer = await apiRequest(
      this.access,
      { method: "POST", path, headers, body: form.toString() },
      { 400: wrong, 401: wrong, 403: wrong },
    );
    return (jsonOf(this.access, path, answer) as { readonly access_token: string }).access_token;
  }
}

function advice(scope: string): Advice {
  return {
    400: ["change what it complains about; the tailnet must know the fleet's tags: ./steppe apply tailnet"],
    401: ["see that TAILSCALE_API_KEY, or the OAuth client, is right, not expired and not revoked"],
    403: [`give the credential the scope ${scope}, and an OAuth client the fleet's tags or tags that own them`],
    404: ["see that TAILSCALE_TAILNET is the credential's tailnet; leave it out for that one"],
  };
}

function deviceOf(device: Device): TailnetDevice {
  const { id, name, hostname, addresses = [], tags = [], user, lastSeen, connectedToControl, isEphemeral } = device;
  const expires = device.keyExpiryDisabled === true ? undefined : device.expires;
  return {
    id,
    name: name.split(".")[0] ?? name,
    hostname: hostname ?? "",
    addresses,
    tags,
    ...(tags.length === 0 && user !== undefined && { user }),
    ...(isTime(lastSeen) && { lastSeen }),
    ...(connectedToControl !== undefined && { online: connectedToControl }),
    ...(isEphemeral !== undefined && { ephemeral: isEphemeral }),
    ...(isTime(expires) && { expires }),
  };
}

function isTime(text: string | undefined): text is string {
  return text !== undefined && text !== "" && text !== NO_TIME;
}
