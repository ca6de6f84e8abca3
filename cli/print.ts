import Table from "cli-table3";
import pc from "picocolors";
import { formatProblem, type Problem } from "../constructs/core/problems";
import type { Progress } from "../ops/terraform/context";

/** Where text goes. Given to commands, so that tests can read it. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
  /** Standard output is a terminal. */
  readonly terminal: boolean;
}

/** The process's own streams. */
export const processOutput: Output = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  terminal: process.stdout.isTTY,
};

/** Whether to colour: only on a terminal, and never against NO_COLOR. */
export function colored(output: Output): boolean {
  return output.terminal && (process.env["NO_COLOR"] ?? "") === "";
}

/** A table without borders, as wide as its content. */
export function table(output: Output, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
  const none = { top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "" };
  const sides = { "bottom-left": "", "bottom-right": "", left: "", right: "", middle: "  " };
  const made = new Table({
    head: [...head],
    chars: { ...line, ...none, ...sides },
    style: { "padding-left": 0, "padding-right": 0, head: colored(output) ? ["bold"] : [], border: [] },
  });
  made.push(...rows.map((row) => [...row]));
  return made
    .toString()
    .split("\n")
    .map((text) => text.trimEnd())
    .join("\n");
}

/** What an error that a user can mend may carry. Read by shape: each part of Steppe has a class of its own. */
interface KnownError extends Error {
  readonly fix?: readonly string[];
  readonly problems?: readonly Problem[];
  readonly exitCode?: number;
}

const KNOWN = new Set(["UserError", "ValidationError", "LabError", "LabInterrupted"]);

/**
 * Prints an error: what is wrong, each problem, and what to do. A stack trace only for what nobody foresaw, and only
 * when asked for.
 *
 * @returns the exit code that it stands for.
 */
export function printError(error: unknown, output: Output, debug: boolean): number {
  const label = colored(output) ? pc.red("error:") : "error:";
  if (!(error instanceof Error) || !KNOWN.has(error.name)) {
    const text = error instanceof Error ? error.message : String(error);
    output.err(`${label} ${text}`);
    if (debug && error instanceof Error) output.err(error.stack ?? "");
    else output.err("  this is a fault of Steppe; run again with STEPPE_DEBUG=1 for details");
    return 1;
  }
  const known = error as KnownError;
  output.err(`${label} ${known.message}`);
  if (known.name !== "ValidationError")
    for (const problem of known.problems ?? []) output.err(`  - ${formatProblem(problem)}`);
  for (const fix of known.fix ?? []) output.err(`  ${fix}`);
  if (debug) output.err(known.stack ?? "");
  return known.exitCode ?? 1;
}

/** Prints warnings. */
export function printWarnings(problems: readonly Problem[], output: Output): void {
  const label = colored(output) ? pc.yellow("warning:") : "warning:";
  for (const problem of problems) output.err(`${label} ${formatProblem(problem)}`);
}

/** Reports progress on standard error: one line per event, with the time since the start. */
export function progressPrinter(output: Output, width: number): Progress {
  const begun = performance.now();
  const paint = colored(output);
  return ({ stack, kind, text }) => {
    const seconds = String(Math.round((performance.now() - begun) / 1000)).padStart(4);
    const said = kind === "waiting" ? `waiting ${text}` : text;
    const color = { waiting: pc.dim, working: String, done: pc.green, failed: pc.red, skipped: pc.yellow }[kind];
    output.err(`${seconds}s  ${stack.padEnd(width)}  ${paint ? color(said) : said}`);
  };
}
