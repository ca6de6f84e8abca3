/**
 * Whether a path leaves the allocation's directory, as the server tells: by the text, with the path taken below `prefix` of
 * the allocation. Absolute paths are below it too.
 */
export function leavesAllocation(prefix: string, path: string): boolean {
  if (!path.includes("..")) return false;
  const root = ["", "alloc-dir", "alloc-id"];
  const parts: string[] = [...root];
  for (const part of `${prefix}/${path}`.split("/")) {
    if (part === "..") {
      if (parts.length > 1) parts.pop();
    } else if (part !== "" && part !== ".") parts.push(part);
  }
  return root.some((name, index) => parts[index] !== name);
}
