/** Names of variables and settings that hold secrets. */
export const secretName =
  /(^|[_.-])(TOKEN|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|API[_-]?KEY|ACCESS[_-]?KEY|SECRET[_-]?KEY|SECRET[_-]?ACCESS[_-]?KEY|PRIVATE[_-]?KEY|ENCRYPTION[_-]?KEY|CREDENTIALS?)$/i;

/** Arguments of programs that hold secrets, with the value after `=` as group 1. */
export const secretFlag =
  /^--?(?:[\w-]+[-_])?(?:token|password|passwd|pass|passphrase|secret|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key)(?:=(.+))?$/i;

/** Headers of HTTP that hold secrets. */
export const secretHeader =
  /^((proxy-)?authorization|cookie|x-[\w-]*(token|key|secret|auth)|private-token|job-token)$/i;

/** Shapes that only secrets have, by what they are. */
export const SECRET_SHAPES: Readonly<Record<string, string>> = {
  "an access key of AWS": "\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b",
  "a token of GitHub": "\\bgh[pousr]_[A-Za-z0-9]{30,}|\\bgithub_pat_\\w{30,}",
  "a token of GitLab": "\\bglpat-[\\w-]{20,}",
  "a token of Hugging Face": "\\bhf_[A-Za-z0-9]{30,}",
  "a key of OpenAI or Anthropic": "\\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}",
  "a key of NVIDIA": "\\bnvapi-[\\w-]{30,}",
  "a token of Slack": "\\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
  "a key of Google": "\\bAIza[\\w-]{35}",
  "a key of Tailscale": "\\btskey-[a-z]+-\\w{10,}",
  "a token of Vault": "\\bhv[sbr]\\.[\\w-]{20,}",
  "a token of npm": "\\bnpm_[A-Za-z0-9]{36}",
  "a token of Docker": "\\bdckr_pat_[\\w-]{20,}",
  "a JSON Web Token": "\\beyJ[\\w-]{10,}\\.eyJ[\\w-]{10,}\\.[\\w-]{10,}",
  "a private key": "-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
};

/** Shapes that only secrets have. */
export const knownSecret = new RegExp(Object.values(SECRET_SHAPES).join("|"));

/** A user and a password in a URL; group 1 is the password. What it is asked of may be anybody's: there is one way to match only. */
export const urlUser =
  /[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/@:'"]{0,200}:((?:\$\{[^}]*\}|\{\{[^}]*\}\}|(?!\$\{|\{\{)[^\s/@'"])+)@/i;

const candidate = /[A-Za-z0-9+/_=-]{20,}/g;

/**
 * Whether text holds a run that is random: 20 characters or more of all three kinds with much entropy, or 32 hexadecimal
 * digits. Digests, UUIDs, paths and words are none.
 */
export function isSecretLike(text: string): boolean {
  if (text.length < 20 || text.includes("sha256:") || text.includes("sha512:")) return false;
  candidate.lastIndex = 0;
  for (let match = candidate.exec(text); match !== null; match = candidate.exec(text)) {
    if (isRandom(match[0].replace(/^[-_/=]+/, ""))) return true;
  }
  return false;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function isRandom(run: string): boolean {
  if (run.length < 20 || run.length > 512) return false;
  if (/^[0-9a-f]{32,}$/i.test(run) && /\d/.test(run) && /[a-f]/i.test(run)) return entropy(run) > 3;
  if (!/[a-z]/.test(run) || !/[A-Z]/.test(run) || !/\d/.test(run)) return false;
  // Words joined by -, _ or / are names and paths: no part of them is random by itself.
  if (uuid.test(run) || !run.split(/[-_/]/).some((part) => part.length >= 16 && changes(part) >= 6)) return false;
  return entropy(run) > 3.7;
}

/** How often the kind of character changes: random text does at every second one, `MyModelV2Large` at words. */
function changes(text: string): number {
  let count = 0;
  let last = -1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const kind = code < 58 ? 0 : code < 91 ? 1 : 2;
    if (last !== -1 && kind !== last) count++;
    last = kind;
  }
  return count;
}

/** Bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
