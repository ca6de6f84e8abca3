/** The lab cannot do what was asked. Says what is wrong, and as separate lines what to do about it. */
export class LabError extends Error {
  public override readonly name = "LabError";

  constructor(
    message: string,
    /** What to do, one imperative per line: `run ./steppe lab down`. */
    public readonly fix: readonly string[] = [],
    /** Exit code of a command that ends with this error. 130 after Ctrl-C. */
    public readonly exitCode: number = 1,
  ) {
    super(message);
  }
}

/** Ctrl-C or a termination signal, after everything half-made was taken away again. */
export class LabInterrupted extends LabError {
  constructor(message: string, fix: readonly string[] = []) {
    super(message, fix, 130);
  }
}

/** Text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
