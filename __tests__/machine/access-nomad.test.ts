import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { paths } from "../../constructs/machine/paths";
import { accessHealth } from "../../constructs/machine/shell/access";
import { nomadLocal } from "../../constructs/machine/shell/library";
import { trustSpecOf } from "../../ops/trust/spec";
import { initTrust } from "../../ops/trust/trust";
import { externalFleet } from "../helpers/fleet";
import { ScriptHome } from "../helpers/machine-script";
import { type AgentConfig, serverConfig } from "../helpers/nomad-agent-config";
import { agentPlace, type AgentProcess, endAgent, spawnAgent, waitFor } from "../helpers/nomad-process";
import { describeWithTool } from "../helpers/tools";

const HEALTH = `${paths.library}/access-health`;
const FORWARDER = "/usr/lib/systemd/systemd-socket-proxyd";

describeWithTool("nomad", "a real Nomad that requires certificates", (nomad) => {
  describeWithTool("systemd-socket-activate", "behind systemd's forwarder", (activate) => {
    const directory = mkdtempSync(join(tmpdir(), "steppe-access-"));
    const trustDirectory = join(directory, "trust", "small");
    const state = join(directory, "state");
    const home = new ScriptHome();
    const running: ChildProcess[] = [];
    let agent: AgentProcess;
    let forwarded: number;
    let health: number;

    beforeAll(async () => {
      const place = { env: { STEPPE_TRUST_DIR: dirname(trustDirectory), HOME: directory } };
      mkdirSync(join(directory, "checkout", ".git"), { recursive: true });
      await initTrust(trustSpecOf(externalFleet()), { ...place, project: join(directory, "checkout") });
      const agentAt = await agentPlace(join(directory, "agent"));
      agent = await spawnAgent(nomad, "server", agentAt, { ...serverConfig(agentAt), ...mutualTls() });
      const own = agentAt.ports.http;
      [forwarded, health] = await Promise.all([freePort(), freePort()]);
      mkdirSync(state);
      const files = { "ca.pem": "ca.pem", "cert.pem": "server-ohio.pem", "key.pem": "server-ohio-key.pem" };
      const wrapper = Object.entries(files).reduce(
        (script, [name, file]) => script.replace(`${paths.tls}/${name}`, join(trustDirectory, file)),
        nomadLocal,
      );
      home.put(`${paths.library}/nomad-local`, wrapper);
      home.put(HEALTH, accessHealth);
      const settings = {
        PATH: `${dirname(nomad)}:${process.env["PATH"]}`,
        RUNTIME_DIRECTORY: state,
        NOMAD_ADDR: `https://127.0.0.1:${own}`,
      };
      const handed = Object.entries(settings).map(([name, value]) => `--setenv=${name}=${value}`);
      const start = (...args: readonly string[]) => running.push(spawn(activate, args, { stdio: "ignore" }));
      start(`--listen=127.0.0.1:${forwarded}`, FORWARDER, `127.0.0.1:${own}`);
      start(`--listen=127.0.0.1:${health}`, "--accept", "--inetd", ...handed, home.path(HEALTH));
      await waitFor(30, "the region has a leader", () =>
        Promise.resolve(leader(own, "cli").startsWith('"127') || undefined),
      );
    }, 60_000);
    afterAll(async () => {
      for (const child of running) child.kill();
      await endAgent(agent);
      home.remove();
      rmSync(directory, { recursive: true, force: true });
    });

    function mutualTls(): AgentConfig {
      const file = (name: string) => join(trustDirectory, name);
      return {
        region: "ohio",
        acl: { enabled: true },
        tls: {
          http: true,
          rpc: true,
          ca_file: file("ca.pem"),
          cert_file: file("server-ohio.pem"),
          key_file: file("server-ohio-key.pem"),
          verify_server_hostname: true,
          verify_https_client: true,
        },
      };
    }

    /** What curl gets when it asks for the leader at a port, under a name and with a certificate of the trust. */
    function leader(port: number, certificate: string | undefined, name = "server.ohio.nomad"): string {
      const own =
        certificate === undefined
          ? []
          : [
              "--cert",
              join(trustDirectory, `${certificate}.pem`),
              "--key",
              join(trustDirectory, `${certificate}-key.pem`),
            ];
      const common = ["-sS", "--max-time", "5", "--cacert", join(trustDirectory, "ca.pem")];
      const target = ["--connect-to", `${name}:443:127.0.0.1:${port}`, `https://${name}/v1/status/leader`];
      const { stdout, stderr } = spawnSync("curl", [...common, ...own, ...target], { encoding: "utf8" });
      return stdout + stderr;
    }

    test.each(["server.ohio.nomad", "ohio.example.com", "nomad.example.com"])(
      "answers who has a certificate of the fleet and calls it %s",
      (name) => {
        expect(leader(forwarded, "cli", name)).toMatch(/^"127\.0\.0\.1:\d+"$/);
      },
    );

    test("refuses a caller without a certificate", () => {
      expect(leader(forwarded, undefined)).toMatch(/certificate required|bad certificate/);
    });

    test.each(["server.cloud.nomad", "cloud.example.com"])(
      "shows its own certificate, which is none of another region: %s",
      (name) => {
        expect(leader(forwarded, "cli", name)).toMatch(/no alternative certificate subject name/);
      },
    );

    test("tells the load balancer how Nomad is, and nothing else", async () => {
      const ask = (path: string) => fetch(`http://127.0.0.1:${health}${path}`);
      expect(await (await ask("/v1/agent/health")).text()).toBe("well\n");
      expect((await ask("/v1/jobs")).status).toBe(404);
      await endAgent(agent);
      const old = new Date(Date.now() - 3000);
      utimesSync(join(state, "answer"), old, old);
      expect((await ask("/v1/agent/health")).status).toBe(503);
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return address === null || typeof address === "string" ? 0 : address.port;
}
