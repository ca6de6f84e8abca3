import { createInterface } from "node:readline";

/**
 * Asks a question that only `yes` answers with yes.
 *
 * @returns false where nobody can be asked, and after Ctrl-C.
 */
export async function confirmed(question: string): Promise<boolean> {
  return await typed(`${question} Only yes is taken as yes: `, "yes");
}

/** The same for a question that only one answer confirms, such as the name of what is about to be replaced. */
export async function typed(question: string, wanted: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((done) => {
      terminal.on("SIGINT", () => {
        done(false);
        // Reading a line takes Ctrl-C away from the process; what waits for it must still hear of it.
        process.emit("SIGINT");
      });
      terminal.on("close", () => done(false));
      terminal.question(question, (answer) => done(answer.trim() === wanted));
    });
  } finally {
    terminal.close();
  }
}
