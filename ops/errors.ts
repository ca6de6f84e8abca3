import type { Problem } from "../constructs/core/problems";

/**
 * The user asked for something that cannot be done as things are. Printed without a stack trace: the message, the
 * problems behind it, and what to do about it.
 */
export class UserError extends Error {
  public override readonly name = "UserError";

  constructor(
    message: string,
    /** What to do, one imperative per line: `run ./steppe trust init`. */
    public readonly fix: readonly string[] = [],
    /** Everything found wrong, where there is more than one thing. */
    public readonly problems: readonly Problem[] = [],
    /** Exit code of a command that ends with this error. 130 after Ctrl-C. */
    public readonly exitCode: number = 1,
  ) {
    super(message);
  }
}

/** Text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** True for a file system error that says "there is no such file". */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
}
