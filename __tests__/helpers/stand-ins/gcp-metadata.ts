/**
 * Stand-in for the metadata server of a Google Cloud machine: it vouches for the machine with a token that names the
 * audience. `tsx gcp-metadata.ts`, inside the machine's network, which must hold 169.254.169.254.
 *
 * @see https://cloud.google.com/compute/docs/instances/verifying-instance-identity
 */
import { createServer } from "node:http";

const IDENTITY = "/computeMetadata/v1/instance/service-accounts/default/identity";

createServer((incoming, response) => {
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://metadata.google.internal");
  const allowed = incoming.method === "GET" && incoming.headers["metadata-flavor"] === "Google";
  if (!allowed) return response.writeHead(403).end();
  response.setHeader("Metadata-Flavor", "Google");
  if (pathname === "/") return response.end("computeMetadata/\n");
  if (pathname !== IDENTITY) return response.writeHead(404).end();
  return response.end(`token-for-${searchParams.get("audience")}`);
}).listen(80, "169.254.169.254");
