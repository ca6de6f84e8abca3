import { terraformLiteral } from "../core/literal";
import type { JobJson } from "../jobspec/render";

/** Numbers that CDKTF puts where a Terraform reference of a number belongs: huge negative doubles. */
const numberToken = /-\d(?:\.\d+)?e\+(?:2[89]\d|30\d)/;
const jsonString = /"(?:[^"\\]|\\.)*"/g;

/** Whether text holds references that CDKTF has yet to resolve. */
export function holdsToken(text: string): boolean {
  return text.includes("{TfToken[") || (text.includes("e+") && numberToken.test(text));
}

const stringToken = /(\$\{TfToken\[[^\]]*\]\})/;

/**
 * Writes a job as the one string that `nomad_job.jobspec` expects with `json = true`.
 *
 * `${...}` and `%{...}` written by the caller belong to Nomad and leave here escaped, once. A text with a Terraform reference
 * leaves here inside `jsonencode(...)`, so that a quote in a value known only at apply cannot break the document.
 *
 * @returns a Terraform template string; compare it in tests after applying it.
 */
export function jobspecText(job: JobJson): string {
  const text = JSON.stringify(job);
  if (!text.includes("{TfToken[")) return terraformLiteral(text);
  let result = "";
  let end = 0;
  for (const match of text.matchAll(jsonString)) {
    const [literal] = match;
    if (!literal.includes("${TfToken[")) continue;
    result += `${terraformLiteral(text.slice(end, match.index))}\${jsonencode(${joined(literal)})}`;
    end = match.index + literal.length;
  }
  return result + terraformLiteral(text.slice(end));
}

/**
 * A JSON string with references as an expression that joins its parts. References stand bare: inside an interpolation CDKTF
 * leaves out the braces of a token, in quotes as well. And the text between them holds no brace, because CDKTF counts those too.
 */
function joined(literal: string): string {
  const parts = literal.slice(1, -1).split(stringToken);
  const items = parts.filter((part) => part !== "").map((part) => (stringToken.test(part) ? part : quoted(part)));
  return items.length === 1 ? `tostring(${items[0] ?? ""})` : `join("", [${items.join(", ")}])`;
}

/** The inside of a JSON string as a quoted string of Terraform's language, which knows neither `\b` nor `\f`. */
function quoted(inside: string): string {
  const escaped = inside.replace(/\\(.)|[{}]/g, (sequence, character: string | undefined) => {
    if (sequence === "{") return "\\u007b";
    if (sequence === "}") return "\\u007d";
    if (character === "b") return "\\u0008";
    return character === "f" ? "\\u000c" : sequence;
  });
  return `"${escaped}"`;
}
