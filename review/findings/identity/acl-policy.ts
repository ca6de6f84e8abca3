import { parseTemplate, unescapeTemplate } from "../../../constructs/core/hcl/template";

/** What a policy of Nomad's ACLs allows. Shape: `["namespace ai: submit-job", "node: write"]`. */
export interface NomadRights {
  readonly rights: readonly string[];
  /** Parts that deny, which take rights away. */
  readonly denials: readonly string[];
}

/** Capabilities that `policy` of a namespace stands for. @see https://developer.hashicorp.com/nomad/docs/other-specifications/acl-policy */
const READ = [
  "list-jobs",
  "parse-job",
  "read-job",
  "csi-list-volume",
  "csi-read-volume",
  "read-job-scaling",
  "list-scaling-policies",
  "read-scaling-policy",
  "host-volume-read",
];
const WRITE = [
  "scale-job",
  "submit-job",
  "dispatch-job",
  "read-logs",
  "read-fs",
  "alloc-exec",
  "alloc-lifecycle",
  "csi-write-volume",
  "csi-mount-volume",
  "submit-recommendation",
  "host-volume-write",
];
const STANDS_FOR: Readonly<Record<string, readonly string[]>> = {
  read: READ,
  write: [...READ, ...WRITE],
  scale: ["read-job-scaling", "list-scaling-policies", "read-scaling-policy", "scale-job"],
};

/**
 * Reads the rules of an ACL policy: blocks with a name, in which `policy` and `capabilities` stand. Written for rules as people
 * write them, line by line; what it does not know it leaves out.
 *
 * @param isTemplate - the text is a Terraform template.
 * @returns undefined where the text holds Terraform's expressions or is no such policy.
 */
export function nomadRights(text: string, isTemplate: boolean): NomadRights | undefined {
  if (isTemplate && parseTemplate(text).some(({ kind }) => kind === "sequence")) return undefined;
  const tokens = tokensOf(isTemplate ? unescapeTemplate(text) : text);
  const rights: string[] = [];
  const denials: string[] = [];
  const place: string[] = [];
  let at = 0;
  while (at < tokens.length) {
    const token = tokens[at] ?? "";
    if (token === "}") {
      place.pop();
      at += 1;
      continue;
    }
    const after = tokens[at + 1];
    if (after === "=") {
      const [values, next] = valuesAt(tokens, at + 2);
      addTo(rights, denials, place, unquoted(token), values.map(unquoted));
      at = next;
      continue;
    }
    const isNamed = after?.startsWith('"') === true;
    if ((isNamed ? tokens[at + 2] : after) !== "{") return undefined;
    place.push(`${unquoted(token)}${isNamed ? ` ${unquoted(after)}` : ""}`);
    at += isNamed ? 3 : 2;
  }
  return place.length === 0 ? { rights, denials } : undefined;
}

function addTo(
  rights: string[],
  denials: string[],
  place: readonly string[],
  key: string,
  values: readonly string[],
): void {
  const where = place.join(" ");
  const isNamespace = place.length === 1 && /^namespace /.test(place[0] ?? "");
  for (const value of values) {
    if (value === "deny") denials.push(where);
    else if (key === "policy" && isNamespace)
      rights.push(
        ...((Object.hasOwn(STANDS_FOR, value) ? STANDS_FOR[value] : undefined) ?? [value]).map(
          (capability) => `${where}: ${capability}`,
        ),
      );
    else if (key === "policy" || key === "capabilities") {
      rights.push(`${where}: ${value}`);
      // Whoever may write may read.
      if (value === "write") rights.push(`${where}: read`);
    }
  }
}

/** Words, quoted texts, and marks; without comments. */
function tokensOf(text: string): readonly string[] {
  return (text.match(/#[^\n]*|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|[{}[\]=,]|[^\s{}[\]=,"#]+/g) ?? []).filter(
    (token) => token !== "," && !token.startsWith("#") && !token.startsWith("//"),
  );
}

function valuesAt(tokens: readonly string[], at: number): readonly [values: readonly string[], next: number] {
  if (tokens[at] !== "[") return [[tokens[at] ?? ""], at + 1];
  const end = tokens.indexOf("]", at);
  return end < 0 ? [[], tokens.length] : [tokens.slice(at + 1, end), end + 1];
}

function unquoted(token: string | undefined): string {
  return (token ?? "").replace(/^"(.*)"$/, "$1");
}
