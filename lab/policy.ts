import { assertValid } from "../constructs/core/problems";
import { parsePolicy } from "../constructs/tailnet/language/parse-policy";

/** A policy document whose tests the control server can run now. */
export interface RunnablePolicy {
  readonly json: string;
  /** Tests, or single claims of a test, that name a tag which no machine carries: `tag:a -> tag:b:4646`. */
  readonly dropped: readonly string[];
}

/**
 * Leaves out the policy tests that name a tag which no machine carries yet: headscale runs tests when the policy is set,
 * and a tag without a machine fails its test whatever the policy says.
 *
 * @param text - policy document, HuJSON.
 * @param tags - tags that machines carry now.
 * @returns the text as it is where all its tests can run, else JSON without comments.
 * @throws ValidationError for text that is no HuJSON.
 */
export function withRunnableTests(text: string, tags: ReadonlySet<string>): RunnablePolicy {
  const parsed = parsePolicy(text);
  assertValid("the tailnet's policy", parsed.problems);
  const { tests, sshTests, ...policy } = parsed.policy;
  const resolves = (subject: string) => !subject.startsWith("tag:") || tags.has(subject);
  const dropped: string[] = [];
  const kept = (tests ?? []).flatMap((test) => {
    const keep = (claims: readonly string[] | undefined) =>
      claims?.filter((claim) => {
        const runs = resolves(test.src) && resolves(claim.replace(/:[^:]*$/, ""));
        if (!runs) dropped.push(`${test.src} -> ${claim}`);
        return runs;
      });
    const [accept, deny] = [keep(test.accept), keep(test.deny)];
    if (!accept?.length && !deny?.length) return [];
    const { src, proto } = test;
    return [
      {
        src,
        ...(proto === undefined ? {} : { proto }),
        ...(accept?.length ? { accept } : {}),
        ...(deny?.length ? { deny } : {}),
      },
    ];
  });
  const keptLogins = (sshTests ?? []).filter((test) => {
    const runs = [test.src, ...test.dst].every(resolves);
    if (!runs) dropped.push(`${test.src} -> ${test.dst.join(", ")}`);
    return runs;
  });
  if (dropped.length === 0) return { json: text, dropped };
  const json = JSON.stringify({
    ...policy,
    ...(kept.length > 0 ? { tests: kept } : {}),
    ...(keptLogins.length > 0 ? { sshTests: keptLogins } : {}),
  });
  return { json, dropped };
}
