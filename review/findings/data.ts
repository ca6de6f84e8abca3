import type { Finding, Subject } from "./types";
import { examineBackups } from "./data/backups";
import { examineDatabases } from "./data/databases";
import { examineDisposable } from "./data/disposable";
import { examineLost } from "./data/lost";
import { examineMoved } from "./data/moved";
import { examineProtection } from "./data/protection";
import { examineShrunk } from "./data/shrunk";

/** Data that a change destroys, moves, shrinks or protects less. */
export function examineData(subject: Subject): readonly Finding[] {
  return [
    examineLost,
    examineMoved,
    examineShrunk,
    examineProtection,
    examineDisposable,
    examineBackups,
    examineDatabases,
  ].flatMap((examine) => examine(subject));
}
