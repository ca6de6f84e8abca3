import { isEqual, isRecord, type Json } from "../json";

/** How deep paths go: what lies below is told as a change of what holds it. */
const DEPTH = 4;

/**
 * Where two values differ.
 *
 * @returns paths in order of appearance. Shape: `["tags.Name", "ingress[0].cidr_blocks"]`. A list whose length changes is one path.
 */
export function changedPaths(before: Json, after: Json): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    differences(key, before[key], after[key], 1),
  );
}

function differences(path: string, before: unknown, after: unknown, depth: number): readonly string[] {
  if (isEqual(before, after)) return [];
  if (depth >= DEPTH) return [path];
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length !== after.length) return [path];
    return before
      .flatMap((item: unknown, index) => {
        const isBlock = isRecord(item) && isRecord(after[index]);
        return isBlock
          ? differences(`${path}[${index}]`, item, after[index], depth + 1)
          : isEqual(item, after[index])
            ? []
            : [path];
      })
      .filter((one, index, all) => all.indexOf(one) === index);
  }
  if (isRecord(before) && isRecord(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      differences(`${path}.${key}`, before[key], after[key], depth + 1),
    );
  return [path];
}

/**
 * A path in one spelling. Terraform writes a block that stands alone with `[0]` and keys of maps in brackets; synthesized
 * documents do neither. Shape: `root_block_device[0].encrypted` and `metadata["a"]` become `root_block_device.encrypted`, `metadata.a`.
 */
export function plainPath(path: string): string {
  return path.replace(/\[\d+\]/g, "").replace(/\["([^"]*)"\]/g, ".$1");
}

/** Whether a path is, or lies in, what a name stands for, however both are spelled. */
export function liesIn(path: string, name: string): boolean {
  const [inner, outer] = [plainPath(path), plainPath(name)];
  return inner === outer || inner.startsWith(`${outer}.`);
}
