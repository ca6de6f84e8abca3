import { terraformLiteral } from "../core/literal";
import type { JobJson } from "../jobspec/render";

/** Numbers that CDKTF puts where a Terraform reference of a number belongs: huge negative doubles. */
const numberToken = /-\d(?:\.\d+)?e\+(?:2[89]\d|30\d)/;
const jsonString = /"(?:[^"\\]|\\.)*"/g;

/** Whether text holds references that CDKTF has yet to resolve. */
export function holdsToken(text: string): boolean {
  return text.includes("{TfToken[") || (text.includes("e+") && numberToken.test(text));
}

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
    result += terraformLiteral(text.slice(end, match.index)) + `\${jsonencode(${expressionString(literal)})}`;
    end = match.index + literal.length;
  }
  return result + terraformLiteral(text.slice(end));
}

/** A JSON string as a quoted template of Terraform's language, which knows neither `\b` nor `\f`. */
function expressionString(literal: string): string {
  return terraformLiteral(literal).replace(/\\(.)/g, (escape, character: string) => {
    if (character === "b") return "\\u0008";
    return character === "f" ? "\\u000c" : escape;
  });
}
