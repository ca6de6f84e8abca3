import { Interrupts } from "../process";
import type { Run } from "./context";
import { writeCliConfig } from "./providers";
import type { Stack } from "./stack";
import { findTerraform, type TerraformTool } from "./tool";

/** What is at hand for every stack of one run. */
export interface Toolbox {
  readonly run: Run;
  readonly tool: TerraformTool;
  readonly interrupts: Interrupts;
  readonly cliConfig: string;
}

/**
 * Works with Terraform on stacks. Ctrl-C reaches the commands at work and is remembered.
 *
 * @throws UserError without a usable Terraform.
 */
export async function withToolbox<T>(
  stacks: readonly Stack[],
  run: Run,
  work: (box: Toolbox) => Promise<T>,
): Promise<T> {
  const tool = findTerraform(run.env);
  const interrupts = new Interrupts((count) =>
    run.progress({
      stack: "",
      kind: "failed",
      text:
        count === 1
          ? "interrupted: what is at work comes to its end; once more to stop it at once"
          : "interrupted again: stopping at once",
    }),
  );
  const box = { run, tool, interrupts, cliConfig: writeCliConfig(stacks, run.env, run.cache) };
  return interrupts.during(() => work(box));
}
