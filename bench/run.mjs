// npm run bench: what synthesis costs, against the goals. Compares processes by CPU time, run in turn.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { bundle, SHORT_RUN } from "../scripts/bundle.mjs";
import { measureReview, reviewGoals, reviewLines } from "./review.mjs";

const HELP = `usage: npm run bench -- [--rounds <n>] [--jobs <n,n>] [--json]

Measures what synthesis costs, in processes that run in turn (A B A B ...): medians, and medians of the ratios of a round.

  start-up   the program of the lab fleet against a bare require("cdktf")
  growth     a generated fleet of 10 regions, 50 pools and 100, 1000, 5000 jobs against the floor: a plain Node program
             that builds the same objects and writes the same bytes with JSON.stringify (bench/floor.ts)

  jobs       rendering and rules per job, over 5000 copies of the jobs of examples/ in one process

  review     two syntheses of 1000 jobs, all of them changed, and the review

  reach      100,000 questions to a policy of 1000 rules, and the difference of two

  --rounds <n>  rounds of each comparison (default 7; fewer with 5000 jobs)
  --jobs <n,n>  sizes of the generated fleet (default 100,1000,5000); multiples of 10
  --json        print the figures as JSON
  --help        print this

Goals are shown as met or missed; neither fails. It fails when a program fails or the two write different files.
`;

const root = resolve(fileURLToPath(import.meta.url), "../..");
const goals = {
  startUp: 2,
  bundling: 0.3,
  memory: 200,
  floor: { 100: 3, 1000: 5.5, 5000: 8 },
  job: 0.3,
  jobMemory: 400,
};
const scratch = mkdtempSync(join(tmpdir(), "steppe-bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

const { rounds, sizes, json } = options();
const startUp = measureStartUp(await bundle("lab"));
const fleetProgram = await bundle(join(root, "bench/fleet.ts"));
const growth = measureGrowth(fleetProgram, await bundleScript("bench/floor.ts"));
const review = measureReview(fleetProgram, { root, scratch, run, median, rounds, sizes });
const reach = measureReach(await bundleScript("bench/reach.ts", SHORT_RUN));
const jobs = measureJobs(await bundleScript("bench/jobs.ts", SHORT_RUN));
process.stdout.write(
  json
    ? `${JSON.stringify({ startUp, growth, review, jobs, reach, goals: { ...goals, review: reviewGoals } }, null, 2)}\n`
    : report(),
);

function options() {
  const refuse = (message) => {
    process.stderr.write(`error: ${message}\n\n${HELP}`);
    process.exit(2);
  };
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: "string", default: "7" },
        jobs: { type: "string", default: "100,1000,5000" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    if (!/^[1-9]\d?$/.test(values.rounds)) refuse(`--rounds must be a whole number from 1 to 99, got ${values.rounds}`);
    if (!/^[1-9]\d{0,4}0(,[1-9]\d{0,4}0)*$/.test(values.jobs))
      refuse(`--jobs must be multiples of 10 with commas between, got ${values.jobs}`);
    return { rounds: Number(values.rounds), sizes: values.jobs.split(",").map(Number), json: values.json };
  } catch (error) {
    return refuse(error.message);
  }
}

/** @param banner - the floor is plain Node; what ships begins as the program does. */
async function bundleScript(path, banner = "") {
  const outfile = join(scratch, `${path.replace(/\W/g, "-")}.cjs`);
  const entryPoints = [join(root, path)];
  await build({
    entryPoints,
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    minifyWhitespace: true,
    banner: { js: banner },
  });
  return outfile;
}

function measureStartUp(program) {
  const bare = ["-e", 'require("cdktf")'];
  const step = `
    const { bundle } = await import("./scripts/bundle.mjs");
    const start = performance.now();
    await bundle("lab");
    process.stdout.write(String((performance.now() - start) / 1000));`;
  const bundling = ["--input-type=module", "-e", step];
  const runs = inTurn(rounds, { bare, program: [program], bundling }, { CDKTF_OUTDIR: join(scratch, "lab") });
  return {
    bare: summary(runs.bare),
    program: summary(runs.program),
    ratio: ratio(runs.program, runs.bare),
    // esbuild is a process of its own with threads, so its time is taken by the clock, and at its quietest.
    bundlingWall: Math.min(...runs.bundling.map(({ stdout }) => Number(stdout))),
  };
}

function measureGrowth(program, floor) {
  const rows = [];
  for (const jobs of sizes) {
    const env = { STEPPE_BENCH_JOBS: String(jobs) };
    const outdirs = { floor: join(scratch, `floor-${jobs}`), steppe: join(scratch, `steppe-${jobs}`) };
    const runs = inTurn(
      jobs > 1000 ? Math.ceil(rounds * 0.7) : rounds,
      { floor: [floor], steppe: [program] },
      env,
      outdirs,
    );
    const floorRatio = ratio(runs.steppe, runs.floor);
    const same = compare(outdirs.steppe, outdirs.floor);
    rows.push({ jobs, floor: summary(runs.floor), steppe: summary(runs.steppe), ratio: floorRatio, ...same });
  }
  return rows.map((row, index) => {
    const before = rows[index - 1];
    if (before === undefined) return row;
    const exponent = Math.log(row.steppe.cpu / before.steppe.cpu) / Math.log(row.jobs / before.jobs);
    return { ...row, exponent };
  });
}

/** Each round is a process of its own. */
function measureJobs(script) {
  const count = 5000;
  const runs = inTurn(rounds, { jobs: [script] }, { STEPPE_BENCH_JOBS: String(count) }).jobs.map(({ stdout }) =>
    JSON.parse(stdout),
  );
  const of = (key) => median(runs.map((one) => one[key]));
  return {
    count,
    render: of("render"),
    rules: of("rules"),
    placement: of("placement"),
    hcl: of("hcl"),
    rss: of("rss"),
  };
}

/** Who reaches whom: it knows its own goals. */
function measureReach(script) {
  const runs = inTurn(Math.min(rounds, 3), { reach: [script, "--json"] }, {}).reach.map(({ stdout }) =>
    JSON.parse(stdout),
  );
  const of = (key) => median(runs.map((one) => one[key]));
  return { ...runs[0], questions: of("questions"), diff: of("diff"), unlike: of("unlike"), rss: of("rss") };
}

/** Runs each command once a round, in turn. */
function inTurn(count, commands, env, outdirs = {}) {
  const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < count; round += 1)
    for (const [name, parameters] of Object.entries(commands))
      runs[name].push(run(parameters, outdirs[name] === undefined ? env : { ...env, CDKTF_OUTDIR: outdirs[name] }));
  return runs;
}

