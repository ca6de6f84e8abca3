import { existsSync } from "node:fs";
import { serverBundle } from "../../constructs/machine/bundle";
import { labSshConfig, operatorCommand } from "../../lab/operator";
import { labPaths } from "../../lab/paths";
import { labPowerOff, labRebuild, labReboot, labStart } from "../../lab/power";
import { serverIdentity, secretsVariable } from "../../model/identities";
import { secretPayload } from "../../ops/trust/secrets";
import {
  address,
  bootRegion,
  bootThenAttach,
  expectHostKey,
  identityIn,
  log,
  POOL_TAGS,
  self,
  serverFacts,
  WAITING_SERVER,
} from "../helpers/boot-region";
import { deliverByTerraform } from "../helpers/delivery";
import { condition, GcpBoot, startAgain, started } from "../helpers/gcp-boot";
import { ASK_JOB, FIRST, instanceOf, JOB, METADATA, SECOND, SERVER } from "../helpers/gcp-boot-fleet";
import { command, eventually } from "../helpers/lab";
import { deliver, machineInTailnet, said } from "../helpers/lab-fleet";
import { STARTUP_UNIT } from "../helpers/lab-gcp";
import { attachVolume, detachVolumeAtBoot, GCP_VOLUME, LEFT_ALONE, mountForeign } from "../helpers/lab-volume";

const SECRET = "boot_client-web";
const DISABLED = { code: 400, status: "FAILED_PRECONDITION", message: "Secret Version [1] is in DISABLED state." };
const FORBIDDEN = { code: 403, status: "PERMISSION_DENIED", message: "Permission denied." };
const UNAVAILABLE = { code: 503, status: "UNAVAILABLE", message: "The service is currently unavailable." };

const { nomad, runJob, nodes, nodeOf, becomesReady, isReady, places, factsOf, answerTo } = bootRegion(SERVER);
const possible = process.getuid?.() === 0 && !existsSync(labPaths().run);
const suite = possible ? describe : describe.skip;

