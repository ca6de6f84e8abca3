import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type HealthAnswer,
  type RaftServer,
  type RegionHealth,
  regionHealth,
  transferLeadership,
} from "../../ops/server/autopilot";
import { stillMissing } from "../../ops/server/back";
import { gateProblems } from "../../ops/server/gate";
import type { NomadAccess } from "../../ops/nomad-api";
import { trustSpecOf } from "../../ops/trust/spec";
import { initTrust, trustFiles } from "../../ops/trust/trust";
import { awsFleet } from "../helpers/fleet";
import { serverConfig } from "../helpers/nomad-agent-config";
import { type AgentProcess, agentPlace, endAgent, spawnAgent, waitFor } from "../helpers/nomad-process";
import { redirectTo } from "../helpers/stand-ins/redirect";
import { describeWithTool } from "../helpers/tools";

const SERVERS = ["small-cloud-1", "small-cloud-2", "small-cloud-3"];
const REGION = { region: "cloud", servers: SERVERS };

describeWithTool("nomad", "a region of three real servers", (nomad) => {
  const root = mkdtempSync(join(tmpdir(), "steppe-autopilot-"));
  const agents = new Map<string, AgentProcess>();
  let access: NomadAccess;
  const configs = new Map<string, () => Promise<AgentProcess>>();

  const start = async (name: string) => {
    const made = await configs.get(name)?.();
    if (made !== undefined) agents.set(name, made);
  };
  const health = async () => await regionHealth(access, "cloud");
  const isWhole = ({ healthy, failureTolerance }: RegionHealth) => healthy && failureTolerance === 1;
  /** Waits until Autopilot answers so. */
  const until = async (what: string, holds: (health: RegionHealth) => boolean) =>
    await waitFor(60, what, async () => {
      const answer: HealthAnswer = await health();
      return "servers" in answer && holds(answer) ? answer : undefined;
    });
  const whole = async () => await until("three healthy voters", isWhole);

  beforeAll(async () => {
    const spec = trustSpecOf(awsFleet());
    const env = { ...process.env, STEPPE_TRUST_DIR: join(root, "trust") };
    const { trust } = await initTrust(spec, { env, project: join(root, "checkout") });
    const file = (name: string) => join(trust.directory, name);
    const places = await Promise.all(SERVERS.map(async (name) => await agentPlace(join(root, name))));
    for (const [index, name] of SERVERS.entries()) {
      const place = places[index] ?? { directory: "", ports: { http: 0, rpc: 0, serf: 0 } };
      const config = serverConfig(place, {
        name,
        region: "cloud",
        server: {
          enabled: true,
          bootstrap_expect: 3,
          encrypt: trust.gossipKey,
          server_join: { retry_join: places.map(({ ports }) => `127.0.0.1:${ports.serf}`), retry_interval: "1s" },
        },
        tls: {
          http: true,
          rpc: true,
          ca_file: file(trustFiles.ca),
          cert_file: file(trustFiles.certificate("server-cloud")),
          key_file: file(trustFiles.key("server-cloud")),
          verify_server_hostname: true,
          verify_https_client: true,
        },
      });
      configs.set(name, async () => await spawnAgent(nomad, name, place, config));
      await start(name);
    }
    access = { trust, spec, prefix: [], env: { ...process.env, ...redirectTo(places[0]?.ports.http ?? 0) } };
  }, 60_000);

  afterAll(async () => {
    await Promise.all([...agents.values()].map(endAgent));
    rmSync(root, { recursive: true, force: true });
  }, 30_000);

  test("lets any of its servers go, and hands leadership on", async () => {
    const before = await whole();
    for (const server of SERVERS) expect(gateProblems({ ...REGION, server }, before)).toEqual([]);
    const next = before.servers.find(({ leader, name }) => !leader && name !== "small-cloud-3") as RaftServer;
    expect(await transferLeadership(access, "cloud", next)).toBeUndefined();
    await until(`${next.name} leads`, ({ servers }) => servers.find(({ leader }) => leader)?.name === next.name);
    const nobody: RaftServer = { ...next, id: "00000000-0000-0000-0000-000000000000" };
    expect(await transferLeadership(access, "cloud", nobody)).toMatch(/^HTTP \d+ /);
  }, 120_000);

  test("keeps the others while one is down, lets that one go, and knows it again by its data", async () => {
    const before = await whole();
    const third = before.servers.find(({ name }) => name === "small-cloud-3");
    agents.get("small-cloud-3")?.process.kill("SIGKILL");
    // Others may be late themselves for a moment, on a busy machine.
    const down = await until(
      "one is gone, and may be replaced",
      (answer) => !isWhole(answer) && gateProblems({ ...REGION, server: "small-cloud-3" }, answer).length === 0,
    );
    expect(gateProblems({ ...REGION, server: "small-cloud-1" }, down)).toMatchObject([
      { path: "region cloud: small-cloud-3" },
    ]);
    const expected = { server: "small-cloud-3", id: third?.id ?? "", address: third?.address ?? "", voters: 3 };
    expect(stillMissing(expected, down)).toHaveProperty("missing");
    await start("small-cloud-3");
    const after = await until("all is as before", (answer) => stillMissing(expected, answer) === undefined);
    expect(after.servers).toHaveLength(3);
  }, 180_000);
});
