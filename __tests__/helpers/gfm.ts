/* eslint-disable jest/no-export, jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- a helper that defines suites for others */

interface Micromark {
  readonly micromark: (text: string, options: object) => string;
}

interface Gfm {
  readonly gfm: () => object;
  readonly gfmHtml: () => object;
}

/** A `describe` with a parser of GitHub's Markdown; skipped by name where the package is not installed. */
export function describeWithGfm(title: string, tests: (toHtml: (markdown: string) => string) => void): void {
  const [parser, extension] = [load("micromark") as Micromark, load("micromark-extension-gfm") as Gfm];
  if ((parser as unknown) === undefined || (extension as unknown) === undefined) {
    describe.skip(`${title} [skipped: no package micromark or micromark-extension-gfm]`, () => tests(String));
    return;
  }
  const options = {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [extension.gfm()],
    htmlExtensions: [extension.gfmHtml()],
  };
  describe(title, () => tests((markdown) => parser.micromark(markdown, options)));
}

function load(name: string): unknown {
  try {
    return jest.requireActual(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
