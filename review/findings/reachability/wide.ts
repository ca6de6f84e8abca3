/** Sources of a policy that are everybody, or everybody of a kind that nobody lists. */
const EVERYBODY = ["*", "autogroup:member", "autogroup:members", "autogroup:shared", "autogroup:danger-all"];

/** Whether a source of a tailnet's policy is so wide that nobody can say who it is. Shape: `*`, `autogroup:member`, `0.0.0.0/0`. */
export function isEverybody(source: string): boolean {
  return EVERYBODY.includes(source) || /^user:\*(@|$)/.test(source) || isAnywhere(source);
}

/** Whether a range of addresses is the internet, or a good part of it: less than eight bits are given. */
export function isAnywhere(range: string): boolean {
  return /^[\d.]+\/[0-7]$|^[\da-fA-F:]+:\/([0-9]|1[0-9])$/.test(range);
}
