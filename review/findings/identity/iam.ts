import { parseTemplate, unescapeTemplate } from "../../../constructs/core/hcl/template";
import type { ResourceChange } from "../../change/types";
import { entry, isEqual, type Json, list, object, text } from "../../json";
import type { Finding, Severity, Subject } from "../types";
import { short, some } from "../words";

/** Arguments that hold a policy of AWS, by type. */
const POLICIES: Readonly<Record<string, readonly string[]>> = {
  aws_iam_policy: ["policy"],
  aws_iam_role_policy: ["policy"],
  aws_iam_user_policy: ["policy"],
  aws_iam_group_policy: ["policy"],
  aws_iam_role: ["assume_role_policy"],
  aws_kms_key: ["policy"],
  aws_kms_key_policy: ["policy"],
  aws_s3_bucket_policy: ["policy"],
  aws_secretsmanager_secret_policy: ["policy"],
  aws_sns_topic_policy: ["policy"],
  aws_sqs_queue_policy: ["policy"],
};

/** Resources that give somebody a policy or a role that is written elsewhere. */
const ATTACHMENTS: Readonly<Record<string, readonly [who: string, what: string]>> = {
  aws_iam_role_policy_attachment: ["role", "policy_arn"],
  aws_iam_user_policy_attachment: ["user", "policy_arn"],
  aws_iam_group_policy_attachment: ["group", "policy_arn"],
};

/** Who may do what in the clouds after a change, and could not before. */
export function examineIam({ changes, stacks }: Subject): readonly Finding[] {
  const isNew = new Set(stacks.filter(({ before }) => before === undefined).map(({ name }) => name));
  const created = new Set(changes.filter(({ action }) => action === "create").map(({ address }) => address));
  const known = new Set(changes.flatMap((change) => rightsOf(change, change.before)).map(({ key }) => key));
  return changes.flatMap((change): readonly Finding[] => {
    const gained = rightsOf(change, change.after).filter(({ key }) => !known.has(key));
    const isWide = gained.some((right) => right.isWide);
    const isOwn = isOfNew(change, created) && gained.every(({ isOutside }) => !isOutside);
    // What is made with a new site is given to that site's own machines.
    if (gained.length > 0 && (isWide || !(isOwn && isNew.has(change.stack)))) {
      const severity = isWide ? "blocking" : isOwn ? "notice" : "warning";
      return [told(change, severity, `newly gives ${some([...new Set(gained.map(({ what }) => what))], 4)}`)];
    }
    return lostDenials(change) ? [told(change, "warning", "forbids less than before, or something else")] : [];
  });
}

