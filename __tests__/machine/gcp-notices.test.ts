import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { paths } from "../../constructs/machine/paths";
import { GCP_LIBRARY, gcp } from "../../constructs/machine/shell/gcp";
import { gcpNotices } from "../../constructs/machine/shell/gcp-notices";
import { ended, type Ended, ScriptHome } from "../helpers/machine-script";
import { type GcpMetadata, gcpMetadata } from "../helpers/stand-ins/gcp-metadata";
import { describeWithTool } from "../helpers/tools";

const PREEMPTED = "instance/preempted";
const MAINTENANCE = "instance/maintenance-event";

describeWithTool("curl", "notices of Google Cloud", () => {
  let home: ScriptHome;
  let metadata: GcpMetadata;
  let watcher: ChildProcess;
  let end: Promise<Ended>;

  beforeEach(async () => {
    home = new ScriptHome();
    home.put(GCP_LIBRARY, gcp);
    home.put(`${paths.library}/notices`, gcpNotices);
    mkdirSync(home.path(paths.runtime), { recursive: true });
    home.program("systemctl", `echo "$*" >>${home.path("systemctl.log")}`);
    metadata = await gcpMetadata();
    watch();
  });
  afterEach(async () => {
    watcher.kill();
    await end;
    await metadata.stop();
    home.remove();
  });

  function watch(more: Readonly<Record<string, string>> = {}): void {
    watcher = home.start(`${paths.library}/notices`, [], {
      GCE_METADATA_HOST: new URL(metadata.url).host,
      STEPPE_NOTICES_SECONDS: "0.1",
      STEPPE_WAIT_SECONDS: "1",
      ...more,
    });
    end = ended(watcher);
  }
  const told = () =>
    existsSync(home.path("systemctl.log")) ? readFileSync(home.path("systemctl.log"), "utf8").trim().split("\n") : [];
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  /** Waits until the script has looked this many times more at the host's maintenance: the last that it asks. */
  async function looks(count: number): Promise<void> {
    const asked = () => metadata.asked.filter((line) => line.startsWith(MAINTENANCE)).length;
    const wanted = asked() + count;
    await until(() => asked() >= wanted);
  }
  async function log(): Promise<string> {
    watcher.kill();
    const { stdout, stderr } = await end;
    return stdout + stderr;
  }

  test("do nothing on a machine that nobody takes, and wait instead of asking again and again", async () => {
    const begun = Date.now();
    await looks(4);
    expect(Date.now() - begun).toBeGreaterThan(2000);
    expect(told()).toEqual([]);
    expect(await log()).toBe("");
  });

  test("stop Nomad once, and at once, when Google Cloud takes a spot machine back", async () => {
    watcher.kill();
    await end;
    watch({ STEPPE_WAIT_SECONDS: "60" });
    await looks(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const begun = Date.now();
    metadata.values.set(PREEMPTED, "TRUE");
    await until(() => told().length > 0);
    expect(Date.now() - begun).toBeLessThan(5000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(told()).toEqual(["stop nomad.service"]);
    expect(await log()).toContain("Google Cloud takes this spot machine back: stopping Nomad");
  });

  test("see a machine that was taken back before they began", async () => {
    metadata.values.set(PREEMPTED, "TRUE");
    await until(() => told().length > 0);
    await looks(2);
    expect(told()).toEqual(["stop nomad.service"]);
  });

  test("stop Nomad for maintenance that ends the machine, and start it when that was called off", async () => {
    metadata.values.set(MAINTENANCE, "TERMINATE_ON_HOST_MAINTENANCE");
    await looks(3);
    expect(told()).toEqual(["stop nomad.service"]);
    metadata.values.set(MAINTENANCE, "NONE");
    await looks(3);
    expect(told()).toEqual(["stop nomad.service", "start --no-block nomad.service"]);
    metadata.values.set(MAINTENANCE, "TERMINATE_ON_HOST_MAINTENANCE");
    await looks(2);
    expect(told()).toHaveLength(3);
  });

  test("start Nomad after maintenance though they were started anew meanwhile", async () => {
    metadata.values.set(MAINTENANCE, "TERMINATE_ON_HOST_MAINTENANCE");
    await until(() => told().length > 0);
    await looks(1);
    watcher.kill();
    await end;
    metadata.values.set(MAINTENANCE, "NONE");
    watch();
    await looks(2);
    expect(told()).toEqual(["stop nomad.service", "start --no-block nomad.service"]);
  });

  test("do not start Nomad on a machine that is taken back, whatever becomes of the maintenance", async () => {
    metadata.values.set(MAINTENANCE, "TERMINATE_ON_HOST_MAINTENANCE");
    await until(() => told().length > 0);
    metadata.values.set(PREEMPTED, "TRUE");
    await looks(2);
    metadata.values.set(MAINTENANCE, "NONE");
    await looks(2);
    expect(told()).toEqual(["stop nomad.service"]);
  });

  test("only log that a machine is moved, once for each time", async () => {
    metadata.values.set(MAINTENANCE, "MIGRATE_ON_HOST_MAINTENANCE");
    await looks(3);
    metadata.values.set(MAINTENANCE, "NONE");
    await looks(2);
    metadata.values.set(MAINTENANCE, "MIGRATE_ON_HOST_MAINTENANCE");
    await looks(2);
    expect(told()).toEqual([]);
    expect((await log()).match(/moves this machine to another host; going on/g)).toHaveLength(2);
  });

  test("try again when systemd could not stop Nomad", async () => {
    home.program("systemctl", `echo "$*" >>${home.path("systemctl.log")}; [ -e ${home.path("well")} ]`);
    metadata.values.set(PREEMPTED, "TRUE");
    await until(() => told().length >= 2);
    home.put("well", "");
    await looks(2);
    const before = told().length;
    await looks(2);
    expect(told()).toHaveLength(before);
  });

  test.each(["malformed", "failing", "somebody else", "cut off"] as const)(
    "do no harm with a metadata server in the mood: %s, and say so once",
    async (mood) => {
      metadata.mood = mood;
      await until(() => metadata.asked.length >= 8);
      expect(told()).toEqual([]);
      metadata.mood = "well";
      await looks(2);
      expect(told()).toEqual([]);
      expect(await log()).toMatch(/^steppe notices: the metadata server.*; nothing is done.*\n$/);
    },
  );

  test("take an answer that is cut off for none", async () => {
    metadata.mood = "cut off";
    metadata.values.set(PREEMPTED, "TRUE").set(MAINTENANCE, "TERMINATE_ON_HOST_MAINTENANCE");
    const cut = metadata.asked.length + 4;
    await until(() => metadata.asked.length >= cut);
    expect(told()).toEqual([]);
  });

  test("do no harm where nobody answers, and stop Nomad when the answers come back", async () => {
    metadata.mood = "silent";
    await new Promise((resolve) => setTimeout(resolve, 8000));
    expect(told()).toEqual([]);
    expect(metadata.asked.length).toBeLessThan(20);
    metadata.mood = "well";
    metadata.values.set(PREEMPTED, "TRUE");
    await until(() => told().length > 0);
    expect(told()).toEqual(["stop nomad.service"]);
  });

  test.each(["true", "TRUE\nTRUE", " TRUE", "1", "<p>TRUE</p>", ""])("take %j for no preemption", async (body) => {
    metadata.values.set(PREEMPTED, body);
    await looks(2);
    expect(told()).toEqual([]);
  });

  test.each(["TERMINATE", "terminate_on_host_maintenance", "NONE\nTERMINATE_ON_HOST_MAINTENANCE"])(
    "take %j for no maintenance",
    async (body) => {
      metadata.values.set(MAINTENANCE, body);
      await looks(2);
      expect(told()).toEqual([]);
    },
  );
});
