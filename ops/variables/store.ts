import { UserError } from "../errors";
import { failureOf, type NomadAccess, nomadApi, nomadPut } from "../nomad-api";

/** Where a Nomad variable is. Regions do not replicate variables: each has its own. */
export interface VariablePlace {
  readonly region: string;
  readonly namespace: string;
  /** Shape: `nomad/jobs/redis`. */
  readonly path: string;
}

/** A variable as it is. */
export interface StoredVariable {
  /** Values by item: secrets. */
  readonly items: Readonly<Record<string, string>>;
  /** Raft index of its last change: a write that names it fails when there was another one since. */
  readonly modifyIndex: number;
}

/** What people read. Shape: `nomad/jobs/redis (region home)`. */
export function placeText({ region, namespace, path }: VariablePlace): string {
  return `${path} (region ${region}${namespace === "default" ? "" : `, namespace ${namespace}`})`;
}

/**
 * Reads a variable.
 *
 * @returns undefined where there is none.
 * @throws UserError where the region does not say.
 * @see https://developer.hashicorp.com/nomad/api-docs/variables/variables#read-variable
 */
export async function readVariable(access: NomadAccess, place: VariablePlace): Promise<StoredVariable | undefined> {
  const answer = await nomadApi(access, place.region, apiPath(place));
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw new UserError(`variable ${placeText(place)} cannot be read: ${failureOf(answer)}`);
  const { Items, ModifyIndex } = answer.body as {
    readonly Items?: Readonly<Record<string, string>> | null;
    readonly ModifyIndex: number;
  };
  return { items: Items ?? {}, modifyIndex: ModifyIndex };
}

/**
 * Writes a variable if nobody has changed it since.
 *
 * @param modifyIndex - of the variable as it was read; 0 where there was none.
 * @returns false where it was changed, or is locked; nothing is written then.
 * @throws UserError where Nomad refuses, or does not answer.
 * @see https://developer.hashicorp.com/nomad/api-docs/variables/variables#create-variable
 */
export async function writeVariable(
  access: NomadAccess,
  place: VariablePlace,
  items: Readonly<Record<string, string>>,
  modifyIndex: number,
): Promise<boolean> {
  const { region, namespace, path } = place;
  const body = { Namespace: namespace, Path: path, Items: items };
  const answer = await nomadPut(access, region, `${apiPath(place)}&cas=${modifyIndex}`, body);
  if (answer.status === 200) return true;
  // Its body is the variable as it is now, with the values.
  if (answer.status === 409) return false;
  throw new UserError(`variable ${placeText(place)} was not written: ${failureOf(answer)}`);
}

/** Path of a variable in the API, with its namespace. */
export function apiPath({ namespace, path }: Pick<VariablePlace, "namespace" | "path">): string {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return `/v1/var/${encoded}?namespace=${encodeURIComponent(namespace)}`;
}
