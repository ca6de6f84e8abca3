import { join } from "node:path";
import { ensureGroups } from "./cgroups";
import { labPaths } from "./paths";
import { record, recorded, type RecordedProcess } from "./processes";
import { startDaemon } from "./run";

/** Joins the given groups, then becomes the command: its children are in the groups from the start. */
const JOIN = `
while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done
shift
exec "$@"
`;

/** Arguments for `sh` that put a command into cgroups before it starts. */
export function launchArguments(groups: readonly string[], command: readonly string[]): string[] {
  return ["-euc", JOIN, "launch", ...groups, "--", ...command];
}

/** Starts a recorded process in cgroups of its own, unless it runs. @returns it. */
export async function launch(
  name: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<RecordedProcess | undefined> {
  return await supervise(name, (groups) => ["sh", ...launchArguments(groups, command)], env);
}

/** As {@link launch}, for a command that puts only its children into the cgroups. */
export async function supervise(
  name: string,
  commandIn: (groups: readonly string[]) => string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<RecordedProcess | undefined> {
  const running = await recorded(name);
  if (running) return running;
  const [command = "", ...args] = commandIn(await ensureGroups(name));
  return await record(name, await startDaemon(command, args, join(labPaths().logs, `${name}.log`), env));
}
