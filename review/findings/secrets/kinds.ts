import { knownSecret, SECRET_SHAPES, secretName, urlUser } from "../../../constructs/core/secret-shapes";

/** What a text seems to be, and never the text itself. */
export type Kind = string;

const SHAPES = Object.entries(SECRET_SHAPES).map(([kind, source]) => [kind, new RegExp(source)] as const);

/** A secret by its shape, wherever it stands: a token, a key, a password in a URL. */
export function kindOfText(text: string): Kind | undefined {
  const open = withoutExpressions(text);
  if (knownSecret.test(open)) return SHAPES.find(([, shape]) => shape.test(open))?.[0] ?? "a secret";
  return open.includes("@") && urlUser.test(open) ? "a password in a URL" : undefined;
}

/** Arguments of providers that hold a secret, next to those whose name says so. */
const PROVIDER_SECRETS = /^(secret_id|http_auth|credentials|oauth_client_secret)$/;

/**
 * A secret by the name that it has.
 *
 * @param isProvider - it is an argument of a provider.
 */
export function kindOfNamed(name: string, text: string, isProvider: boolean): Kind | undefined {
  const bare = name.replace(/_wo$/, "");
  if (!secretName.test(bare) && !secretStringName.test(bare) && !(isProvider && PROVIDER_SECRETS.test(bare)))
    return undefined;
  return isOpen(text) ? `a value for ${JSON.stringify(name.slice(0, 60))}` : undefined;
}

const secretStringName = /^(secret_string|secret_data|secret_binary|master_password|auth_token|private_key_pem)$/i;

/** Said instead of a secret, or saying how one is made. */
const NO_SECRET = /^(|true|false|null|none|required|optional|enabled|disabled|placeholder|\d{1,5}|[a-z]+_[a-z_]+)$/i;

/** True for a value that is there to be read: no expression, path, name of a file or switch. */
function isOpen(text: string): boolean {
  const rest = withoutExpressions(text).trim();
  if (NO_SECRET.test(rest) || rest.startsWith("/") || /^(local|secrets|alloc|projects|arn:)[/:]?/.test(rest))
    return false;
  return !/\s/.test(rest);
}

/** A text without Terraform's and Nomad's expressions and templates, which read secrets from where they belong. */
function withoutExpressions(text: string): string {
  return text.includes("{") ? text.replace(/\$?\$\{[^}]*\}|%?%\{[^}]*\}|\{\{[^}]*\}\}/g, "") : text;
}
