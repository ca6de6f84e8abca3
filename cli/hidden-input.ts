import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { UserError } from "../ops/errors";

/** Whether somebody can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Asks for a line on the terminal without showing what is typed.
 *
 * @throws UserError after Ctrl-C, and where the input ends.
 */
export async function hiddenInput(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  process.stderr.write(question);
  try {
    return await new Promise((done, failed) => {
      terminal.once("line", done);
      const end = () => failed(new UserError("nothing was written: no value was given", [], [], 130));
      terminal.once("SIGINT", end);
      terminal.once("close", end);
    });
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