function run(parameters, env) {
  const usage = join(scratch, "usage.json");
  const start = process.hrtime.bigint();
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    ["--require", join(root, "bench/report-usage.cjs"), ...parameters],
    { cwd: root, env: { ...process.env, ...env, STEPPE_BENCH_USAGE: usage }, encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) fail(`node ${parameters.join(" ")} failed: ${error?.message ?? stderr}`);
  return { wall, stdout, ...JSON.parse(readFileSync(usage, "utf8")) };
}

/** Checks that both wrote the same files. CDKTF breaks the line inside empty lists and maps; nothing else may differ. */
function compare(ours, floor) {
  const list = (directory) => readdirSync(directory, { recursive: true }).filter((path) => path.endsWith(".json"));
  const files = list(ours).sort();
  if (files.join() !== list(floor).sort().join()) fail("Steppe and the floor wrote different files");
  let bytes = 0;
  let spaces = 0;
  for (const file of files) {
    const text = readFileSync(join(ours, file), "utf8");
    const closed = text.replace(/([[{])\n *([\]}])/g, "$1$2");
    if (closed !== readFileSync(join(floor, file), "utf8"))
      fail(`${file} differs from what the floor wrote: bring bench/floor.ts up to date with the stacks`);
    bytes += Buffer.byteLength(text);
    spaces += text.length - closed.length;
  }
  return { files: files.length, bytes, spaces };
}

function summary(runs) {
  return Object.fromEntries(["wall", "cpu", "rss"].map((key) => [key, median(runs.map((one) => one[key]))]));
}

