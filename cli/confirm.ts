import { createInterface } from "node:readline";

/**
 * Asks a question that only `yes` answers with yes.
 *
 * @returns false where nobody can be asked, and after Ctrl-C.
 */
export async function confirmed(question: string): Promise<boolean> {
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
      terminal.question(`${question} Only yes is taken as yes: `, (answer) => done(answer.trim() === "yes"));
    });
  } finally {
    terminal.close();
  }
}
