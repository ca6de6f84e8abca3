import { writeFileSync } from "node:fs";
import { renderJob } from "../../constructs/jobspec/render";
import type { Job } from "../../constructs/jobspec/job";
import { paths } from "../../constructs/machine/paths";
import { setup } from "../../constructs/machine/shell/setup";
import { setupTemplate } from "../../constructs/nomad/setup/setup-template";
import { ended, ScriptHome } from "../helpers/machine-script";
import { type NomadAgents, startNomad } from "../helpers/nomad-agents";
import { waitFor } from "../helpers/nomad-process";
import { scriptJob } from "../helpers/setup-jobs";
import { describeWithTool } from "../helpers/tools";

jest.setTimeout(120_000);

const SETUP = `${paths.library}/setup`;

interface Run {
  readonly ID: string;
  readonly ParentID: string;
  readonly Status: string;
}

describeWithTool("nomad", "the set-up script, by a real Nomad", (program) => {
  const home = new ScriptHome();
  let nomad: NomadAgents;

  beforeAll(async () => {
    nomad = await startNomad({ clients: [{ name: "one" }] });
    home.put(
      `${paths.library}/nomad-local`,
      `#!/bin/sh\nexport NOMAD_ADDR=${nomad.address}\nexec ${program} "$@" </dev/null\n`,
    );
    home.put(SETUP, setup);
  });
  afterAll(async () => {
    await nomad.stop();
    home.remove();
  });

  /** Registers a set-up and begins a run of it. */
  async function start(job: Job, seconds: number, inputs: readonly string[] = []) {
    const { job: template, hash, allocations } = setupTemplate(job, inputs);
    await nomad.post("/v1/jobs", { Job: renderJob(template) });
    return home.start(SETUP, [String(seconds), "default", job.id, hash, String(allocations)], {});
  }
  const runOf = async (job: Job, seconds: number) => await ended(await start(job, seconds));
  const runs = async (job: string) =>
    ((await nomad.get("/v1/jobs")) as readonly Run[]).filter(({ ParentID }) => ParentID === job);
  const atWork = async (job: string) =>
    await waitFor(20, `a run of ${job} is at work`, async () => {
      const [run] = (await runs(job)).filter(({ Status }) => Status === "running");
      return run;
    });

  test("returns when the run has succeeded, and each call is a run", async () => {
    const job = scriptJob("good", "echo ready");
    const { status, stdout, stderr } = await runOf(job, 30);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(
      /^steppe setup: waiting up to 30 s for (good\/dispatch-\S+)\nsteppe setup: \1 has succeeded, after \d+ s\n$/,
    );
    await runOf(job, 30);
    expect(await runs("good")).toHaveLength(2);
  });

  test("says which allocation failed, of which task, how, and what it said last", async () => {
    const script =
      'i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo "line $i" >&2; done; printf "\\033[31mno database shop\\033[0m\\n" >&2; exit 3';
    const { status, stderr } = await runOf(scriptJob("bad", script), 30);
    expect(status).toBe(1);
    expect(stderr.replace(/dispatch-\d+-[0-9a-f]+/g, "RUN").replace(/\b[0-9a-f]{8}(-[0-9a-f-]{27})?\b/g, "ID")).toBe(
      [
        "steppe setup: set-up bad has failed (bad/RUN)",
        "  allocation ID (work) on one: failed, Failed tasks",
        "  task script: Exit Code: 3",
        "  the last of its stderr:",
        ...[14, 15, 16, 17, 18, 19, 20].map((line) => `    line ${line}`),
        "    [31mno database shop[0m",
        "  all of it: nomad alloc logs -namespace default -stderr -task script ID",
        "  nothing that comes after it was changed; mend the cause and apply again, and the set-up runs anew",
        "",
      ].join("\n"),
    );
  });

  test("counts every allocation: one that failed is a set-up that failed", async () => {
    const job = scriptJob("parts", '[ "$NOMAD_ALLOC_INDEX" = 0 ]');
    const two = {
      ...job,
      groups: { work: { ...job.groups["work"], tasks: job.groups["work"]?.tasks ?? {}, count: 2 } },
    };
    const { status, stderr } = await runOf(two, 30);
    expect(status).toBe(1);
    expect(stderr).toContain("task script: Exit Code: 1");
  });

  test("is content with a run whose allocation failed once and was placed again", async () => {
    const marker = home.path("/tried");
    const job = scriptJob("again", `[ -e ${marker} ] || { touch ${marker}; exit 1; }`);
    const { work } = job.groups;
    const retried = {
      ...work,
      tasks: work?.tasks ?? {},
      reschedule: { attempts: 1, delay: "5s", interval: "1h", unlimited: false },
    } as const;
    expect(await runOf({ ...job, groups: { work: retried } }, 60)).toMatchObject({ status: 0 });
  });

  test("stops a run that takes too long, and says where it was", async () => {
    const { status, stderr } = await runOf(scriptJob("slow", "sleep 600"), 4);
    expect(status).toBe(1);
    expect(stderr).toContain("set-up slow has not ended after 4 s, and is stopped (slow/dispatch-");
    expect(stderr).toContain(
      "task script, running: Task received by client, Building Task Directory, Task started by client",
    );
    expect((await runs("slow")).map(({ Status }) => Status)).toEqual(["dead"]);
  });

  test("says why a run has no place", async () => {
    const job = scriptJob("nowhere", "true", { constraints: [{ attribute: "${attr.kernel.name}", value: "plan9" }] });
    const { status, stderr } = await runOf(job, 4);
    expect(status).toBe(1);
    expect(stderr).toContain('Constraint "${attr.kernel.name} = plan9": 1 nodes excluded by filter');
  });

  test("says what a task waits for", async () => {
    const job = scriptJob("waits", "true");
    const { work } = job.groups;
    const template = { destination: "local/a", data: '{{ with nomadVar "nomad/jobs/waits" }}{{ .a }}{{ end }}\n' };
    const script = { ...work?.tasks["script"], templates: [template] } as NonNullable<typeof work>["tasks"][string];
    const { status, stderr } = await runOf({ ...job, groups: { work: { ...work, tasks: { script } } } }, 8);
    expect(status).toBe(1);
    expect(stderr).toContain("Missing: nomad.var.block(nomad/jobs/waits@default.global)");
  });

  test("waits for a run of the same set-up that is at work", async () => {
    const go = home.path("/go");
    const job = scriptJob("joined", `while [ ! -e ${go} ]; do sleep 0.2; done`);
    const first = await start(job, 60);
    await atWork("joined");
    first.kill();
    const second = await start(job, 60);
    const result = ended(second);
    writeFileSync(go, "");
    expect(await result).toMatchObject({ status: 0, stdout: expect.stringContaining("is at work already") as string });
    expect(await runs("joined")).toHaveLength(1);
  });

  test("stops a run of an earlier set-up before its own begins", async () => {
    const first = await start(scriptJob("changed", "sleep 600"), 60);
    const { ID } = await atWork("changed");
    first.kill();
    const { status, stdout } = await runOf(scriptJob("changed", "true"), 30);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringContaining(`stopping ${ID}, a run of an earlier set-up`) as string,
    });
    expect((await runs("changed")).map(({ Status }) => Status)).toEqual(["dead", "dead"]);
  });

  test("runs nothing where it cannot know what is at work, or the job is not there", async () => {
    const { status, stderr } = await home.run(SETUP, ["5", "default", "unknown", "0", "1"], {});
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining("Nomad did not dispatch unknown") as string,
    });
    home.put("/elsewhere/setup", setup.replace("nomad_local=", "nomad_local=false #"));
    const blind = await home.run("/elsewhere/setup", ["5", "default", "good", "0", "1"], {});
    expect(blind).toMatchObject({ status: 1, stderr: expect.stringContaining("nothing was run") as string });
  });
});
