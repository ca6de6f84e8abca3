import { existsSync } from "node:fs";
import { serverBundle } from "../../constructs/machine/bundle";
import { poolUserData, serverUserData } from "../../constructs/machine/user-data";
import { packUserData } from "../../constructs/machine/user-data-size";
import { operatorCommand, labSshConfig } from "../../lab/operator";
import { labPaths } from "../../lab/paths";
import { labRebuild, labReboot } from "../../lab/power";
import type { LabHost } from "../../lab/spec";
import { awsSecretName } from "../../model/aws-names";
import { ASK_JOB, FIRST, fleetOf, hosts, JOB, METADATA, SECOND, SERVER } from "../helpers/aws-boot-fleet";
import { type BootLab, bootLab } from "../helpers/boot-lab";
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
import { command, eventually } from "../helpers/lab";
import { LabAws } from "../helpers/lab-aws";
import { deliver, machineInTailnet, said, sh } from "../helpers/lab-fleet";
import {
  attachVolume,
  AWS_VOLUME,
  detachVolumeAtBoot,
  knowDevices,
  LEFT_ALONE,
  mountForeign,
} from "../helpers/lab-volume";
import type { AwsMetadata, Mood } from "../helpers/stand-ins/aws-metadata";

const POOL_MACHINES = [FIRST, SECOND];
const SPOT = "meta-data/spot/instance-action";
const REBALANCE = "meta-data/events/recommendations/rebalance";
const TARGET = "meta-data/autoscaling/target-lifecycle-state";
/** What AWS gives a spot machine between the notice and its end, seconds. */
const SPOT_SECONDS = 120;

const { nomad, runJob, nodes, nodeOf, isReady, becomesReady, admit, places, factsOf, answerTo } = bootRegion(SERVER);

/** Waits until user data has ended. @returns how, and what it said. */
async function booted(name: string): Promise<{ readonly result: string; readonly said: string }> {
  const state = async () => await said(name, "systemctl show -p ActiveState --value cloud-final");
  await eventually(120, `user data has run on ${name}`, async () => ["active", "failed"].includes(await state()));
  return {
    result: await said(name, "systemctl show -p Result --value cloud-final"),
    said: await log(name, "cloud-final"),
  };
}

const possible = process.getuid?.() === 0 && !existsSync(labPaths().run);
const suite = possible ? describe : describe.skip;

