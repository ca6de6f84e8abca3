/**
 * Stand-in for Google Cloud: the metadata server's access token, and uploads to Cloud Storage with it.
 *
 * @see https://cloud.google.com/storage/docs/json_api/v1/objects/insert
 */
import { ACCESS_TOKEN } from "./gcp-metadata";
import { type Listening, listen } from "./http";

export interface Gcs extends Listening {
  /** Objects by bucket and name. */
  readonly objects: Map<string, Buffer>;
  /** What is answered to uploads first, one request each. Tests push. */
  readonly refusals: { readonly status: number; readonly message: string }[];
  readonly asked: string[];
  /** What the metadata server gives as token. */
  token: string;
}

const TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token";

/** Starts the stand-in with one bucket. */
export async function gcs(bucket: string): Promise<Gcs> {
  const objects: Gcs["objects"] = new Map();
  const refusals: Gcs["refusals"] = [];
  const asked: string[] = [];
  const server = await listen((incoming, _text, response, bytes) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://stand-in");
    const answer = (status: number, body: unknown) => {
      asked.push(`${incoming.method} ${pathname} ${status}`);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body, null, 2));
    };
    const refuse = (status: number, message: string) => answer(status, { error: { code: status, message } });
    if (pathname === TOKEN_PATH) response.setHeader("Metadata-Flavor", "Google");
    if (pathname === TOKEN_PATH)
      return incoming.headers["metadata-flavor"] === "Google"
        ? answer(200, { access_token: standIn.token, expires_in: 3599, token_type: "Bearer" })
        : refuse(403, "Missing Metadata-Flavor");
    const refusal = refusals.shift();
    if (refusal !== undefined) return refuse(refusal.status, refusal.message);
    if (incoming.headers.authorization !== `Bearer ${ACCESS_TOKEN}`) return refuse(401, "Invalid Credentials");
    if (incoming.method !== "POST" || pathname !== `/upload/storage/v1/b/${bucket}/o`)
      return refuse(404, "The specified bucket does not exist.");
    const name = searchParams.get("name") ?? "";
    if (searchParams.get("uploadType") !== "media" || name === "") return refuse(400, "Required");
    if (searchParams.get("ifGenerationMatch") === "0" && objects.has(`${bucket}/${name}`))
      return refuse(412, "At least one of the pre-conditions you specified did not hold.");
    objects.set(`${bucket}/${name}`, bytes);
    return answer(200, { kind: "storage#object", bucket, name, size: String(bytes.length) });
  });
  const standIn: Gcs = { ...server, objects, refusals, asked, token: ACCESS_TOKEN };
  return standIn;
}
