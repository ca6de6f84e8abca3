import { basename, join } from "node:path";
import { UserError } from "../errors";
import { run } from "../process";
import { type Environment, projectDirectory } from "../project";
import { readStacks, type Stack } from "./stack";

export interface SynthOptions {
  /** @default - `cdktf.out.<fleet>` in the checkout */
  readonly outdir?: string;
  /** @default process.env */
  readonly env?: Environment;
  /** @default - this checkout */
  readonly project?: string;
  /** Receives warnings of the program. @default - dropped */
  readonly onWarning?: (line: string) => void;
}

/** Where a fleet's stacks are written. Commands about two fleets do not take each other's files away. */
export function outdirOf(fleet: string, project: string = projectDirectory): string {
  return join(project, `cdktf.out.${basename(fleet, ".ts")}`);
}

/**
 * Synthesizes a fleet and reads the result.
 *
 * @param fleet - name of a file in `fleets/`, or a path to one.
 * @throws UserError with everything that the program found wrong.
 */
export async function synthesize(fleet: string, options: SynthOptions = {}): Promise<Stack[]> {
  const project = options.project ?? projectDirectory;
  const outdir = options.outdir ?? outdirOf(fleet, project);
  const { code, stdout, stderr } = await run([process.execPath, join(project, "scripts", "synth.mjs")], {
    cwd: project,
    env: { ...(options.env ?? process.env), STEPPE_FLEET: fleet, CDKTF_OUTDIR: outdir, CHECKPOINT_DISABLE: "1" },
  });
  if (code !== 0) {
    const said = `${stdout}${stderr}`.trim().replace(/^error: /, "");
    throw new UserError(said === "" ? `the program of fleet ${fleet} ended with code ${code}` : said);
  }
  for (const line of stderr.split("\n")) if (line.trim() !== "") options.onWarning?.(line.replace(/^warning: /, ""));
  return readStacks(outdir);
}
