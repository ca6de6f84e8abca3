import { UserError } from "../ops/errors";
import type { FleetOptions } from "./shared";

/** Options of commands that run over stacks. */
export interface RunOptions extends FleetOptions {
  readonly parallel?: number;
  readonly allowDataLoss?: string;
}

/** Collects an option that may be given more than once. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

export const ALLOW_DATA_LOSS = [
  "--allow-data-loss <reason>",
  "let volumes be destroyed whose lines were deleted without being retired; the reason is recorded",
] as const;

/** @throws UserError without a reason. */
export function dataLossOf({ allowDataLoss }: RunOptions): { readonly allowDataLoss?: string } {
  if (allowDataLoss?.trim() === "") throw new UserError("--allow-data-loss wants a reason");
  return allowDataLoss === undefined ? {} : { allowDataLoss };
}
