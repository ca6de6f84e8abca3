import type { Change } from "../types";
import { CAPACITY } from "./capacity";
import { DATA } from "./data";
import { HARMLESS } from "./harmless";
import { IDENTITY } from "./identity";
import { JOBS } from "./jobs";
import { QUORUM } from "./quorum";
import { REACHABILITY } from "./reachability";
import { SUPPLY } from "./supply";

/** Every change of the corpus. */
export const CHANGES: readonly Change[] = [
  ...HARMLESS,
  ...QUORUM,
  ...DATA,
  ...REACHABILITY,
  ...CAPACITY,
  ...JOBS,
  ...IDENTITY,
  ...SUPPLY,
];
