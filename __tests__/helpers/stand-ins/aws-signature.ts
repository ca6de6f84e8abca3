import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** A request's signature, taken apart. */
export interface Signature {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
}

const hash = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/**
 * Checks a request's signature (version 4) as AWS does: computes it anew from what arrived.
 *
 * @returns the signature taken apart, or in one sentence why AWS would refuse it.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function checkSignature(
  incoming: IncomingMessage,
  body: string | Buffer,
  secretAccessKey: string,
): Signature | string {
  const found =
    /^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      incoming.headers.authorization ?? "",
    );
  if (found === null) return "the authorization header has another shape";
  const [, accessKeyId = "", day = "", region = "", service = "", list = "", signature = ""] = found;
  const signedHeaders = list.split(";");
  const unsigned = Object.keys(incoming.headers).filter(
    (name) => (name.startsWith("x-amz-") || name === "host") && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0) return `headers that must be signed are not: ${unsigned.join(", ")}`;
  const time = String(incoming.headers["x-amz-date"]);
  const url = new URL(incoming.url ?? "/", "http://localhost");
  const headers = signedHeaders.map((name) => `${name}:${String(incoming.headers[name]).trim()}\n`).join("");
  const request = [incoming.method, url.pathname, url.search.slice(1), headers, list, hash(body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${secretAccessKey}`, day));
  const expected = hmac(key, ["AWS4-HMAC-SHA256", time, scope, hash(request)].join("\n")).toString("hex");
  if (expected !== signature) return "the signature is not that of the request";
  return { accessKeyId, region, service, signedHeaders };
}
