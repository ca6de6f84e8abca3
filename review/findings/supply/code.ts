import type { Fleet } from "../../../model/types";
import { isEqual } from "../../json";
import { ownHosts, riskOfData } from "../../supply/known";
import type { Provisioner, Supply } from "../../supply/supply";
import { short } from "../words";
import type { Told } from "./told";

/** Kinds of provisioners that work on the machine that the resource stands for. */
const REMOTE: ReadonlySet<string> = new Set(["remote-exec", "file"]);

/** Data sources, modules and provisioners that come or change: what runs, and is read, with the credentials of a plan or an apply. */
export function examineCode(
  was: Supply | undefined,
  is: Supply,
  hasBase: boolean,
  fleet: Fleet | undefined,
): readonly Told[] {
  return [...dataSources(was, is, hasBase), ...modules(was, is, hasBase), ...provisioners(was, is, fleet)];
}

function dataSources(was: Supply | undefined, is: Supply, hasBase: boolean): readonly Told[] {
  return [...is.reads].flatMap(([address, body]): readonly Told[] => {
    const parts = address.split(".");
    const risk = riskOfData(parts[parts.length - 2] ?? "");
    const before = was?.reads.get(address);
    if (before !== undefined && (risk === undefined || isEqual(before, body))) return [];
    const isNew = before === undefined;
    if (risk === undefined && !hasBase) return [];
    return [
      {
        id: "supply/data-source",
        severity: risk === undefined ? "warning" : "blocking",
        stack: is.stack,
        resource: address,
        reason: risk ?? "is new: a plan needs somebody who answers, and its rights",
        fix:
          risk === undefined
            ? "give what it looks up in the fleet's data"
            : isNew
              ? "leave it out"
              : "leave it as it was, or out",
      },
    ];
  });
}

function modules(was: Supply | undefined, is: Supply, hasBase: boolean): readonly Told[] {
  return [...is.modules].flatMap(([address, { source, version }]): readonly Told[] => {
    const before = was?.modules.get(address);
    if (before !== undefined && isEqual(before, { source, ...(version !== undefined && { version }) })) return [];
    if (!hasBase && /^\.{1,2}\//.test(source)) return [];
    const what = `${short(source)}${version === undefined ? "" : ` ${short(version)}`}`;
    return [
      {
        id: "supply/module",
        severity: hasBase ? "blocking" : "warning",
        stack: is.stack,
        resource: address,
        reason:
          before === undefined
            ? `brings in code from ${what}`
            : `brings in other code: ${what} instead of ${short(before.source)}${before.version === undefined ? "" : ` ${short(before.version)}`}`,
        fix: "read the module's code at that version, or write the resources out",
      },
    ];
  });
}

function provisioners(was: Supply | undefined, is: Supply, fleet: Fleet | undefined): readonly Told[] {
  const before = was?.provisioners ?? [];
  const hosts = fleet === undefined ? undefined : ownHosts(fleet);
  const seen = new Set<string>();
  return is.provisioners.flatMap((one): readonly Told[] => {
    const risk = riskOf(one, hosts);
    const isThere = before.some(
      (other) => other.address === one.address && other.kind === one.kind && isEqual(other.body, one.body),
    );
    const key = `${one.address}\n${risk?.reason ?? ""}`;
    if (risk === undefined || isThere || seen.has(key)) return [];
    seen.add(key);
    return [{ id: "supply/provisioner", ...risk, stack: is.stack, resource: one.address }];
  });
}

function riskOf(
  { type, kind, host }: Provisioner,
  hosts: ReadonlySet<string> | undefined,
): Pick<Told, "severity" | "reason" | "fix"> | undefined {
  if (!REMOTE.has(kind))
    return {
      severity: "blocking",
      reason: `runs ${kind === "local-exec" ? "a program" : `provisioner ${short(kind)}`} where it is applied, with the credentials there`,
      fix: "leave it out: what a machine needs belongs into its bundle",
    };
  if (host !== undefined && hosts !== undefined && !hosts.has(host))
    return {
      severity: "blocking",
      reason: `connects to ${short(host)}, which is no machine of the fleet, and gives it what it sends`,
      fix: "connect to a machine of the fleet",
    };
  if (type === "terraform_data") return undefined;
  return {
    severity: "warning",
    reason: `runs ${kind} on a machine beside the bundle`,
    fix: "put it into the machine's bundle, which is tested and delivered one machine at a time",
  };
}
