import { parse, type ParseError, printParseErrorCode } from "jsonc-parser";
import { ValidationError } from "../core/problems";

/**
 * Reads HuJSON.
 *
 * @param subject - what is read, for the error: `policy.hujson`.
 * @throws ValidationError with the line and column of everything that cannot be read.
 */
export function parseHujson(text: string, subject: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  if (errors.length === 0) return value;
  throw new ValidationError(
    subject,
    errors.map(({ error, offset }) => {
      const before = text.slice(0, offset).split("\n");
      const column = (before.at(-1)?.length ?? 0) + 1;
      return {
        path: `line ${before.length}, column ${column}`,
        rule: `is not HuJSON: ${printParseErrorCode(error)}`,
        fix: "correct it there",
      };
    }),
  );
}
