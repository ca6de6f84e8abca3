/** A change of one file of the corpus. */
export interface Edit {
  readonly file: "fleets/example.ts" | "examples/review.ts";
  /** Text that is there exactly once, or `all` times. */
  readonly from: string;
  readonly to: string;
  /** Replace every place. @default false */
  readonly all?: boolean;
}

/** A pull request, and what a good reviewer says of it. */
export interface Change {
  /** Commit message, and name of the test. */
  readonly name: string;
  readonly kind: "harmless" | "risky" | "disguised";
  readonly edits: readonly Edit[];
  /** Findings that must be made, of any severity. Shape: ids, with alternatives behind `|`. @default - none */
  readonly must?: readonly string[];
  /** Findings that may be made as well; all others, but for notices, are wrong. Shape: ids, or a domain with `/`. @default - none */
  readonly may?: readonly string[];
  /** The program does not even synthesize, and says so. @default - it does */
  readonly refused?: RegExp;
  /** At least one finding must block. @default false */
  readonly blocks?: boolean;
}

const edit =
  (file: Edit["file"]) =>
  (from: string, to: string, all = false): Edit => ({ file, from, to, ...(all && { all }) });

/** Edits the fleet's data. */
export const inFleet = edit("fleets/example.ts");
/** Edits what runs in it. */
export const inJobs = edit("examples/review.ts");
