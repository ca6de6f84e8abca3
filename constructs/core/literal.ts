/**
 * Makes text safe as the value of any Terraform string attribute: `${...}` and `%{...}` leave here escaped, so that they
 * mean what the text's own language (a shell, Nomad) says. cdktf tokens inside stay live. Apply it exactly once.
 *
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
 */
export function terraformLiteral(text: string): string {
  if (!text.includes("{")) return text;
  return text.replace(/\$\{(?!TfToken\[)/g, "$$$${").replace(/%\{/g, "%%{");
}
