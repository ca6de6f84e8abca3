import { chmodSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, UserError } from "../errors";

/**
 * Writes files into a directory, which is made where it is not there. None takes its place before all are written.
 *
 * @param files - text by name.
 * @throws UserError where the directory cannot be written.
 */
export function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  const written = Object.entries(files).map(([name, text]) => ({
    text,
    place: join(directory, name),
    making: join(directory, `.${name}.${process.pid}`),
  }));
  const made: string[] = [];
  try {
    mkdirSync(directory, { recursive: true });
    for (const { place } of written)
      if (statSync(place, { throwIfNoEntry: false })?.isDirectory() === true)
        throw new Error(`${place} is a directory`);
    for (const { making, text } of written) {
      writeFileSync(making, text, { flag: "wx" });
      made.push(making);
      chmodSync(making, 0o644);
    }
    for (const { making, place } of written) renameSync(making, place);
  } catch (error) {
    for (const making of made) rmSync(making, { force: true });
    throw new UserError(`the review cannot be written to ${directory}: ${messageOf(error)}`);
  }
}
