/** A range as part of a construct's id: `10.3.0.0/16` is `10-3-0-0-16`. */
export function idOf(cidr: string): string {
  return cidr.replaceAll(/[./]/g, "-");
}
