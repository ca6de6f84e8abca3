import type { AccessTest, GrantRule } from "../language/policy-file";
import { parseOpening } from "../language/ports";
import type { Reasoned } from "./reasoned";

/** One thing that must hold of a policy. */
export interface Claim {
  readonly kind: "accept" | "deny";
  readonly src: string;
  readonly proto: "tcp" | "udp";
  /** A tag or a name of `hosts`. */
  readonly dst: string;
  readonly port: number;
}

/** What grants promise: one port of each range, for sources and destinations that a test may name. */
export function promises(
  grants: readonly Reasoned<GrantRule>[],
  isSource: (subject: string) => boolean,
  isDestination: (subject: string) => boolean,
): Claim[] {
  return grants.flatMap(({ rule: { src, dst, ip = [] } }) =>
    src
      .filter(isSource)
      .flatMap((from) =>
        dst
          .filter(isDestination)
          .flatMap((to) =>
            ip.flatMap(probesOf).map(({ proto, port }): Claim => ({ kind: "accept", src: from, proto, dst: to, port })),
          ),
      ),
  );
}

/** A protocol and a port of an entry of a grant's `ip`; nothing for protocols without ports. */
function probesOf(text: string): readonly Pick<Claim, "proto" | "port">[] {
  const { protocols, ports } = parseOpening(text);
  const port = Math.max(1, ports[0] ?? 1);
  return protocols.flatMap((protocol): Pick<Claim, "proto" | "port">[] => {
    const proto = protocol === 6 ? "tcp" : protocol === 17 ? "udp" : undefined;
    return proto === undefined ? [] : [{ proto, port }];
  });
}

/** Claims as tests: one per source and protocol, each claim once, in the order of the claims. */
export function testsOf(claims: readonly Claim[]): Reasoned<AccessTest>[] {
  const tests = new Map<string, { readonly first: Claim; readonly accept: Set<string>; readonly deny: Set<string> }>();
  for (const claim of claims) {
    const key = `${claim.src} ${claim.proto}`;
    const test = tests.get(key) ?? { first: claim, accept: new Set<string>(), deny: new Set<string>() };
    test[claim.kind].add(`${claim.dst}:${claim.port}`);
    tests.set(key, test);
  }
  return [...tests.values()].map(({ first: { src, proto }, accept, deny }) => ({
    rule: {
      src,
      proto,
      ...(accept.size === 0 ? {} : { accept: [...accept] }),
      ...(deny.size === 0 ? {} : { deny: [...deny] }),
    },
    reason: wordsOf(src, proto, accept.size > 0, deny.size > 0),
    from: "tests",
  }));
}

function wordsOf(src: string, proto: string, accepts: boolean, denies: boolean): string {
  const over = `over ${proto.toUpperCase()}`;
  if (!denies) return `${src} reaches these ${over}`;
  return accepts ? `${src} reaches the first and none of the second, ${over}` : `${src} reaches none of these ${over}`;
}