suite("startup scripts of Google Cloud boot machines (needs root and no lab running)", () => {
  jest.setTimeout(300_000);
  let boot: GcpBoot;
  const attach = async () => await attachVolume(SERVER, boot.lab.volume.path, GCP_VOLUME);

  beforeAll(async () => {
    boot = await GcpBoot.start();
  });
  afterAll(async () => {
    await boot.stop();
  });

  test("a server waits for its disk, formats the empty one and joins the tailnet", async () => {
    await expectHostKey(boot.lab.spec, SERVER, boot.lab.trust);
    await bootThenAttach(SERVER, STARTUP_UNIT, attach);
    const script = await started(SERVER);
    expect(script).toContain(`startup-script: steppe data volume: ${GCP_VOLUME.link} is empty; making a file system`);
    expect(script).toContain(`startup-script: steppe: ${SERVER} is in the tailnet and waits for its bundle`);
    expect(script).toContain("startup-script: exit status 0");
    expect(await serverFacts(SERVER)).toEqual(WAITING_SERVER);
    expect(boot.gcp.manager.asked).toEqual(["boot_server-cloud 200"]);
  });

  test("a server leaves a disk of somebody else as it is", async () => {
    expect(await mountForeign(SERVER)).toEqual(LEFT_ALONE);
  });

  test("operators log in as the image's user with root's rights, and see the host key that their trust knows", async () => {
    const ssh = ["ssh", "-F", labSshConfig(), "-l", "steppe", SERVER, "id -un; sudo id -un"];
    expect(await command(operatorCommand(ssh))).toMatchObject({ code: 0, out: "steppe\nroot\n" });
  });

  test("a server that boots before its bundle has come goes through its script again, and is who it was", async () => {
    const before = await self(SERVER);
    await labReboot(SERVER);
    const script = await started(SERVER);
    expect(script).toContain(`steppe: ${SERVER} is in the tailnet and waits for its bundle`);
    expect(script).not.toContain("making a file system");
    expect(identityIn(await self(SERVER))).toEqual(identityIn(before));
    expect(await said(SERVER, "ls /etc/steppe/tailnet.key")).toBe("");
  });

  test("a second run without a boot restarts nothing and changes no file", async () => {
    const before = await condition(SERVER);
    expect(await startAgain(SERVER)).toContain("startup-script: exit status 0");
    expect(await condition(SERVER)).toEqual(before);
  });

  test("Terraform delivers the bundle that follows: Nomad is up on the disk, and the tailnet was left alone", async () => {
    const before = await said(SERVER, "systemctl show -p MainPID --value tailscaled");
    const { fleet, trust } = boot.lab;
    const identity = serverIdentity(fleet, "cloud");
    const { code, err } = await deliverByTerraform(boot.stack, SERVER, {
      [secretsVariable(identity)]: secretPayload(trust, identity),
    });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(await said(SERVER, "systemctl show -p MainPID --value tailscaled")).toBe(before);
    const database = "/srv/steppe/nomad/server/raft/raft.db";
    expect(await said(SERVER, `findmnt -n -o TARGET --target ${database}`)).toBe("/srv/steppe");
    await eventually(
      60,
      "the operator's token is known",
      async () => (await nomad("node status")) === "No nodes registered",
    );
  });

  test("from then on the script of a server does nothing", async () => {
    const before = await condition(SERVER);
    const asked = boot.gcp.manager.asked.length;
    expect(await startAgain(SERVER)).toContain(
      `steppe: server ${SERVER} has its bundle; its startup script has nothing to do`,
    );
    expect(await condition(SERVER)).toEqual(before);
    expect(boot.gcp.manager.asked).toHaveLength(asked);
  });

  test("a server whose disk is late at a boot starts nothing of the fleet before, and then all", async () => {
    const who = async () => [
      ...identityIn(await self(SERVER)),
      await said(SERVER, "cat /srv/steppe/nomad/server/node-id"),
    ];
    const before = await who();
    await detachVolumeAtBoot(SERVER);
    await labReboot(SERVER);
    expect(await started(SERVER)).toContain("its startup script has nothing to do");
    await new Promise((done) => setTimeout(done, 3000));
    expect(await said(SERVER, "systemctl is-active tailscaled nomad | sort -u")).not.toContain("\nactive");
    expect(await said(SERVER, "ls -A /srv/steppe")).toBe("");
    await attach();
    await eventually(60, "Nomad is back", async () => (await nomad("node status")) === "No nodes registered");
    expect(await who()).toEqual(before);
  });

  test("a machine of a pool comes through a Secret Manager that denies and fails at first", async () => {
    boot.gcp.manager.refusals.push(FORBIDDEN, UNAVAILABLE);
    await labReboot(FIRST);
    const script = await started(FIRST);
    expect(script).toContain(`steppe: waiting for the secret ${SECRET} (0 s): HTTP 403 PERMISSION_DENIED`);
    expect(script).toContain(": HTTP 503 UNAVAILABLE The service is currently unavailable.");
    expect(script).toContain(`startup-script: steppe: client ${FIRST} is up\nstartup-script: exit status 0`);
  });

  test("a machine of a pool whose secret is disabled ends its script at once and starts nothing; run again, it joins", async () => {
    boot.gcp.manager.refusals.push(DISABLED);
    await labReboot(SECOND);
    const script = await started(SECOND);
    expect(script).toContain(
      `steppe: cannot get the secret ${SECRET} of acme-fleet: HTTP 400 FAILED_PRECONDITION Secret Version [1] is in DISABLED state.`,
    );
    expect(script).toContain("startup-script: failed with error: exit status 1");
    expect(await machineInTailnet(SECOND)).toBeUndefined();
    expect(await said(SECOND, "systemctl is-active tailscaled nomad | sort -u")).toBe("inactive");
    expect(await startAgain(SECOND)).toContain(`steppe: client ${SECOND} is up`);
  });

  test.each([FIRST, SECOND])("%s is a ready node of its pool, named after its instance", async (name) => {
    expect((await machineInTailnet(name))?.tags).toEqual(POOL_TAGS);
    await becomesReady(name);
    const { node, devices } = await factsOf(name);
    expect(devices).toEqual(["tailscale0"]);
    expect(node).toMatchObject({
      NodePool: "web",
      NodeClass: "small",
      HTTPAddr: `${await address(name)}:4646`,
      Meta: { "steppe.fleet": "boot", "steppe.site": "cloud", "steppe.pool": "web", rack: "none" },
      Attributes: {
        "unique.platform.gce.hostname": `${instanceOf(name)}.europe-west4-a.c.acme-fleet.internal`,
        "platform.gce.machine-type": "n2-standard-4",
        "platform.gce.zone": "europe-west4-a",
        "platform.gce.attr.startup-script": expect.stringContaining("# Startup script of client-web, fleet boot."),
      },
    });
  });

  test("a task of a plain user is kept from the metadata server, which the machine reaches", async () => {
    expect(await answerTo(ASK_JOB)).toBe("curl ended with 28");
    const ask = `curl --silent --output /dev/null --write-out '%{http_code}' --max-time 3 --header 'Metadata-Flavor: Google'`;
    const machine = `systemd-run --quiet --wait --pipe --slice=steppe.slice ${ask} ${METADATA}/instance/name`;
    expect(await said(FIRST, machine)).toBe("200");
  });

  test("a second run restarts nothing on a pool's machine and changes no file", async () => {
    await runJob(JOB);
    await eventually(60, "the job runs", async () => (await places()).length === 1);
    const [before, who] = [await condition(FIRST), await self(FIRST)];
    expect(await startAgain(FIRST)).toContain(
      `startup-script: steppe: client ${FIRST} is up\nstartup-script: exit status 0`,
    );
    expect(await condition(FIRST)).toEqual(before);
    expect(await self(FIRST)).toBe(who);
    expect(await said(FIRST, "ls /etc/steppe/tailnet.key /run/steppe/incoming/secrets")).toBe("");
    expect(await isReady(FIRST)).toBe(true);
  });

  test("a machine that has secrets goes on with them while Secret Manager fails", async () => {
    boot.gcp.manager.refusals.push(...Array<typeof UNAVAILABLE>(50).fill(UNAVAILABLE));
    const before = await condition(FIRST);
    const script = await startAgain(FIRST);
    boot.gcp.manager.refusals.length = 0;
    expect(script).toMatch(/gave up after 3\d s: HTTP 503 UNAVAILABLE/);
    expect(script).toContain("steppe: going on with the secrets that are here");
    expect(script).toContain("startup-script: exit status 0");
    expect(await condition(FIRST)).toEqual(before);
  });

  test("a pool's machine that boots again comes back by itself with node id and tailnet address", async () => {
    const before = [(await nodeOf(FIRST))?.ID, ...identityIn(await self(FIRST))];
    await labReboot(FIRST);
    expect(await started(FIRST)).toContain("startup-script: exit status 0");
    await becomesReady(FIRST, 90);
    expect([(await nodeOf(FIRST))?.ID, ...identityIn(await self(FIRST))]).toEqual(before);
    expect((await nodes()).filter(({ Name }) => Name === FIRST)).toHaveLength(1);
  });

  test("one whose metadata server is away at a boot comes back without its script", async () => {
    const before = [(await nodeOf(FIRST))?.ID, ...identityIn(await self(FIRST))];
    boot.of(FIRST).mood = "failing";
    await labReboot(FIRST);
    await becomesReady(FIRST, 90);
    boot.of(FIRST).mood = "well";
    expect(await log(FIRST, STARTUP_UNIT)).toContain("status=1/FAILURE");
    expect([(await nodeOf(FIRST))?.ID, ...identityIn(await self(FIRST))]).toEqual(before);
  });

  test("one that was stopped, and so left the tailnet, joins anew when it is started, as the node that it was", async () => {
    const before = (await nodeOf(SECOND))?.ID;
    await labPowerOff(SECOND);
    expect(await machineInTailnet(SECOND)).toBeUndefined();
    await labStart(SECOND);
    expect(await started(SECOND)).toContain("startup-script: exit status 0");
    await becomesReady(SECOND, 90);
    expect((await nodeOf(SECOND))?.ID).toBe(before);
  });

  test("an instance that takes a server's place with its disk is that server again", async () => {
    const before = await said(SERVER, "tailscale ip -4; cat /srv/steppe/nomad/server/node-id");
    await labRebuild(SERVER);
    await boot.makeInstance(SERVER);
    await attach();
    await labReboot(SERVER);
    expect(await started(SERVER)).toContain(`steppe: ${SERVER} is in the tailnet and waits for its bundle`);
    const { fleet, trust } = boot.lab;
    const { code, stderr } = await deliver(SERVER, serverBundle(fleet, "cloud"), trust);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await said(SERVER, "tailscale ip -4; cat /srv/steppe/nomad/server/node-id")).toBe(before);
    await eventually(60, "the job is known", async () => (await places()).length === 1);
  });
});
