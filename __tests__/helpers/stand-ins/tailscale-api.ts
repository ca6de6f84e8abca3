/**
 * Stand-in for Tailscale's API, in front of a real headscale: what Tailscale's coordination server answers at its own
 * address and headscale 0.29 does not have. Tokens are given for the one secret or client that it is told; keys are made by
 * headscale. Everything else is passed through, so that machines can log in at the same address.
 *
 * `tsx tailscale-api.ts <address> <port> <headscale address> <headscale command...>`; the expected OAuth secret and client
 * id come in OAUTH_SECRET and CLIENT_ID. `GET /asked` tells what was asked.
 */
import { execFileSync } from "node:child_process";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";

/** A request for a key, and how whoever asked had proved who it is. */
export interface AskedKey {
  /** `oauth` or `federated <client id> <identity token>`. */
  readonly by: string;
  readonly tags: readonly string[];
  readonly ephemeral: boolean;
  readonly preauthorized: boolean;
  readonly reusable: boolean;
}

const [address = "", port = "", upstream = "", ...headscale] = process.argv.slice(2);
const upstreamUrl = new URL(upstream);
const tokens = new Map<string, string>();
const asked: AskedKey[] = [];

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of incoming) body += String(chunk);
  return body;
}

function token(by: string): object {
  const access = `token-${tokens.size + 1}`;
  tokens.set(access, by);
  return { access_token: access, token_type: "Bearer", expires_in: 3600 };
}

/** The client secret, as form field or as password of the header: the OAuth library tries both. */
function clientSecret(incoming: IncomingMessage, form: URLSearchParams): string | null {
  const [kind, encoded = ""] = (incoming.headers.authorization ?? "").split(" ");
  if (kind !== "Basic") return form.get("client_secret");
  return decodeURIComponent(Buffer.from(encoded, "base64").toString().split(":")[1] ?? "");
}

function makeKey(by: string, body: string): string {
  const { capabilities } = JSON.parse(body) as {
    capabilities: { devices: { create: Omit<AskedKey, "by"> } };
  };
  const create = capabilities.devices.create;
  asked.push({ by, ...create });
  const [program = "", ...args] = headscale;
  const flags = ["preauthkeys", "create", "--user", "1", "--tags", create.tags.join(","), "--output", "json"];
  if (create.ephemeral) flags.push("--ephemeral");
  return (JSON.parse(execFileSync(program, [...args, ...flags], { encoding: "utf8" })) as { key: string }).key;
}

async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(incoming.url ?? "/", "http://stand-in");
  switch (`${incoming.method} ${pathname}`) {
    case "POST /api/v2/oauth/token": {
      const form = new URLSearchParams(await bodyOf(incoming));
      const known = clientSecret(incoming, form) === process.env["OAUTH_SECRET"];
      return answer(response, known ? 200 : 401, known ? token("oauth") : { message: "API token invalid" });
    }
    case "POST /api/v2/oauth/token-exchange": {
      const form = new URLSearchParams(await bodyOf(incoming));
      const known = form.get("client_id") === process.env["CLIENT_ID"];
      const by = `federated ${form.get("client_id")} ${form.get("jwt")}`;
      return answer(response, known ? 200 : 401, known ? token(by) : { message: "unknown client" });
    }
    case "POST /api/v2/tailnet/-/keys": {
      const credentials = incoming.headers.authorization ?? "";
      const access = credentials.startsWith("Basic ")
        ? (Buffer.from(credentials.slice(6), "base64").toString().split(":")[0] ?? "")
        : credentials.replace(/^Bearer /, "");
      const by = tokens.get(access);
      if (by === undefined) return answer(response, 401, { message: "unknown token" });
      return answer(response, 200, { id: "k1", key: makeKey(by, await bodyOf(incoming)) });
    }
    case "GET /asked":
      return answer(response, 200, asked);
    default: {
      const { method, headers, url } = incoming;
      const { hostname, port: upstreamPort } = upstreamUrl;
      const onward = request({ hostname, port: upstreamPort, method, path: url, headers }, (from) => {
        response.writeHead(from.statusCode ?? 502, from.headers);
        from.pipe(response);
      });
      onward.on("error", () => response.writeHead(502).end());
      incoming.pipe(onward);
    }
  }
}

const server = createServer((incoming, response) => {
  serve(incoming, response).catch((error: unknown) => answer(response, 500, { message: String(error) }));
});
// The coordination protocol and relays switch the connection over.
server.on("upgrade", (incoming, socket, head) => {
  const onward = connect(Number(upstreamUrl.port), upstreamUrl.hostname, () => {
    const lines = incoming.rawHeaders.flatMap((name, index, all) =>
      index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : [],
    );
    onward.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    onward.write(head);
    socket.pipe(onward).pipe(socket);
  });
  onward.on("error", () => socket.destroy());
  socket.on("error", () => onward.destroy());
});
server.listen(Number(port), address);
