/** Stand-in for S3's `PutObject`. It checks signatures and digests as AWS does, and knows conditional writes. */
import { createHash } from "node:crypto";
import { checkSignature } from "./aws-signature";
import { type Listening, listen } from "./http";

/** Who may write. */
export interface S3Caller {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Token of the session. @default - an access key of its own, which has none */
  readonly token?: string;
}

export interface S3 extends Listening {
  /** Objects by bucket and key. Shape: `{ "bucket/small/north/x.snap": … }`. */
  readonly objects: Map<string, Buffer>;
  /** What is answered first, one request each. Tests push. */
  readonly refusals: { readonly status: number; readonly code: string; readonly stores?: boolean }[];
  /** Outcome of each request: `PUT <bucket>/<key> 200`, or why it was refused. */
  readonly asked: string[];
}

/** Starts the stand-in for a region, with one bucket. */
export async function s3(region: string, bucket: string, caller: S3Caller): Promise<S3> {
  const objects: S3["objects"] = new Map();
  const refusals: S3["refusals"] = [];
  const asked: string[] = [];
  const server = await listen((incoming, _text, response, bytes) => {
    const name = (incoming.url ?? "").slice(1);
    const answer = (status: number, code = "") => {
      asked.push(`${incoming.method} ${name} ${status}${code === "" ? "" : ` ${code}`}`);
      const body = code === "" ? "" : `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>no</Message></Error>`;
      response.writeHead(status, { "content-type": "application/xml" }).end(body);
    };
    const refusal = refusals.shift();
    if (refusal !== undefined) {
      if (refusal.stores === true) objects.set(name, bytes);
      return answer(refusal.status, refusal.code);
    }
    const signature = checkSignature(incoming, bytes, caller.secretAccessKey);
    if (typeof signature === "string") return answer(403, `SignatureDoesNotMatch: ${signature}`);
    if (signature.region !== region || signature.service !== "s3") return answer(400, "AuthorizationHeaderMalformed");
    if (signature.accessKeyId !== caller.accessKeyId) return answer(403, "InvalidAccessKeyId");
    if (incoming.headers["x-amz-security-token"] !== caller.token) return answer(403, "InvalidToken");
    const digest = createHash("sha256").update(bytes).digest("hex");
    if (incoming.headers["x-amz-content-sha256"] !== digest) return answer(400, "XAmzContentSHA256Mismatch");
    if (incoming.method !== "PUT") return answer(405, "MethodNotAllowed");
    if (!name.startsWith(`${bucket}/`)) return answer(404, "NoSuchBucket");
    if (incoming.headers["if-none-match"] === "*" && objects.has(name)) return answer(412, "PreconditionFailed");
    objects.set(name, bytes);
    return answer(200);
  });
  return { ...server, objects, refusals, asked };
}
