import { isKnownProvider } from "../../supply/known";
import type { Provider, Supply } from "../../supply/supply";
import type { Severity } from "../types";
import { type Told } from "./told";

/** Providers that come, or of which another version or another maker comes. */
export function examineProviders(base: readonly Supply[] | undefined, head: readonly Supply[]): readonly Told[] {
  const before = (base ?? []).flatMap(({ providers }) => providers);
  return head.flatMap(({ stack, providers }) =>
    providers.flatMap((provider): readonly Told[] => {
      const told = base === undefined ? strange(provider) : comparedWith(before, provider);
      return told === undefined ? [] : [{ ...told, stack, resource: `required_providers.${provider.name}` }];
    }),
  );
}

type Said = Omit<Told, "stack" | "resource">;

function strange({ source }: Provider): Said | undefined {
  if (isKnownProvider(source)) return undefined;
  return {
    id: "supply/provider-added",
    severity: "warning",
    reason: `is ${source}, which is none of the providers that Steppe uses`,
    fix: "look at who makes it before it is given credentials",
  };
}

function comparedWith(before: readonly Provider[], provider: Provider): Said | undefined {
  const { name, source, version } = provider;
  const same = before.filter((other) => other.source === source);
  if (same.length > 0)
    return same.some((other) => other.version === version) ? undefined : otherVersion(same[0]?.version, version);
  const other = before.find((one) => one.name === name);
  if (other !== undefined)
    return {
      id: "supply/provider-changed",
      severity: "blocking",
      reason: `comes from ${source} instead of ${other.source}: another program gets the credentials`,
      fix: `take it from ${other.source}`,
    };
  return {
    id: "supply/provider-added",
    severity: isKnownProvider(source) ? "warning" : "blocking",
    reason: `is new: ${source} ${version ?? "without a version"} runs with the credentials of every plan`,
    fix: "look at who makes it, and pin the exact version",
  };
}

function otherVersion(was: string | undefined, is: string | undefined): Said {
  const told = (severity: Severity, what: string, fix: string): Said => ({
    id: "supply/provider-changed",
    severity,
    reason: `${what} from ${was ?? "any version"} to ${is ?? "any version"}`,
    fix,
  });
  const [old, now] = [numbersOf(was), numbersOf(is)];
  if (old === undefined || now === undefined || !isExact(is))
    return told("warning", "is not pinned any more:", "name the exact version");
  const order = compared(old, now);
  if (order > 0)
    return told(
      "warning",
      "goes back",
      "a state that the newer one has written may not be readable: plan every stack first",
    );
  const isMajor = old[0] !== now[0];
  return isMajor
    ? told(
        "warning",
        "takes the step of a major version",
        "read its upgrade guide, and look at the plan of every stack that uses it",
      )
    : told("notice", "is upgraded", "look at the plan of every stack that uses it");
}

function isExact(version: string | undefined): boolean {
  return /^\s*=?\s*v?\d+(?:\.\d+)*(?:-[\w.]+)?\s*$/.test(version ?? "");
}

function numbersOf(version: string | undefined): readonly number[] | undefined {
  const digits = /\d+(?:\.\d+)*/.exec(version ?? "")?.[0];
  return digits?.split(".").map(Number);
}

function compared(left: readonly number[], right: readonly number[]): number {
  const at = [...left, ...right].findIndex((_number, index) => (left[index] ?? 0) !== (right[index] ?? 0));
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}
