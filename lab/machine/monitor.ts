import { createConnection, type Socket } from "node:net";
import { LabError } from "../errors";

/** What is asked of QEMU: press the power button, or the reset button. */
export type MonitorCommand = "system_powerdown" | "system_reset";

interface Message {
  readonly QMP?: object;
  readonly return?: object;
  readonly error?: { readonly desc: string };
}

/**
 * Gives a machine's QEMU one command over its monitor.
 *
 * @param socket - of the monitor, which serves one connection at a time.
 * @throws LabError when QEMU refuses the command or does not answer.
 * @see https://www.qemu.org/docs/master/interop/qmp-spec.html
 */
export async function tellMonitor(socket: string, command: MonitorCommand, timeoutSeconds = 10): Promise<void> {
  const connection = createConnection(socket);
  connection.setTimeout(timeoutSeconds * 1000, () => connection.destroy(new Error(`no answer in ${timeoutSeconds} s`)));
  const say = (execute: string) => connection.write(`${JSON.stringify({ execute })}\n`);
  // QEMU greets, then wants to be asked for its capabilities before anything else. Events come in between.
  const left = ["qmp_capabilities", command];
  try {
    for await (const message of messages(connection)) {
      if (message.error !== undefined) throw new Error(message.error.desc);
      if (message.QMP === undefined && message.return === undefined) continue;
      const next = left.shift();
      if (next === undefined) return;
      say(next);
    }
    throw new Error("it closed the connection");
  } catch (error) {
    throw new LabError(`QEMU does not take ${command}: ${(error as Error).message}`);
  } finally {
    connection.destroy();
  }
}

/** One JSON document a line. */
async function* messages(connection: Socket): AsyncGenerator<Message> {
  let rest = "";
  for await (const chunk of connection.setEncoding("utf8")) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as Message;
  }
}
