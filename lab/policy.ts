/** A policy test: who must reach what, and who must not. */
interface PolicyTest {
  readonly src: string;
  readonly proto?: string;
  readonly accept?: readonly string[];
  readonly deny?: readonly string[];
}

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
 * @param json - policy document.
 * @param tags - tags that machines carry now.
 */
export function withRunnableTests(json: string, tags: ReadonlySet<string>): RunnablePolicy {
  const { tests, ...policy } = JSON.parse(json) as { tests?: readonly PolicyTest[] } & Record<string, unknown>;
  if (tests === undefined) return { json, dropped: [] };
  const resolves = (subject: string) => !subject.startsWith("tag:") || tags.has(subject);
  const dropped: string[] = [];
  const kept = tests.flatMap((test) => {
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
  return { json: JSON.stringify({ ...policy, ...(kept.length > 0 ? { tests: kept } : {}) }), dropped };
}
