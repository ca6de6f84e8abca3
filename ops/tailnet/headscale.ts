import type { AuthKeyRequest, ControlPlane, LivePolicy, MadeKey, TailnetDevice } from "./control-plane";
import { type ApiAccess, type ApiAnswer, apiRequest, type ApiRequest, jsonOf } from "./request";

interface Node {
  readonly id: string;
  readonly name?: string;
  readonly givenName?: string;
  readonly ipAddresses?: readonly string[];
  readonly tags?: readonly string[];
  readonly user?: { readonly name?: string };
  readonly lastSeen?: string | null;
  readonly online?: boolean;
  readonly expiry?: string | null;
  readonly preAuthKey?: { readonly ephemeral?: boolean } | null;
}

interface PreAuthKey {
  readonly id: string;
  readonly key: string;
  readonly expiration: string;
}

const REFUSED = ["see that HEADSCALE_API_KEY is right and not expired: headscale apikeys list"];
const advice = { 401: REFUSED, 403: REFUSED, 404: ["see that HEADSCALE_URL is that of headscale 0.29"] };

/** headscale's own API. @see https://headscale.net/stable/ref/api/ */
export class Headscale implements ControlPlane {
  public readonly name: string;

  constructor(
    private readonly access: ApiAccess,
    private readonly apiKey: string,
  ) {
    this.name = `headscale at ${access.baseUrl}`;
  }

  /** Where none was ever set, the empty one: it opens everything. */
  public async policy(): Promise<LivePolicy> {
    const isAnswer = ({ status, body }: ApiAnswer) => status === 500 && body.includes("acl policy not found");
    const answer = await this.ask({ method: "GET", path: "/api/v1/policy", headers: {}, isAnswer });
    return { text: (answer as { readonly policy?: string }).policy ?? "{}" };
  }

  public async devices(): Promise<readonly TailnetDevice[]> {
    const answer = await this.ask({ method: "GET", path: "/api/v1/node", headers: {} });
    return ((answer as { readonly nodes?: readonly Node[] }).nodes ?? []).map(deviceOf);
  }

  public async deleteDevice(id: string): Promise<void> {
    const isAnswer = ({ status }: ApiAnswer) => status === 404;
    await this.ask({ method: "DELETE", path: `/api/v1/node/${encodeURIComponent(id)}`, headers: {}, isAnswer });
  }

  /** Keys with tags belong to no user. */
  public async createAuthKey({ tags, ephemeral, reusable, expirySeconds }: AuthKeyRequest): Promise<MadeKey> {
    const expiration = new Date(Date.now() + expirySeconds * 1000).toISOString();
    const answer = await this.ask({
      method: "POST",
      path: "/api/v1/preauthkey",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ reusable, ephemeral, expiration, aclTags: tags }),
    });
    const { id, key: secret, expiration: expires } = (answer as { readonly preAuthKey: PreAuthKey }).preAuthKey;
    return { id, secret, expires };
  }

  private async ask(request: ApiRequest): Promise<unknown> {
    const headers = { ...request.headers, authorization: `Bearer ${this.apiKey}` };
    return jsonOf(this.access, request.path, await apiRequest(this.access, { ...request, headers }, advice));
  }
}

function deviceOf(node: Node): TailnetDevice {
  const { id, name = "", givenName, ipAddresses = [], tags = [], user, lastSeen, online, expiry, preAuthKey } = node;
  return {
    id,
    name: givenName ?? name,
    hostname: name,
    addresses: ipAddresses,
    tags,
    ...(tags.length === 0 && user?.name !== undefined && { user: `${user.name}@` }),
    ...(typeof lastSeen === "string" && { lastSeen }),
    ...(online !== undefined && { online }),
    ...(preAuthKey?.ephemeral !== undefined && { ephemeral: preAuthKey.ephemeral }),
    ...(typeof expiry === "string" && { expires: expiry }),
  };
}
