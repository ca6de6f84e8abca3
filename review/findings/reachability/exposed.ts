import type { ResourceChange } from "../../change/types";
import type { Json } from "../../json";
import type { Finding, Subject } from "../types";
import { short, some } from "../words";
import type { Access } from "./access";

/** What keeps a bucket from being public, by type. Shape of a value: arguments, and what they say while it is closed. */
const CLOSED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  aws_s3_bucket_public_access_block: {
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  },
  aws_s3_account_public_access_block: {
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  },
  google_storage_bucket: { public_access_prevention: "enforced", uniform_bucket_level_access: true },
  aws_lb: { internal: true },
  aws_instance: { associate_public_ip_address: false },
  aws_subnet: { map_public_ip_on_launch: false },
  aws_db_instance: { publicly_accessible: false },
};

const LISTENERS = ["aws_lb_listener", "aws_alb_listener"];

/** What is no longer kept from the internet, and load balancers that listen on other ports. */
export function examineExposed({ changes }: Subject, { isNew }: Access): readonly Finding[] {
  const created = new Set(changes.filter(({ action }) => action === "create").map(({ address }) => address));
  return changes.flatMap((change): readonly Finding[] => {
    const lost = lostGuards(change, changes);
    if (lost.length > 0)
      return [
        finding(change, {
          severity: "blocking",
          reason: `no longer says ${some(lost)}, which kept it from the internet`,
          fix: "keep it, or say who on the internet is to reach it",
        }),
      ];
    return isNew ? [] : listenerChange(change, created);
  });
}

function finding({ stack, address }: ResourceChange, told: Pick<Finding, "severity" | "reason" | "fix">): Finding {
  return { id: "reachability/public", stack, resource: address, ...told };
}

function lostGuards(change: ResourceChange, changes: readonly ResourceChange[]): readonly string[] {
  const { type, before, after, action, stack } = change;
  const guards = Object.hasOwn(CLOSED, type) ? CLOSED[type] : undefined;
  if (guards === undefined || before === undefined) return [];
  const said = Object.entries(guards).filter(([key, closed]) => before[key] === closed);
  const told = (entries: typeof said) => entries.map(([key, closed]) => `${key} = ${short(closed)}`);
  if (after !== undefined) return told(said.filter(([key]) => after[key] !== guards[key]));
  // What guards a bucket may go with it, or come back under another address.
  const isGuard = type.endsWith("_public_access_block") && action === "delete";
  const isGone = changes.some(
    (other) => other.stack === stack && other.action === "delete" && isBucketOf(other, before),
  );
  const isBack = changes.some(
    (other) => other.type === type && other.action === "create" && other.after?.["bucket"] === before["bucket"],
  );
  return isGuard && !isGone && !isBack ? told(said) : [];
}

function isBucketOf({ type, address, before }: ResourceChange, guard: Json): boolean {
  if (type !== "aws_s3_bucket") return false;
  return guard["bucket"] === `\${${address}.id}` || guard["bucket"] === before?.["bucket"];
}

function listenerChange(change: ResourceChange, created: ReadonlySet<string>): readonly Finding[] {
  const { type, before, after } = change;
  if (!LISTENERS.includes(type) || after === undefined) return [];
  const balancer = /^\$\{(.+)\.arn\}$/.exec(String(after["load_balancer_arn"]))?.[1];
  const isNewBalancer = balancer !== undefined && created.has(balancer);
  if (isNewBalancer || before?.["port"] === after["port"]) return [];
  return [
    finding(change, {
      severity: "warning",
      reason: `listens on port ${short(after["port"])}${before === undefined ? "" : ` instead of ${short(before["port"])}`}`,
      fix: "make sure that whoever reaches the load balancer is meant to reach what is behind it",
    }),
  ];
}
