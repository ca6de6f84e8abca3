import { existsSync } from "node:fs";
import { serverBundle } from "../../constructs/machine/bundle";
import { labPaths } from "../../lab/paths";
import { labPowerOff, labReboot, labStart } from "../../lab/power";
import { bootRegion, expectHostKey, log, self } from "../helpers/boot-region";
import { GcpBoot, started } from "../helpers/gcp-boot";
import { FIRST, MANY_JOB, SECOND, SERVER } from "../helpers/gcp-boot-fleet";
import { eventually } from "../helpers/lab";
import { deliver, said } from "../helpers/lab-fleet";
import { attachVolume, GCP_VOLUME } from "../helpers/lab-volume";
import type { Mood } from "../helpers/stand-ins/gcp-metadata";

const PREEMPTED = "instance/preempted";
const MAINTENANCE = "instance/maintenance-event";
/** What Google gives a spot machine between the notice and its end, seconds. */
const SPOT_SECONDS = 30;

const { runJob, nodeOf, becomesReady, admit, isReady, places } = bootRegion(SERVER);
const possible = process.getuid?.() === 0 && !existsSync(labPaths().run);
const suite = possible ? describe : describe.skip;

suite("machines of Google Cloud that are to go (needs root and no lab running)", () => {
  jest.setTimeout(300_000);
  let boot: GcpBoot;
  const set = (host: string, path: string, value: string) => boot.of(host).values.set(path, value);

  beforeAll(async () => {
    boot = await GcpBoot.start();
    await expectHostKey(boot.lab.spec, SERVER, boot.lab.trust);
    await attachVolume(SERVER, boot.lab.volume.path, GCP_VOLUME);
    await labReboot(SERVER);
    await started(SERVER);
    await deliver(SERVER, serverBundle(boot.lab.fleet, "cloud"), boot.lab.trust);
    await Promise.all([FIRST, SECOND].map(async (name) => await labReboot(name)));
    for (const name of [FIRST, SECOND]) await becomesReady(name, 120);
  });
  afterAll(async () => {
    await boot.stop();
  });

  /** What must stay as it is where nothing is to be done. */
  const standing = async (host: string) => ({
    self: await self(host),
    ready: await isReady(host),
    places: (await places()).sort(),
  });

  /** Waits until a host has looked at its host's maintenance, the last that it asks, this many times more. */
  async function looks(host: string, count: number): Promise<void> {
    const asked = () => boot.of(host).asked.filter((line) => line.startsWith(MAINTENANCE)).length;
    const wanted = asked() + count;
    await eventually(90, `${host} asks its metadata server`, async () => await Promise.resolve(asked() >= wanted));
  }

  /** Waits until all of the job runs on one machine. @returns how long that took, seconds. */
  async function movesTo(host: string, began: number): Promise<number> {
    await eventually(60, `the job runs on ${host}`, async () => {
      const where = await places();
      return where.length === 3 && where.every((name) => name === host);
    });
    return (Date.now() - began) / 1000;
  }

  /** Waits until the watch of a host has stopped Nomad. @returns how long that took, seconds. */
  async function stops(host: string, began: number): Promise<number> {
    await eventually(60, `Nomad has stopped on ${host}`, async () =>
      (await log(host, "steppe-notices")).includes("Nomad has stopped"),
    );
    return (Date.now() - began) / 1000;
  }

  test("a job of three runs on the first", async () => {
    await admit(SECOND, false);
    await runJob(MANY_JOB);
    expect(await movesTo(FIRST, Date.now())).toBeLessThan(60);
    await admit(SECOND, true);
  });

  test.each<readonly [said: string, mood: Mood]>([
    ["talks HTML", "malformed"],
    ["fails with HTTP 503", "failing"],
    ["answers nothing", "silent"],
    ["answers after 16 s", "slow"],
    ["breaks off its answers", "cut off"],
    ["does not say that it is Google's", "somebody else"],
  ])("a metadata server that %s stops no Nomad", async (_, mood) => {
    const before = await standing(FIRST);
    boot.of(FIRST).mood = mood;
    // What was asked before is answered well.
    await new Promise((done) => setTimeout(done, 200));
    set(FIRST, PREEMPTED, "TRUE");
    set(FIRST, MAINTENANCE, "TERMINATE_ON_HOST_MAINTENANCE");
    await looks(FIRST, 2);
    set(FIRST, PREEMPTED, "FALSE");
    set(FIRST, MAINTENANCE, "NONE");
    boot.of(FIRST).mood = "well";
    await looks(FIRST, 1);
    expect(await standing(FIRST)).toEqual(before);
  });

  test.each([
    ["words that Google does not document", PREEMPTED, "true"],
    ["words that Google does not document", MAINTENANCE, "TERMINATE"],
    ["that the machine moves to another host", MAINTENANCE, "MIGRATE_ON_HOST_MAINTENANCE"],
  ])("%s stop no Nomad: %s %s", async (_, path, value) => {
    const [before, usual] = [await standing(FIRST), boot.of(FIRST).values.get(path) ?? ""];
    set(FIRST, path, value);
    await looks(FIRST, 2);
    set(FIRST, path, usual);
    expect(await standing(FIRST)).toEqual(before);
  });

  test("preemption drains the machine: all of its job runs elsewhere, and Nomad has stopped, in the time there is", async () => {
    const began = Date.now();
    set(FIRST, PREEMPTED, "TRUE");
    const seconds = await Promise.all([movesTo(SECOND, began), stops(FIRST, began)]);
    expect(Math.max(...seconds)).toBeLessThan(SPOT_SECONDS - 2);
    expect(await said(FIRST, "systemctl is-active nomad")).toBe("inactive");
    expect(await nodeOf(FIRST)).toMatchObject({ SchedulingEligibility: "ineligible" });
  });

  test("the machine that takes its place gets work again", async () => {
    await labPowerOff(FIRST, { hard: true });
    set(FIRST, PREEMPTED, "FALSE");
    await labStart(FIRST);
    expect(await started(FIRST)).toContain("startup-script: exit status 0");
    await becomesReady(FIRST, 90);
  });

  test("maintenance that ends the machine drains it; called off, Nomad starts again and gets work", async () => {
    const began = Date.now();
    set(SECOND, MAINTENANCE, "TERMINATE_ON_HOST_MAINTENANCE");
    await Promise.all([movesTo(FIRST, began), stops(SECOND, began)]);
    expect(await said(SECOND, "systemctl is-active nomad")).toBe("inactive");
    set(SECOND, MAINTENANCE, "NONE");
    await becomesReady(SECOND);
    expect(await log(SECOND, "steppe-notices")).toContain("the host's maintenance is over: starting Nomad");
  });

  test("the ACPI signal alone drains the machine before it is off, in the time there is", async () => {
    const began = Date.now();
    await Promise.all([labPowerOff(FIRST), movesTo(SECOND, began)]);
    expect((Date.now() - began) / 1000).toBeLessThan(SPOT_SECONDS - 2);
    await labStart(FIRST);
    await becomesReady(FIRST, 90);
  });

  test("preemption as Google does it, with both at once, drains the machine before it is off", async () => {
    const began = Date.now();
    set(SECOND, PREEMPTED, "TRUE");
    await Promise.all([labPowerOff(SECOND), movesTo(FIRST, began)]);
    expect((Date.now() - began) / 1000).toBeLessThan(SPOT_SECONDS - 2);
  });
});
