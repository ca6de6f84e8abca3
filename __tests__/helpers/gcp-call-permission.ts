import type { GcpRole } from "../../constructs/platform/gcp/permissions";
import { conditionHolds } from "./gcp-conditions";
import type { GoogleCall } from "./stand-ins/google-apis";
import { parsed } from "./stand-ins/google-compute";

/** What a call needs. */
interface Needed {
  /** Shape: `compute.instances.create`. */
  readonly permission: string;
  /** Shape: `compute.googleapis.com/Instance`. */
  readonly type: string;
  /** Name of the resource as conditions see it. */
  readonly name: string;
}

const VERBS: Readonly<Record<string, string>> = {
  GET: "get",
  POST: "create",
  DELETE: "delete",
  PATCH: "update",
  PUT: "update",
};

/** Whether one of the roles allows a call. */
export function rolesAllow(roles: readonly GcpRole[], call: GoogleCall): boolean {
  const { permission, type, name } = neededFor(call);
  return roles.some(
    (role) => role.definition.includedPermissions.includes(permission) && conditionHolds(role, type, name),
  );
}

/** The permission that is named after a call's method. What Google asks beside it, about what a thing is made from, is not here. */
export function neededFor(call: GoogleCall): Needed {
  switch (call.service) {
    case "compute":
      return neededForCompute(call);
    case "storage":
      return neededForStorage(call);
    case "iam":
      return { permission: `iam.serviceAccounts.${VERBS[call.method]}`, type: "", name: call.path };
    case "secretmanager":
      return neededForSecret(call);
  }
}

function neededForCompute({ method, path, body }: GoogleCall): Needed {
  const { collection, name, verb = VERBS[method] } = parsed(path);
  const [, , scope] = path.split("/");
  if (collection === "operations") {
    const kind = { zones: "zone", regions: "region" }[scope ?? ""] ?? "global";
    return { permission: `compute.${kind}Operations.get`, type: "", name: path };
  }
  const singular = collection.replace(/s$/, "");
  return {
    // Size and all else of a group are changed with one permission.
    permission: `compute.${collection}.${collection === "instanceGroupManagers" && verb === "resize" ? "update" : verb}`,
    type: `compute.googleapis.com/${singular.charAt(0).toUpperCase()}${singular.slice(1)}`,
    name: name === undefined ? `${path}/${String(body["name"])}` : path,
  };
}

function neededForSecret({ method, path, query }: GoogleCall): Needed {
  const [at = "", verb] = path.split(":");
  const isVersion = at.includes("/versions/") || verb === "addVersion";
  const verbs = verb === "addVersion" ? "add" : (verb ?? VERBS[method]);
  return {
    permission: `secretmanager.${isVersion ? "versions" : "secrets"}.${verbs}`,
    type: `secretmanager.googleapis.com/${at.includes("/versions/") ? "SecretVersion" : "Secret"}`,
    name: at.endsWith("/secrets") ? `${at}/${query.get("secretId")}` : at,
  };
}

function neededForStorage({ method, path, body }: GoogleCall): Needed {
  const [, name = String(body["name"]), part] = path.split("/");
  const parts: Readonly<Record<string, string>> = { o: "objects.list", anywhereCaches: "anywhereCaches.list" };
  const policy = `buckets.${method === "GET" ? "get" : "set"}IamPolicy`;
  const bucket = part === "iam" ? policy : `buckets.${VERBS[method]}`;
  return {
    permission: `storage.${parts[part ?? ""] ?? bucket}`,
    type: "storage.googleapis.com/Bucket",
    name: `projects/_/buckets/${name}`,
  };
}
