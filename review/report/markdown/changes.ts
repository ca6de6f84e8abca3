import type { ChangeReport, StackReport } from "../report";
import { ACTIONS, counted, countsText } from "../words";
import { code, prose } from "./escape";
import { grouped, names } from "./names";
import { bytesOf, cut, fitted, type Section } from "./share";

/** Room that is worth a block of its own, bytes. Where there is less, fewer stacks have theirs. */
const BLOCK_BYTES = 600;

/** Table of the stacks that change, in the order that they are applied in. */
export function stackSection(stacks: readonly StackReport[]): Section {
  const changed = stacks.filter(({ status }) => status !== "unchanged");
  const used = ACTIONS.filter((action) => changed.some(({ counts }) => (counts[action] ?? 0) > 0));
  const rows = changed.map(
    ({ stack, status, counts }) =>
      `| ${[code(stack), prose(status), ...used.map((action) => String(counts[action] ?? ""))].join(" | ")} |\n`,
  );
  return {
    weight: 4,
    render: (bytes) =>
      cut(
        {
          head: `| ${["stack", "", ...used].join(" | ")} |\n${"| --- ".repeat(used.length + 2)}|\n`,
          rows,
          left: (count) => `… ${counted(count, "more stack")} left out.`,
        },
        bytes,
      ),
  };
}

/** What changes, folded per stack; stacks that lose the most come first. */
export function changeSection(stacks: readonly StackReport[], changes: readonly ChangeReport[], most: number): Section {
  const byStack = new Map(grouped(changes, ({ stack }) => stack).map((group) => [group[0].stack, group]));
  const blocks = stacks
    .filter(({ stack }) => byStack.has(stack))
    .sort((left, right) => lost(right) - lost(left))
    .map((stack) => block(stack, byStack.get(stack.stack) ?? [], most));
  const head = `#### Changes (${changes.length})\n\n`;
  const leftOf = (count: number) => `… changes of ${counted(count, "more stack")} left out.\n\n`;
  return {
    weight: 8,
    render: (bytes) => {
      if (blocks.length === 0) return "";
      const room = bytes - bytesOf(`${head}${leftOf(blocks.length)}`);
      const whole = fitted(blocks, Infinity);
      if (bytesOf(whole) <= room) return `${head}${whole}`;
      const shown = blocks.slice(0, Math.max(0, Math.floor(room / BLOCK_BYTES)));
      const more = blocks.length - shown.length;
      return `${head}${fitted(shown, room)}${more === 0 ? "" : leftOf(more)}`;
    },
  };
}

function lost({ counts }: StackReport): number {
  return (counts.delete ?? 0) + (counts.replace ?? 0);
}

function block({ stack, counts }: StackReport, changes: readonly ChangeReport[], most: number): Section {
  const ordered = [...changes].sort((left, right) => ACTIONS.indexOf(left.action) - ACTIONS.indexOf(right.action));
  const rows = grouped(ordered, sameness).map((group) => row(group, most));
  return {
    weight: 1,
    render: (bytes) =>
      cut(
        {
          head: `<details><summary>${prose(stack)}: ${countsText(counts)}</summary>\n\n| | resource | arguments |\n| --- | --- | --- |\n`,
          rows,
          foot: "</details>\n\n",
          left: (count) => `… ${counted(count, "more line")} of this stack left out.`,
        },
        bytes,
      ),
  };
}

/** Changes that are told in one line. */
function sameness({ action, changed, replacedBy, previousAddress }: ChangeReport): string {
  return JSON.stringify([action, changed, replacedBy, previousAddress]);
}

function row(group: readonly [ChangeReport, ...ChangeReport[]], most: number): string {
  const [{ action, changed, replacedBy, previousAddress }] = group;
  const replacing = new Set(replacedBy);
  const others = changed.filter((path) => !replacing.has(path));
  const what = [
    ...(previousAddress === undefined ? [] : [`from ${code(previousAddress)}`]),
    ...(replacedBy.length === 0 ? [] : [`replaced by ${names(replacedBy, most)}`]),
    ...(others.length === 0 ? [] : [names(others, most)]),
  ];
  const addresses = group.map(({ address }) => address);
  return `| ${prose(action)} | ${names(addresses, most)} | ${what.join("; ")} |\n`;
}
