import type { GroupChange } from "../../jobs/classify";
import type { JobReport } from "../report";
import { counted } from "../words";
import { code } from "./escape";
import { grouped, names } from "./names";
import { cut, type Section } from "./share";

interface Line {
  readonly job: string;
  readonly group: GroupChange;
}

/** What Nomad does with each group of the jobs, told once for groups that fare the same. */
export function jobSection(jobs: readonly JobReport[], most: number): Section {
  const lines = jobs.flatMap((job): readonly Line[] =>
    job.groups.filter(({ verdict }) => verdict !== "unchanged").map((group) => ({ job: nameOf(job), group })),
  );
  const rows = grouped(lines, ({ group: { verdict, count, canaries, causes, group } }) =>
    JSON.stringify([group, verdict, count, canaries, causes]),
  ).map((same) => row(same, most));
  const changed = new Set(lines.map(({ job }) => job)).size;
  return {
    weight: 4,
    render: (bytes) =>
      cut(
        {
          head: `#### Jobs (${changed})\n\n| job | group | allocations | what Nomad does | why |\n| --- | --- | --- | --- | --- |\n`,
          rows,
          left: (count) => `… ${counted(count, "more line")} of jobs left out.`,
        },
        bytes,
      ),
  };
}

/** Shape: `web`, `ai/web in eu`. */
function nameOf({ job, namespace, region }: JobReport): string {
  const inNamespace = namespace === "default" ? job : `${namespace}/${job}`;
  return region === undefined ? inNamespace : `${inNamespace} in ${region}`;
}

function row(same: readonly [Line, ...Line[]], most: number): string {
  const [
    {
      group: { group, verdict, count, canaries, causes },
    },
  ] = same;
  const jobs = names(
    same.map(({ job }) => job),
    most,
  );
  const allocations = count.before === count.after ? String(count.after) : `${count.before} → ${count.after}`;
  const what = canaries === 0 ? verdict : `${verdict} (${canaries} first)`;
  const why = causes.map(({ path }) => path);
  return `| ${jobs} | ${code(group)} | ${allocations} | ${what} | ${names(why, most)} |\n`;
}
