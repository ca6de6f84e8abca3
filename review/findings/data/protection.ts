import { stackNames } from "../../../model/names";
import type { ResourceChange } from "../../change/types";
import { fleetsOf, goneStacks } from "../../fleet/compare";
import { object } from "../../json";
import { numbersAt, valuesAt } from "../../values";
import type { Finding, Subject } from "../types";
import { nowDisposable } from "./disposable";
import { isProtectedBefore } from "./lost";

/** Arguments that protect data while they say this. */
const GUARDS: Readonly<Record<string, boolean | string>> = {
  create_snapshot_before_destroy: true,
  deletion_protection: true,
  deletion_protection_enabled: true,
  disable_api_termination: true,
  final_snapshot: true,
  force_destroy: false,
  skip_final_snapshot: false,
  "point_in_time_recovery.enabled": true,
  "versioning.enabled": true,
  "versioning_configuration.status": "Enabled",
};

/** Numbers that keep data the longer the larger they are; where there is none nothing is kept. */
const KEPT_FOR = [
  "backup_retention_period",
  "recovery_window_in_days",
  "deletion_window_in_days",
  "retention_policy.retention_period",
  "soft_delete_policy.retention_duration_seconds",
  "settings.backup_configuration.backup_retention_settings.retained_backups",
];

/** Ages at which data is deleted; where there is none it stays. */
const DELETED_AFTER = [
  "rule.expiration.days",
  "rule.noncurrent_version_expiration.noncurrent_days",
  "lifecycle_rule.condition.age",
];

/** Resources that are nothing but the protection of another. */
const PROTECTIONS: Readonly<Record<string, string>> = {
  aws_s3_bucket_versioning: "versions of objects are kept no longer",
  aws_s3_bucket_object_lock_configuration: "objects are no longer locked",
};

/** Resources that make backups. */
const BACKUPS: Readonly<Record<string, string>> = {
  aws_backup_plan: "makes backups no longer",
  aws_backup_selection: "backs its resources up no longer",
  aws_dlm_lifecycle_policy: "makes snapshots no longer",
  google_compute_disk_resource_policy_attachment: "snapshots its disk no longer",
};

/** Data that stays, and that less protects than before. */
export function examineProtection(subject: Subject): readonly Finding[] {
  const gone = goneStacks(subject);
  const disposable = stacksOfDisposable(subject);
  return subject.changes
    .filter(({ stack }) => !gone.has(stack))
    .flatMap((change): readonly Finding[] => {
      if (change.action === "delete") return deleted(subject, change);
      if (change.action !== "update" && change.action !== "move") return [];
      if (disposable.has(change.stack)) return [];
      const lost = [...guardsLost(subject, change), ...keptLess(change)];
      return lost.length === 0 ? [] : [finding(change, `loses protection: ${lost.join(", ")}`)];
    });
}

function finding({ stack, address }: ResourceChange, reason: string): Finding {
  return {
    id: "data/protection-removed",
    severity: "warning",
    stack,
    resource: address,
    reason,
    fix: "keep the protection, or say in the pull request why the data needs it no longer",
  };
}

function guardsLost(subject: Subject, change: ResourceChange): readonly string[] {
  const { before, after, meta } = change;
  const wasKept =
    isProtectedBefore(subject, change) && Object.keys(meta.after).length + Object.keys(meta.before).length > 0;
  const isKept = object(meta.after["lifecycle"])["prevent_destroy"] === true;
  const guards = Object.entries(GUARDS).flatMap(([path, guard]) => {
    const [was, is] = [valuesAt(before, path)[0], valuesAt(after, path)[0]];
    const isLost = typeof guard === "boolean" ? isOn(was, guard) && !isOn(is, guard) : was === guard && is !== guard;
    // What is not said is off: only a guard of the kind "must not be true" is kept by silence.
    return isLost ? [`${path} ${is === undefined ? "is gone" : `is ${JSON.stringify(is)}`}`] : [];
  });
  return [...(wasKept && !isKept ? ["prevent_destroy is gone"] : []), ...guards];
}

function isOn(value: unknown, guard: boolean): boolean {
  const on = value === true || value === "true";
  return guard ? on : !on;
}

function keptLess({ before, after }: ResourceChange): readonly string[] {
  const shorter = KEPT_FOR.filter((path) => {
    const [was, is] = [numbersAt(before, path)[0] ?? 0, numbersAt(after, path)[0] ?? 0];
    return valuesAt(before, path).length > 0 && is < was;
  });
  const sooner = DELETED_AFTER.filter((path) => isSooner(numbersAt(before, path), numbersAt(after, path)));
  return [...shorter, ...sooner].map((path) => {
    const say = (values: ResourceChange["before"]) => numbersAt(values, path).join("/") || "none";
    return `${path} from ${say(before)} to ${say(after)}`;
  });
}

function isSooner(before: readonly number[], after: readonly number[]): boolean {
  if (before.length === after.length) return after.some((age, index) => age < (before[index] as number));
  return after.length > 0 && Math.min(...after) < Math.min(...before, Infinity);
}

/** What protected another resource and goes, where that one stays. */
function deleted({ changes }: Subject, change: ResourceChange): readonly Finding[] {
  const { stack, type, address } = change;
  const backup = Object.hasOwn(BACKUPS, type) ? BACKUPS[type] : undefined;
  if (backup !== undefined)
    return [
      {
        id: "data/backups-removed",
        severity: "warning",
        stack,
        resource: address,
        reason: `is destroyed, and ${backup}`,
        fix: "keep it, or say what makes the backups now",
      },
    ];
  const protection = Object.hasOwn(PROTECTIONS, type) ? PROTECTIONS[type] : undefined;
  const goesToo = changes.some(
    (other) =>
      other.stack === stack &&
      other.type === "aws_s3_bucket" &&
      (other.action === "delete" || other.action === "replace"),
  );
  const isBack = changes.some((other) => other.stack === stack && other.type === type && other.action === "create");
  return protection === undefined || goesToo || isBack ? [] : [finding(change, `is destroyed: ${protection}`)];
}

/** Stacks in which a line of the fleet, which has a finding of its own, takes the protection away. */
function stacksOfDisposable(subject: Subject): ReadonlySet<string> {
  const fleets = fleetsOf(subject);
  if (fleets === undefined) return new Set();
  const { head } = fleets;
  return new Set(
    nowDisposable(fleets).map(({ region, isVolume }) =>
      isVolume ? stackNames.storage(head.name, region) : stackNames.site(head.name, head.regions[region]?.site ?? ""),
    ),
  );
}