function ratio(runs, others) {
  return median(runs.map(({ cpu }, index) => cpu / others[index].cpu));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function report() {
  const seconds = (value) => value.toFixed(2).padStart(5);
  const verdict = (value, goal) => (value <= goal ? "met" : "missed");
  const against = (value, goal) =>
    goal === undefined
      ? value.toFixed(2).padStart(5)
      : `${value.toFixed(2).padStart(5)}  (goal ${goal}: ${verdict(value, goal)})`;
  const { bare, program, bundlingWall } = startUp;
  const lines = [
    `Node ${process.versions.node}, ${rounds} rounds. CPU seconds are user and system time of the whole process.`,
    "",
    "Start-up                      wall s  CPU s  MiB",
    ...Object.entries({ "node -e 'require(\"cdktf\")'": bare, "program of the lab fleet": program }).map(
      ([name, { wall, cpu, rss }]) => `  ${name.padEnd(28)}${seconds(wall)}  ${seconds(cpu)}  ${rss.toFixed(0)}`,
    ),
    `  CPU, program to bare        ${against(startUp.ratio, goals.startUp)}`,
    `  bundling step, best wall s  ${against(bundlingWall, goals.bundling)}`,
    "",
    "10 regions, 50 pools, N jobs",
    "     N          wall s  CPU s  MiB   growth  CPU to floor",
  ];
  for (const { jobs, floor, steppe, ratio: value, exponent } of growth) {
    const row = (name, { wall, cpu, rss }) =>
      `${name.padEnd(10)}${seconds(wall)}  ${seconds(cpu)}  ${rss.toFixed(0).padStart(3)}`;
    lines.push(`  ${String(jobs).padStart(4)}  ${row("floor", floor)}`);
    const growing = exponent === undefined ? "  –   " : `N^${exponent.toFixed(2)}`;
    lines.push(`        ${row("Steppe", steppe)}   ${growing}  ${against(value, goals.floor[jobs])}`);
  }
  const perJob = jobs.render + jobs.rules;
  const milliseconds = (value) => value.toFixed(3).padStart(6);
  const jobLines = [
    "",
    `${jobs.count} jobs of examples/ in one process, CPU ms per job`,
    `  rendering to JSON          ${milliseconds(jobs.render)}`,
    `  rules                      ${milliseconds(jobs.rules)}`,
    `  together                   ${milliseconds(perJob)}  (goal ${goals.job}: ${verdict(perJob, goals.job)})`,
    `  placement in six pools     ${milliseconds(jobs.placement)}`,
    `  writing HCL                ${milliseconds(jobs.hcl)}`,
    `  memory, MiB, all kept       ${jobs.rss.toFixed(0).padStart(5)}  (goal ${goals.jobMemory}: ${verdict(jobs.rss, goals.jobMemory)})`,
  ];
  const reachLines = [
    "",
    `Who reaches whom: ${reach.tags} tags, ${reach.rules} rules`,
    `  ${reach.count} questions, s       ${seconds(reach.questions)}  (goal ${reach.goals.questions}: ${verdict(reach.questions, reach.goals.questions)})`,
    `  difference of two, s       ${seconds(Math.max(reach.diff, reach.unlike))}  (goal ${reach.goals.diff}: ${verdict(Math.max(reach.diff, reach.unlike), reach.goals.diff)})`,
    `  memory, MiB                 ${reach.rss.toFixed(0).padStart(5)}  (goal ${reach.goals.memory}: ${verdict(reach.rss, reach.goals.memory)})`,
  ];
  const peak = Math.max(...growth.map(({ steppe }) => steppe.rss));
  const written = growth.map(({ jobs, bytes, spaces }) => `${bytes} at ${jobs} (${spaces})`).join(", ");
  lines.push(
    "",
    `  peak memory, MiB            ${peak.toFixed(0).padStart(5)}  (goal ${goals.memory}: ${verdict(peak, goals.memory)})`,
    `  Steppe and the floor wrote equal files, but for white space inside empty lists and maps.`,
    `  Bytes written, and those of white space: ${written}.`,
    ...jobLines,
    ...reachLines,
    ...reviewLines(review, verdict),
    "",
  );
  return lines.join("\n");
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}
