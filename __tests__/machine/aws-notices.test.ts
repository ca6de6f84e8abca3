import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { paths } from "../../constructs/machine/paths";
import { AWS_LIBRARY, aws } from "../../constructs/machine/shell/aws";
import { awsNotices } from "../../constructs/machine/shell/aws-notices";
import { ended, type Ended, ScriptHome } from "../helpers/machine-script";
import { type AwsAutoScaling, awsAutoScaling } from "../helpers/stand-ins/aws-auto-scaling";
import { type AwsMetadata, awsMetadata } from "../helpers/stand-ins/aws-metadata";
import { describeWithTool } from "../helpers/tools";

const SPOT = "meta-data/spot/instance-action";
const REBALANCE = "meta-data/events/recommendations/rebalance";
const TARGET = "meta-data/autoscaling/target-lifecycle-state";
const takenBack = JSON.stringify({ action: "terminate", time: "2026-11-21T08:22:00Z" });

describeWithTool("curl", "notices of AWS", () => {
  let home: ScriptHome;
  let metadata: AwsMetadata;
  let scaling: AwsAutoScaling;
  let watcher: ChildProcess;
  let end: Promise<Ended>;

  beforeEach(async () => {
    home = new ScriptHome();
    home.put(AWS_LIBRARY, aws);
    home.put(`${paths.library}/notices`, awsNotices);
    home.program("systemctl", `echo "$*" >>${home.path("systemctl.log")}`);
    [metadata, scaling] = await Promise.all([awsMetadata(), awsAutoScaling("eu-central-1")]);
    metadata.values.set(TARGET, "InService");
    watcher = home.start(`${paths.library}/notices`, ["eu-central-1", "small-gpu", "steppe-drain"], {
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
      AWS_ENDPOINT_URL_AUTO_SCALING: scaling.url,
      STEPPE_NOTICES_SECONDS: "0.1",
      STEPPE_HEARTBEAT_SECONDS: "1",
    });
    end = ended(watcher);
  });
  afterEach(async () => {
    watcher.kill();
    await end;
    await Promise.all([metadata.stop(), scaling.stop()]);
    home.remove();
  });

  const stops = () =>
    existsSync(home.path("systemctl.log")) ? readFileSync(home.path("systemctl.log"), "utf8").trim().split("\n") : [];
  /** Waits until the script has looked this many times more at what the scaling group wants: the last that it asks. */
  async function looks(count: number): Promise<void> {
    const asked = () => metadata.asked.filter((line) => line.includes(TARGET) || line.endsWith("503")).length;
    const wanted = asked() + count;
    while (asked() < wanted) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  async function log(): Promise<string> {
    watcher.kill();
    const { stdout, stderr } = await end;
    return stdout + stderr;
  }

  test("do nothing on a machine that nobody takes", async () => {
    await looks(3);
    expect(stops()).toEqual([]);
    expect(await log()).toBe("");
  });

  test("stop Nomad once when AWS takes a spot machine back", async () => {
    metadata.values.set(SPOT, takenBack);
    await looks(4);
    expect(stops()).toEqual(["stop nomad.service"]);
    expect(await log()).toContain("AWS takes this spot machine back (terminate): stopping Nomad");
    expect(scaling.calls).toEqual([]);
  });

  test("only log a rebalance recommendation, once for each", async () => {
    metadata.values.set(REBALANCE, JSON.stringify({ noticeTime: "2026-11-21T08:00:00Z" }));
    await looks(3);
    metadata.values.set(REBALANCE, JSON.stringify({ noticeTime: "2026-11-21T09:00:00Z" }));
    await looks(3);
    expect(stops()).toEqual([]);
    expect((await log()).match(/recommends to move off this machine since \S+/g)).toEqual([
      "recommends to move off this machine since 2026-11-21T08:00:00Z;",
      "recommends to move off this machine since 2026-11-21T09:00:00Z;",
    ]);
  });

  test("stop Nomad when the machine is scaled in, and let it go afterwards", async () => {
    home.program("systemctl", `sleep 0.5\necho "$*" >>${home.path("systemctl.log")}`);
    metadata.values.set(TARGET, "Terminated");
    // A drain over the turn of a second may have had a heartbeat.
    const ends = () => scaling.calls.filter(({ Action }) => Action === "CompleteLifecycleAction");
    await until(() => stops().length > 0);
    expect(ends()).toEqual([]);
    await until(() => ends().length > 0);
    await looks(3);
    expect(stops()).toEqual(["stop nomad.service"]);
    expect(ends()).toEqual([
      {
        Action: "CompleteLifecycleAction",
        Version: "2011-01-01",
        LifecycleActionResult: "CONTINUE",
        InstanceId: "i-0123456789abcdef0",
        AutoScalingGroupName: "small-gpu",
        LifecycleHookName: "steppe-drain",
      },
    ]);
  });

  const drain = (seconds: number) =>
    home.program("systemctl", `sleep ${seconds}\necho "$*" >>${home.path("systemctl.log")}`);
  const actions = () => scaling.calls.map(({ Action }) => Action);

  test("let the scaling group wait while Nomad drains, and no longer", async () => {
    drain(4);
    metadata.values.set(TARGET, "Terminated");
    await until(() => actions().includes("CompleteLifecycleAction"));
    const told = actions();
    expect(told.slice(0, -1).length).toBeGreaterThanOrEqual(2);
    expect(new Set(told.slice(0, -1))).toEqual(new Set(["RecordLifecycleActionHeartbeat"]));
    expect(scaling.calls[0]).toEqual({
      Action: "RecordLifecycleActionHeartbeat",
      Version: "2011-01-01",
      InstanceId: "i-0123456789abcdef0",
      AutoScalingGroupName: "small-gpu",
      LifecycleHookName: "steppe-drain",
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(actions()).toEqual(told);
  }, 20_000);

  test("drain on where the group does not take heartbeats", async () => {
    scaling.forbidden = true;
    drain(3);
    metadata.values.set(TARGET, "Terminated");
    await until(() => stops().length > 0);
    expect(actions()).toContain("RecordLifecycleActionHeartbeat");
    expect(await log()).toContain("could not tell small-gpu to wait for the drain: HTTP 403 AccessDenied");
  }, 20_000);

  test("send no heartbeats for a spot machine, for which nobody waits", async () => {
    drain(2.5);
    metadata.values.set(SPOT, takenBack);
    await until(() => stops().length > 0);
    expect(actions()).toEqual([]);
  }, 20_000);

  test("leave the machine to the hook's time-out where the role may not let it go", async () => {
    scaling.forbidden = true;
    metadata.values.set(TARGET, "Terminated");
    await until(() => scaling.calls.length === 3);
    await looks(3);
    expect(scaling.calls).toHaveLength(3);
    expect(stops()).toEqual(["stop nomad.service"]);
    expect(await log()).toContain("could not tell small-gpu that this machine may end: HTTP 403 AccessDenied");
  });

  test("try again when systemd could not stop Nomad", async () => {
    home.program("systemctl", `echo "$*" >>${home.path("systemctl.log")}; [ -e ${home.path("well")} ]`);
    metadata.values.set(SPOT, takenBack);
    await until(() => stops().length >= 2);
    home.put("well", "");
    await looks(2);
    const before = stops().length;
    await looks(3);
    expect(stops()).toHaveLength(before);
  });

  test.each(["malformed", "failing", "no token"] as const)(
    "do no harm with a metadata service in the mood: %s, and say so once",
    async (mood) => {
      metadata.mood = mood;
      await until(() => metadata.asked.length >= 12);
      expect(stops()).toEqual([]);
      metadata.mood = "well";
      await looks(3);
      expect(stops()).toEqual([]);
      const said = await log();
      expect(said.match(/\n/g)?.length).toBe(1);
      expect(said).toMatch(/^steppe notices: the metadata service.*; nothing is done/);
    },
    20_000,
  );

  test("do no harm where nobody answers, and stop Nomad when the answers come back", async () => {
    metadata.mood = "silent";
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect(stops()).toEqual([]);
    expect(metadata.asked.length).toBeLessThan(20);
    metadata.mood = "well";
    metadata.values.set(SPOT, takenBack);
    await until(() => stops().length > 0);
    expect(stops()).toEqual(["stop nomad.service"]);
  }, 30_000);

  test("take an answer that is cut off for none", async () => {
    metadata.values.set(SPOT, takenBack).set(TARGET, "Terminated");
    metadata.mood = "cut off";
    await until(() => metadata.asked.filter((line) => line.endsWith("cut")).length >= 6);
    expect(stops()).toEqual([]);
  });

  test.each([
    '{"action":"reboot"}',
    '{"time":"terminate"}',
    "terminate",
    '{"action":["terminate"]}',
    '[{"action":"terminate"}]',
    '{"action":"terminate","time":"2026-',
    '<p>{"action":"terminate"}</p>',
  ])("take %s for no notice", async (body) => {
    metadata.values.set(SPOT, body);
    await looks(3);
    expect(stops()).toEqual([]);
  });

  test.each(["Terminated:Wait", "terminated", "Standby", "Warmed:Terminated"])(
    "take the lifecycle state %s for no end",
    async (state) => {
      metadata.values.set(TARGET, state);
      await looks(3);
      expect(stops()).toEqual([]);
    },
  );
});
