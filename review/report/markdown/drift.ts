import type { Drift } from "../../plan/drift";
import { counted } from "../words";
import { code } from "./escape";
import { grouped, names } from "./names";
import { cut, type Section } from "./share";

const MEANING: Readonly<Record<Drift["kind"], string>> = {
  drift: "changed outside of Terraform, so that the plan sets it back",
  "not applied yet": "planned, although this change leaves it alone: an earlier one is not applied yet",
  "applied already": "changed here, and nothing is planned",
};

/** Where plans differ from the change of the code. */
export function driftSection(drift: readonly Drift[], most: number): Section {
  const rows = grouped(drift, ({ stack, kind, action }) => JSON.stringify([stack, kind, action])).map((same) => {
    const [{ stack, kind, action }] = same;
    const addresses = same.map(({ address }) => address);
    return `- ${code(stack)}: ${names(addresses, most)} (${action}): ${MEANING[kind]}\n`;
  });
  return {
    weight: 3,
    render: (bytes) =>
      cut(
        {
          head: `#### Plans that say something else (${drift.length})\n\n`,
          rows,
          left: (count) => `… ${counted(count, "more line")} of drift left out.`,
        },
        bytes,
      ),
  };
}
