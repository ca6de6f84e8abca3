import { join } from "node:path";
import type { Command } from "commander";
import type { Fleet } from "../model/types";
import { projectDirectory } from "../ops/project";
import type { ExecContext } from "../ops/terraform/context";

/**
 * Loads a part of Steppe when a command needs it: loading everything for `--help` would cost a second.
 *
 * @returns nothing where this checkout does not have the part.
 */
export function loadPart(path: string): unknown {
  const file = join(projectDirectory, path);
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
    return require(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "MODULE_NOT_FOUND" && message.includes(`'${file}'`)) return undefined;
    throw error;
  }
}

/** The lab's commands. */
export interface LabCommandsPart {
  registerLabCommands(program: Command): void;
}

/** Where commands of a fleet run when it is a lab's. */
export interface LabContextPart {
  /** Nothing where the fleet is not the lab that runs here. */
  labContext(fleet: Fleet): Promise<ExecContext | undefined>;
}

/** Prints a synthesized stack as HCL. */
export interface RenderPart {
  renderHcl(document: object): string;
}
