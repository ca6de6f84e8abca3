import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { programOf } from "../../cli/main";
import { parseYaml } from "../helpers/yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: unknown;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const github = join(__dirname, "../../.github");
const texts = new Map(
  readdirSync(join(github, "workflows")).map((file) => [file, readFileSync(join(github, "workflows", file), "utf8")]),
);
const action = readFileSync(join(github, "actions/reach-fleet/action.yml"), "utf8");
const workflows = [...texts].map(([file, text]) => [file, parseYaml(text) as Workflow] as const);
const actionSteps = (parseYaml(action) as { readonly runs: { readonly steps: readonly Step[] } }).runs.steps;
const jobs = workflows.flatMap(([file, workflow]) =>
  Object.entries(workflow.jobs).map(([name, job]) => [`${file}: ${name}`, job, workflow] as const),
);
const steps = [...jobs.flatMap(([, job]) => job.steps), ...actionSteps];
const stepsOfRun = steps.flatMap(({ run }) => run ?? []);

/** Runs code of anybody: workflows of these events check out the pull request unless told otherwise. */
const isOfPullRequest = ({ on }: Workflow): boolean => "pull_request" in on;
const checksOut = (job: Job): readonly Step[] => job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));

describe("workflows", () => {
  test("pin every action of others by commit, and say its version", () => {
    const lines = [...texts.values(), action].flatMap((text) => text.match(/^.*\buses:.*$/gm) ?? []);
    expect(lines.length).toBeGreaterThan(15);
    for (const line of lines)
      expect(line).toMatch(/uses: (\.\/\.github\/actions\/[\w-]+|[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
  });

  test("name one version of an action", () => {
    const used = new Map<string, Set<string>>();
    for (const { uses = "" } of steps) {
      const [name = "", commit = ""] = uses.split("@");
      used.set(name, (used.get(name) ?? new Set()).add(commit));
    }
    expect([...used].filter(([, commits]) => commits.size > 1)).toEqual([]);
  });

  test("give no permission but to a job that names it", () => {
    for (const [, workflow] of workflows) expect(workflow.permissions).toEqual({});
    for (const [, job] of jobs) expect(job.permissions).toBeDefined();
  });

  test("never trigger on pull_request_target", () => {
    expect(workflows.filter(([, { on }]) => "pull_request_target" in on)).toEqual([]);
  });

  test("leave nothing worth stealing in a job that runs code of a pull request", () => {
    const exposed = jobs.filter(([, , workflow]) => isOfPullRequest(workflow));
    expect(exposed.map(([name]) => name).sort()).toEqual(["check.yml: check", "synth.yml: synth"]);
    for (const [, job] of exposed) {
      expect(job.permissions).toEqual({ contents: "read" });
      expect(job.environment).toBeUndefined();
      expect(JSON.stringify(job)).not.toMatch(/secrets\.|github\.token|GITHUB_TOKEN|id-token|reach-fleet|cache/);
    }
  });

  test("check out the base alone where there is a credential, and keep no token in any checkout", () => {
    for (const [, job, workflow] of jobs)
      for (const { with: settings } of checksOut(job)) {
        expect(settings?.["persist-credentials"]).toBe("false");
        expect(settings?.["repository"]).toBeUndefined();
        expect(isOfPullRequest(workflow) ? undefined : settings?.["ref"]).toBeUndefined();
      }
    expect(stepsOfRun.filter((run) => /gh pr checkout|git (fetch|checkout|switch|pull|merge)\b/.test(run))).toEqual([]);
  });

  test("reach the fleet in a protected environment only, after the gate", () => {
    const reaching = jobs.filter(([, job]) => job.steps.some(({ uses }) => uses?.endsWith("/reach-fleet") === true));
    expect(reaching.length).toBeGreaterThan(1);
    for (const [, job] of reaching) expect(job.environment).toBeDefined();
    for (const [, job] of jobs.filter(([, { permissions }]) => permissions?.["id-token"] === "write"))
      expect(job.environment).toBeDefined();
    const review = jobs.find(([name]) => name === "review.yml: review")?.[1].steps ?? [];
    const gate = review.findIndex(({ run }) => run?.includes("./steppe review gate") === true);
    const credentials = review.findIndex((step) => /secrets\.|reach-fleet/.test(JSON.stringify(step)));
    expect(gate).toBeGreaterThan(0);
    expect(credentials).toBeGreaterThan(gate);
  });

  test("write to a pull request only from a job without code and without the fleet's credentials", () => {
    const writing = jobs.filter(([, { permissions }]) => permissions?.["pull-requests"] === "write");
    expect(writing.map(([name]) => name)).toEqual(["review.yml: say"]);
    for (const [, job] of writing) {
      expect(checksOut(job)).toEqual([]);
      expect(JSON.stringify(job)).not.toMatch(/secrets\.|id-token|npm /);
    }
  });

  test("put no expression into a script", () => {
    expect(stepsOfRun.length).toBeGreaterThan(10);
    expect(stepsOfRun.filter((run) => run.includes("${{"))).toEqual([]);
  });

  test("hold an expression that a pull request can choose out of everything but names", () => {
    const chosen = /github\.(head_ref|event\.[\w.]*\.(title|body|message|ref|label|email|name))\b/;
    expect(
      [...texts.values()].flatMap((text) => text.match(/\$\{\{[^}]*\}\}/g) ?? []).filter((one) => chosen.test(one)),
    ).toEqual([]);
  });

  test("call the command line with commands and options that it has", () => {
    const calls = stepsOfRun.flatMap((run) => run.replace(/\\\n/g, " ").match(/\.\/steppe [^\n|;&]*/g) ?? []);
    expect(calls.length).toBeGreaterThan(3);
    const cli = { output: { out: String, err: String, terminal: false }, env: {}, project: ".", exitWith: Number };
    for (const call of calls) {
      const words = call.split(/\s+/).slice(1);
      let command = programOf(cli, words);
      for (let next = command.commands.find((one) => one.name() === words[0]); next !== undefined;) {
        command = next;
        words.shift();
        next = command.commands.find((one) => one.name() === words[0]);
      }
      const known = command.options.map(({ long }) => long);
      expect(known).toEqual(expect.arrayContaining(words.filter((word) => word.startsWith("--"))));
    }
  });
});