/** Whether rights go to something that comes with them: a role, or an account of a service. */
function isOfNew({ address, type, after }: ResourceChange, created: ReadonlySet<string>): boolean {
  if (type === "aws_iam_role") return created.has(address);
  const owners = [after?.["role"], after?.["user"], after?.["member"], ...list(after?.["members"])];
  const references = owners.flatMap((owner) => /^\$\{([\w-]+\.[\w-]+)\./.exec(text(owner) ?? "")?.[1] ?? []);
  return references.length > 0 && references.every((reference) => created.has(reference));
}

function told({ stack, address }: ResourceChange, severity: Severity, reason: string): Finding {
  const fix =
    severity === "blocking"
      ? "name the actions, the resources and the callers that are needed"
      : "make sure that each right is needed, and by those who get it";
  return { id: "identity/iam-widened", severity, stack, resource: address, reason, fix };
}

/** One right. Rights are the same wherever they are written. */
interface Right {
  readonly key: string;
  /** Worded to follow "gives". */
  readonly what: string;
  readonly isWide: boolean;
  /** It goes to somebody that is no service of the cloud itself. */
  readonly isOutside: boolean;
}

function rightsOf(change: ResourceChange, body: Json | undefined): readonly Right[] {
  if (body === undefined) return [];
  const { type, address } = change;
  const owner = text(body["role"]) ?? text(body["bucket"]) ?? text(body["user"]) ?? address;
  const attachment = entry(ATTACHMENTS, type);
  if (attachment !== undefined) {
    const [who, what] = attachment.map((key) => short(body[key]));
    const isWide = /\/(AdministratorAccess|IAMFullAccess|PowerUserAccess)$/.test(what ?? "");
    return [{ key: `${type}\n${who}\n${what}`, what: `${what} to ${who}`, isWide, isOutside: false }];
  }
  if (/^google_\w+_iam_(member|binding)$/.test(type)) return googleRights(type, body);
  return (entry(POLICIES, type) ?? []).flatMap((key) =>
    statementsOf(body[key]).flatMap((statement) => awsRights(`${type}\n${owner}`, statement)),
  );
}

function awsRights(owner: string, statement: Json): readonly Right[] {
  if (statement["Effect"] !== "Allow") return [];
  const actions = [
    ...texts(statement["Action"]),
    ...texts(statement["NotAction"]).map((action) => `all but ${action}`),
  ];
  const resources = [
    ...texts(statement["Resource"]),
    ...texts(statement["NotResource"]).map((resource) => `all but ${resource}`),
  ];
  const principals = principalsOf(statement["Principal"] ?? statement["NotPrincipal"]);
  const condition = JSON.stringify(statement["Condition"] ?? {});
  const isOpen = principals.some((principal) => /^(AWS )?\*$/.test(principal)) && condition === "{}";
  return actions.flatMap((action) =>
    (resources.length === 0 ? [""] : resources).flatMap((resource) =>
      (principals.length === 0 ? [""] : principals).map((principal): Right => {
        const on = resource === "" ? "" : ` on ${short(resource)}`;
        const to = principal === "" ? "" : ` to ${short(principal)}`;
        return {
          key: [owner, action, resource, principal, condition].join("\n"),
          what: `${short(action)}${on}${to}`,
          isWide: isOpen || isWideAction(action, resource) || action.startsWith("all but "),
          isOutside: principal !== "" && !principal.startsWith("Service "),
        };
      }),
    ),
  );
}

/** Everything, or whatever of identities, on everything. */
function isWideAction(action: string, resource: string): boolean {
  if (action === "*" || action === "*:*") return true;
  return resource === "*" && /^(iam|sts|kms|secretsmanager|s3|ec2|organizations):\*$|^iam:PassRole$/i.test(action);
}

function principalsOf(principal: unknown): readonly string[] {
  if (typeof principal === "string") return [principal];
  return Object.entries(object(principal)).flatMap(([kind, who]) => texts(who).map((one) => `${kind} ${one}`));
}

function googleRights(type: string, body: Json): readonly Right[] {
  const members = [...texts(body["member"]), ...texts(body["members"])];
  const role = short(body["role"]);
  const target = Object.entries(body).filter(([key]) => !["member", "members", "role", "condition"].includes(key));
  return members.map((member) => ({
    key: [
      type.replace(/_(member|binding)$/, ""),
      JSON.stringify(target),
      role,
      member,
      JSON.stringify(body["condition"] ?? {}),
    ].join("\n"),
    what: `${role} to ${short(member)}`,
    isWide: /^(allUsers|allAuthenticatedUsers)$/.test(member) || /^roles\/(owner|editor)$/.test(role),
    isOutside: false,
  }));
}

/** Statements of a policy that is JSON in a Terraform template; expressions stay as they are. */
function statementsOf(policy: unknown): readonly Json[] {
  const source = text(policy);
  if (source === undefined) return [];
  const plain = parseTemplate(source)
    .map(({ kind, source: part }) => (kind === "text" ? unescapeTemplate(part) : part.replace(/["\\]/g, "'")))
    .join("");
  try {
    const { Statement: statements } = object(JSON.parse(plain));
    return [statements].flat().map(object);
  } catch {
    return [];
  }
}

/** Whether a policy denies less than it did. */
function lostDenials({ type, before, after }: ResourceChange): boolean {
  if (before === undefined || after === undefined) return false;
  const denials = (body: Json) =>
    (entry(POLICIES, type) ?? []).flatMap((key) => statementsOf(body[key]).filter(({ Effect }) => Effect === "Deny"));
  const now = denials(after);
  return denials(before).some((denial) => !now.some((other) => isEqual(other, denial)));
}

function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? list(value) : [value]).filter((one): one is string => typeof one === "string");
}
