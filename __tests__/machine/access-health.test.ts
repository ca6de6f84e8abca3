import { existsSync, mkdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../constructs/machine/paths";
import { accessHealth } from "../../constructs/machine/shell/access";
import { ScriptHome } from "../helpers/machine-script";

const HEALTH = `${paths.library}/access-health`;
const REQUEST = "GET /v1/agent/health HTTP/1.1\r\nHost: 10.3.0.5:4649\r\nUser-Agent: ELB-HealthChecker/2.0\r\n\r\n";

describe("health for the load balancer", () => {
  let home: ScriptHome;
  let state: string;
  const WELL = '{"server":{"message":"ok","ok":true}}';

  beforeEach(() => {
    home = new ScriptHome();
    state = home.path("/state");
    mkdirSync(state);
    home.put(HEALTH, accessHealth);
    nomadSays(`echo '${WELL}'`);
  });
  afterEach(() => home.remove());

  function nomadSays(script: string): void {
    home.put(`${paths.library}/nomad-local`, `#!/bin/sh\necho "$*" >>${home.path("asked.log")}\n${script}\n`);
  }
  const asked = () =>
    existsSync(home.path("asked.log")) ? readFileSync(home.path("asked.log"), "utf8").trim().split("\n") : [];
  async function ask(request: string | Buffer): Promise<string> {
    const child = home.start(HEALTH, [], { RUNTIME_DIRECTORY: state });
    child.stdin?.end(request);
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    await new Promise((done) => child.once("close", done));
    return Buffer.concat(chunks).toString();
  }
  const status = async (request: string | Buffer) => (await ask(request)).split("\r\n")[0];

  test("says what Nomad says of its server, in whole HTTP", async () => {
    expect(await ask(REQUEST)).toBe(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwell\n",
    );
    expect(asked()).toEqual(["operator api /v1/agent/health?type=server"]);
  });

  test.each([
    ["knows no leader, and its tool ends well", `echo '{"server":{"ok":false,"message":"No cluster leader"}}'`],
    ["says nothing", "true"],
    ["is not there", "echo 'Error performing request' >&2; exit 1"],
    ["says something else", "echo '\"ok\":true'"],
    ["speaks of a client", `echo '{"client":{"message":"ok","ok":true}}'`],
  ])("is 503 where Nomad %s", async (_, script) => {
    nomadSays(script);
    expect(await status(REQUEST)).toBe("HTTP/1.1 503 Service Unavailable");
  });

  test.each([
    ["another path", "GET /v1/agent/self HTTP/1.1\r\n\r\n"],
    ["a longer path", "GET /v1/agent/health?type=client HTTP/1.1\r\n\r\n"],
    ["another method", "POST /v1/agent/health HTTP/1.1\r\n\r\n"],
    ["another protocol", "GET /v1/agent/health HTTP/2\r\n\r\n"],
    ["nothing", ""],
    ["TLS", Buffer.from("160301020001000000", "hex")],
    ["shell", "$(touch x); `touch x` HTTP/1.1\r\n\r\n"],
    ["a flood", "x".repeat(100_000)],
  ])("is 404 for %s, and Nomad is not asked", async (_, request) => {
    expect(await status(request)).toBe("HTTP/1.1 404 Not Found");
    expect(asked()).toEqual([]);
  });

  test("asks Nomad once for many, and again when the answer is old", async () => {
    nomadSays(`sleep 0.3; echo '${WELL}'`);
    expect(new Set(await Promise.all(Array.from({ length: 6 }, () => status(REQUEST))))).toEqual(
      new Set(["HTTP/1.1 200 OK"]),
    );
    expect(asked()).toHaveLength(1);
    const old = new Date(Date.now() - 3000);
    utimesSync(join(state, "answer"), old, old);
    nomadSays("exit 1");
    expect(await status(REQUEST)).toBe("HTTP/1.1 503 Service Unavailable");
    expect(asked()).toHaveLength(2);
  });
});
