import { join } from "node:path";

/** The size for which a review must be quick; a smaller bench reviews a smaller fleet. */
const JOBS = 1000;
/** Another image for every job, so that nothing of the review is spared. */
const CHANGED = `registry.example.com/team/app@sha256:${"f".repeat(64)}`;
/** Seconds for both syntheses and the review; bytes of a comment that GitHub takes. */
export const reviewGoals = { seconds: 10, comment: 65_536 };

/**
 * What a review costs of a fleet in which every job changes: two syntheses and the comparison, one after another.
 *
 * @param run - runs a process of Node and says what it cost.
 */
export function measureReview(program, { root, scratch, run, median, rounds, sizes }) {
  const count = Math.min(JOBS, Math.max(...sizes));
  const outdirs = { base: join(scratch, "review-base"), head: join(scratch, "review-head") };
  const env = { STEPPE_BENCH_JOBS: String(count) };
  const command = [
    join(root, "steppe"),
    "review",
    "--base-out",
    outdirs.base,
    "--head-out",
    outdirs.head,
    "--fail-on",
    "never",
  ];
  const runs = Array.from({ length: Math.min(rounds, 3) }, () => {
    const base = run([program], { ...env, CDKTF_OUTDIR: outdirs.base });
    const head = run([program], { ...env, CDKTF_OUTDIR: outdirs.head, STEPPE_BENCH_IMAGE: CHANGED });
    const review = run([...command, "--json"], env);
    const { jobs } = JSON.parse(review.stdout);
    if (jobs.length !== count) throw new Error(`the review tells of ${jobs.length} jobs, not of ${count}`);
    return { whole: base.wall + head.wall + review.wall, alone: review.wall, rss: review.rss };
  });
  const comment = run([...command, "--markdown"], env).stdout;
  const of = (key) => median(runs.map((one) => one[key]));
  return { count, whole: of("whole"), alone: of("alone"), rss: of("rss"), comment: Buffer.byteLength(comment) };
}

/** Lines of the report. */
export function reviewLines({ count, whole, alone, rss, comment }, verdict) {
  return [
    "",
    `A review of ${count} jobs in 50 pools, every one of them changed`,
    `  both syntheses and it, wall s ${whole.toFixed(2).padStart(5)}  (goal ${reviewGoals.seconds}: ${verdict(whole, reviewGoals.seconds)})`,
    `  alone, wall s                ${alone.toFixed(2).padStart(5)}`,
    `  memory, MiB                  ${rss.toFixed(0).padStart(5)}`,
    `  comment, bytes              ${String(comment).padStart(6)}  (goal ${reviewGoals.comment}: ${verdict(comment, reviewGoals.comment)})`,
  ];
}