suite("user data of AWS boots machines (needs root and no lab running)", () => {
  jest.setTimeout(300_000);
  let lab: BootLab;
  let aws: LabAws;
  let serverData: string;
  const metadata = new Map<string, AwsMetadata>();
  const of = (name: string) => metadata.get(name) as AwsMetadata;

  beforeAll(async () => {
    lab = await bootLab(fleetOf, hosts);
    aws = await LabAws.start(lab.site, "eu-central-1");
    for (const [identity, payload] of lab.payloads)
      aws.manager.secrets.set(awsSecretName(lab.fleet.name, identity), payload);
    serverData = packUserData(serverUserData(lab.fleet, "cloud", { host: SERVER }));
    const poolData = packUserData(poolUserData(lab.fleet, "web"));
    for (const machine of hosts) {
      const instance = machine.name === SERVER ? "i-0bbbbbbbbbbbbbbb1" : machine.name.replace("web-", "i-");
      const userData = machine.name === SERVER ? serverData : poolData;
      metadata.set(machine.name, await aws.instance(machine, instance, userData));
    }
    await knowDevices(SERVER);
  });

  afterAll(async () => {
    await aws.stop();
    await lab.down();
  });

  test("the stand-in for the metadata service wants a token, and answers over one hop only", async () => {
    const ask = "curl --silent --output /dev/null --write-out '%{http_code}' --max-time 2";
    expect(await said(FIRST, `${ask} ${METADATA}/meta-data/instance-id`)).toBe("401");
    const token = "--request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60'";
    expect(await said(FIRST, `${ask} ${token} ${METADATA}/api/token`)).toBe("200");
    expect(await said(FIRST, `setpriv --reuid 65534 --clear-groups ${ask} ${token} ${METADATA}/api/token`)).toBe("200");
    await sh(
      FIRST,
      `ip netns add box && ip link add box0 type veth peer name eth0 netns box
       ip addr add 172.30.0.1/24 dev box0 && ip link set box0 up
       ip -n box addr add 172.30.0.2/24 dev eth0 && ip -n box link set eth0 up && ip -n box route add default via 172.30.0.1
       echo 1 >/proc/sys/net/ipv4/ip_forward
       iptables -t nat -A POSTROUTING -s 172.30.0.0/24 -j MASQUERADE`,
    );
    expect(await said(FIRST, `ip netns exec box ${ask} --insecure https://10.61.3.1/`)).toBe("421");
    expect(await said(FIRST, `ip netns exec box ${ask} ${token} ${METADATA}/api/token`)).toBe("000");
    await sh(
      FIRST,
      "ip netns del box; iptables -t nat -D POSTROUTING -s 172.30.0.0/24 -j MASQUERADE; echo 0 >/proc/sys/net/ipv4/ip_forward",
    );
  });

  test("a server waits for its volume, formats the empty one and joins the tailnet", async () => {
    await expectHostKey(lab.spec, SERVER, lab.trust);
    await bootThenAttach(SERVER, "cloud-final", async () => await attachVolume(SERVER, lab.volume.path, AWS_VOLUME));
    const boot = await booted(SERVER);
    expect(boot).toEqual({ result: "success", said: expect.stringContaining(`${AWS_VOLUME.link} is empty; making`) });
    expect(boot.said).toContain(`steppe: ${SERVER} is in the tailnet and waits for its bundle`);
    expect(await serverFacts(SERVER)).toEqual(WAITING_SERVER);
  });

  test("a server leaves a volume of somebody else as it is", async () => {
    expect(await mountForeign(SERVER)).toEqual(LEFT_ALONE);
  });

  test("operators log in as the image's user, and see the host key that their trust knows", async () => {
    const ssh = ["ssh", "-F", labSshConfig(), "-l", "admin", SERVER, "id -un"];
    expect(await command(operatorCommand(ssh))).toMatchObject({ code: 0, out: "admin\n" });
  });

  test("a server that boots again has its volume, name and address, and runs no user data", async () => {
    const before = await self(SERVER);
    await labReboot(SERVER);
    await eventually(60, "the tailnet is back", async () => (await address(SERVER)) !== "");
    expect(identityIn(await self(SERVER))).toEqual(identityIn(before));
    expect(await said(SERVER, "findmnt -n -o FSTYPE,LABEL /srv/steppe | tr -s ' '")).toBe("ext4 steppe-data");
    expect((await booted(SERVER)).said).not.toContain("steppe");
  });

  test("a server whose volume is late at a boot starts nothing of the fleet before, and then all", async () => {
    const before = await self(SERVER);
    await detachVolumeAtBoot(SERVER);
    await labReboot(SERVER);
    await new Promise((done) => setTimeout(done, 5000));
    expect(await said(SERVER, "systemctl is-active tailscaled")).not.toBe("active");
    expect(await said(SERVER, "ls -A /srv/steppe")).toBe("");
    await attachVolume(SERVER, lab.volume.path, AWS_VOLUME);
    await eventually(60, "the tailnet is back", async () => (await address(SERVER)) !== "");
    expect(identityIn(await self(SERVER))).toEqual(identityIn(before));
  });

  test("the bundle that follows brings up Nomad on the volume, and leaves the tailnet alone", async () => {
    const before = await said(SERVER, "systemctl show -p MainPID --value tailscaled");
    const { code, stderr } = await deliver(SERVER, serverBundle(lab.fleet, "cloud"), lab.trust);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await said(SERVER, "systemctl show -p MainPID --value tailscaled")).toBe(before);
    expect(await said(SERVER, "findmnt -n -o TARGET --target /srv/steppe/nomad/server/raft/raft.db")).toBe(
      "/srv/steppe",
    );
    await eventually(
      60,
      "the operator's token is known",
      async () => (await nomad("node status")) === "No nodes registered",
    );
  });

  test("user data a second time restarts nothing on a server", async () => {
    const before = await self(SERVER);
    const again = await sh(SERVER, "/var/lib/cloud/instance/scripts/part-001");
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: "" });
    expect(await self(SERVER)).toBe(before);
    expect(await said(SERVER, "findmnt -n -o FSTYPE /srv/steppe | wc -l; grep -c /srv/steppe /etc/fstab")).toBe("1\n1");
    expect(await said(SERVER, "ls /etc/steppe/tailnet.key /run/steppe/incoming/secrets")).toBe("");
  });

  test("machines of a pool fetch their secrets, join as <pool>-<instance> and become nodes", async () => {
    await Promise.all(POOL_MACHINES.map(async (name) => await labReboot(name)));
    for (const name of POOL_MACHINES) {
      const boot = await booted(name);
      expect(boot).toEqual({ result: "success", said: expect.stringContaining(`steppe: client ${name} is up`) });
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
          "unique.platform.aws.instance-id": of(name).values.get("meta-data/instance-id"),
          "platform.aws.placement.availability-zone": "eu-central-1a",
        },
      });
    }
    expect(aws.manager.asked.filter((line) => line === "eu-central-1 boot/client-web 200")).toHaveLength(2);
  });

  test("a task of a plain user is kept from the metadata service, which the machine reaches", async () => {
    expect(await answerTo(ASK_JOB)).toBe("curl ended with 28");
    const ask = "curl --silent --output /dev/null --write-out '%{http_code}' --max-time 3";
    expect(await said(FIRST, `systemd-run --quiet --wait --pipe --slice=steppe.slice ${ask} ${METADATA}/`)).toBe("401");
  });

  test("user data a second time changes nothing on a pool's machine", async () => {
    const before = await self(FIRST);
    const again = await sh(FIRST, "/var/lib/cloud/instance/scripts/part-001");
    expect({ code: again.code, said: again.stdout }).toEqual({ code: 0, said: `steppe: client ${FIRST} is up\n` });
    expect(await self(FIRST)).toBe(before);
    expect(aws.manager.asked.filter((line) => line.includes("client-web"))).toHaveLength(2);
    expect(await isReady(FIRST)).toBe(true);
  });

  test("a job runs, and a rebalance recommendation moves nothing", async () => {
    await admit(SECOND, false);
    await runJob(JOB);
    await eventually(60, "the job runs", async () => (await places()).join() === FIRST);
    await admit(SECOND, true);
    const before = await self(FIRST);
    of(FIRST).values.set(REBALANCE, JSON.stringify({ noticeTime: "2026-11-21T08:00:00Z" }));
    await eventually(30, "the recommendation is logged", async () =>
      (await log(FIRST, "steppe-notices")).includes("AWS recommends to move off this machine"),
    );
    await looks(FIRST, 2);
    expect({ self: await self(FIRST), ready: await isReady(FIRST), places: await places() }).toEqual({
      self: before,
      ready: true,
      places: [FIRST],
    });
  });

  /** Waits until the machine has asked the metadata service this many times more. */
  async function looks(name: string, count: number): Promise<void> {
    const asked = () => of(name).asked.filter((line) => !line.includes("api/token") || line.endsWith("503")).length;
    const wanted = asked() + 3 * count;
    await eventually(60, `${name} asks the metadata service`, async () => await Promise.resolve(asked() >= wanted));
  }

  const notice = JSON.stringify({ action: "terminate", time: "2026-11-21T08:22:00Z" });

  test.each<readonly [said: string, mood: Mood, body: string]>([
    ["talks HTML", "malformed", notice],
    ["fails with HTTP 503", "failing", notice],
    ["answers nothing", "silent", notice],
    ["answers after 8 s", "slow", notice],
    ["breaks off its answers", "cut off", notice],
    ["talks JSON that is cut off", "well", '{"action": "terminate", "time": "2026-'],
    ["talks JSON of another shape", "well", '[{"action": "terminate"}]'],
  ])("a metadata service that %s stops no Nomad", async (_, mood, body) => {
    const before = await self(FIRST);
    of(FIRST).values.set(SPOT, body);
    of(FIRST).mood = mood;
    await looks(FIRST, 1);
    of(FIRST).values.delete(SPOT);
    of(FIRST).mood = "well";
    expect({ self: await self(FIRST), ready: await isReady(FIRST), places: await places() }).toEqual({
      self: before,
      ready: true,
      places: [FIRST],
    });
  });

  test("a spot notice after all that drains the machine: its job runs elsewhere before the machine ends", async () => {
    const began = Date.now();
    of(FIRST).values.set(SPOT, notice);
    await eventually(SPOT_SECONDS, "the job runs elsewhere", async () => (await places()).join() === SECOND);
    await eventually(SPOT_SECONDS, "Nomad has stopped", async () =>
      (await log(FIRST, "steppe-notices")).includes("Nomad has stopped"),
    );
    expect((Date.now() - began) / 1000).toBeLessThan(SPOT_SECONDS);
    expect(await said(FIRST, "systemctl is-active nomad")).toBe("inactive");
    expect(await nodeOf(FIRST)).toMatchObject({ SchedulingEligibility: "ineligible" });
    expect(aws.scaling.calls).toEqual([]);
  });

  test("a pool's machine that boots again keeps name and address, and gets work again", async () => {
    of(FIRST).values.delete(SPOT);
    const before = await address(FIRST);
    await labReboot(FIRST);
    await becomesReady(FIRST, 90);
    expect(await address(FIRST)).toBe(before);
    expect((await nodes()).filter(({ Name }) => Name === FIRST)).toHaveLength(1);
  });

  test("a machine that is scaled in drains, and only then lets go of the lifecycle hook", async () => {
    of(SECOND).values.set(TARGET, "Terminated");
    await eventually(
      SPOT_SECONDS,
      "the hook is completed",
      async () => await Promise.resolve(aws.scaling.calls.length > 0),
    );
    expect(await places()).not.toContain(SECOND);
    await eventually(30, "the job runs elsewhere", async () => (await places()).join() === FIRST);
    expect(await said(SECOND, "systemctl is-active nomad")).toBe("inactive");
    expect(aws.scaling.calls).toEqual([
      expect.objectContaining({
        Action: "CompleteLifecycleAction",
        LifecycleActionResult: "CONTINUE",
        InstanceId: "i-0aaaaaaaaaaaaaaa2",
        AutoScalingGroupName: "boot-web",
        LifecycleHookName: "drain",
      }),
    ]);
  });

  test("an instance that takes a server's place with its volume is that server again", async () => {
    const before = await said(SERVER, "tailscale ip -4; cat /srv/steppe/nomad/server/node-id");
    await labRebuild(SERVER);
    metadata.set(SERVER, await aws.instance(hosts[0] as LabHost, "i-0bbbbbbbbbbbbbbb2", serverData));
    await knowDevices(SERVER);
    await attachVolume(SERVER, lab.volume.path, AWS_VOLUME);
    await labReboot(SERVER);
    expect(await booted(SERVER)).toMatchObject({ result: "success" });
    const { code, stderr } = await deliver(SERVER, serverBundle(lab.fleet, "cloud"), lab.trust);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await said(SERVER, "tailscale ip -4; cat /srv/steppe/nomad/server/node-id")).toBe(before);
    await eventually(60, "the job is known", async () => (await places()).join() === FIRST);
  });
});
