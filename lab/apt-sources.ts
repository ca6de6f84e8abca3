/** One line of `/etc/apt/sources.list`: what a minimal root may be made from. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly signedBy?: string;
}

/** Reads the classic one-line format. Source packages and lines with an unknown form are left out. */
export function parseSourcesList(text: string): AptSource[] {
  const found: AptSource[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
    if (!match) continue;
    const [, options = "", uri = "", suite = "", components = ""] = match;
    const signedBy = /signed-by=(\S+)/i.exec(options)?.[1];
    found.push({ uri, suite, components: components.trim().split(/\s+/), ...(signedBy ? { signedBy } : {}) });
  }
  return found;
}

/** Reads the deb822 format of `*.sources`. */
export function parseDeb822(text: string): AptSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    let key = "";
    for (const line of stanza.split("\n").filter((each) => !each.startsWith("#"))) {
      const match = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
      if (match?.[1] !== undefined) fields.set((key = match[1].toLowerCase()), match[2] ?? "");
      else if (key !== "") fields.set(key, `${fields.get(key)}\n${line}`);
    }
    const words = (name: string) => (fields.get(name) ?? "").split(/\s+/).filter(Boolean);
    if (!words("types").includes("deb") || fields.get("enabled")?.trim() === "no") return [];
    const signedBy = fields.get("signed-by")?.trim();
    // A key written into the file itself belongs to somebody else's repository.
    const path = signedBy?.startsWith("/") ? signedBy : undefined;
    if (signedBy && path === undefined) return [];
    return words("uris").flatMap((uri) =>
      words("suites").map((suite) => ({
        uri,
        suite,
        components: words("components"),
        ...(path ? { signedBy: path } : {}),
      })),
    );
  });
}

/**
 * Of all sources of a machine those of its own distribution and release: other repositories have other keys, other
 * components, or suites of their own.
 */
export function distributionSources(sources: readonly AptSource[], codename: string): AptSource[] {
  const suites = [codename, `${codename}-updates`, `${codename}-security`];
  return sources.filter(
    ({ suite, components, signedBy }) =>
      suites.includes(suite) &&
      components.includes("main") &&
      (signedBy === undefined || /(debian|ubuntu)-archive/.test(signedBy)),
  );
}

/** Writes a source as one line. */
export function formatSource(source: AptSource): string {
  const options = source.signedBy === undefined ? "" : `[signed-by=${source.signedBy}] `;
  const components = source.components.filter((name) => name === "main" || name === "universe");
  return `deb ${options}${source.uri} ${source.suite} ${components.join(" ")}`;
}
