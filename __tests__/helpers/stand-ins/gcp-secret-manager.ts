/**
 * Stand-in for Google Secret Manager's `accessSecretVersion`, for whoever has the token of the machine's service account.
 *
 * @see https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
 */
import { ACCESS_TOKEN } from "./gcp-metadata";
import { type Listening, listen, type Serve } from "./http";

export interface GcpSecretManager extends Listening {
  /** Texts by id. */
  readonly secrets: Map<string, string>;
  /** What is answered first, one request each. Tests push. */
  readonly refusals: { readonly code: number; readonly status: string; readonly message: string }[];
  /** Outcome of each request: `small_client-l4 200`. */
  readonly asked: string[];
}

/** Starts the stand-in of a project. */
export async function gcpSecretManager(project: string, serve: Serve = listen): Promise<GcpSecretManager> {
  const secrets: GcpSecretManager["secrets"] = new Map();
  const refusals: GcpSecretManager["refusals"] = [];
  const asked: string[] = [];
  const server = await serve((incoming, _body, response) => {
    const { pathname } = new URL(incoming.url ?? "/", "http://stand-in");
    const id = /^\/v1\/projects\/([^/]+)\/secrets\/([^/]+)\/versions\/latest:access$/.exec(pathname);
    const answer = (code: number, body: unknown) => {
      asked.push(`${id?.[2] ?? pathname} ${code}`);
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body, null, 2));
    };
    const refuse = (code: number, status: string, message: string) =>
      answer(code, { error: { code, message, status } });
    const refusal = refusals.shift();
    if (refusal !== undefined) return refuse(refusal.code, refusal.status, refusal.message);
    if (incoming.headers.authorization !== `Bearer ${ACCESS_TOKEN}`)
      return refuse(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
    const text = id?.[1] === project ? secrets.get(id[2] ?? "") : undefined;
    if (incoming.method !== "GET" || text === undefined)
      return refuse(403, "PERMISSION_DENIED", "Permission 'secretmanager.versions.access' denied.");
    const data = Buffer.from(text).toString("base64");
    return answer(200, { name: pathname.replace("latest:access", "1"), payload: { data, dataCrc32c: "77" } });
  });
  return { ...server, secrets, refusals, asked };
}
