import type { Problem } from "../../constructs/core/problems";

const PATH = /^[A-Za-z0-9\-_~/]{1,128}$/;
const ITEM = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * What Nomad refuses of a variable's path.
 *
 * @see https://developer.hashicorp.com/nomad/docs/concepts/variables
 */
export function variablePathProblems(path: string): Problem[] {
  if (!PATH.test(path) || path.startsWith("/") || path.endsWith("/"))
    return [
      {
        path: "path",
        rule: "must be 1 to 128 letters, digits, -, _, ~ and /, without / at either end",
        got: path,
        fix: "write it as in nomad/jobs/redis",
      },
    ];
  if (path.split("/")[0] !== "nomad" || /^nomad\/(jobs(\/|$)|job-templates\/)/.test(path)) return [];
  return [
    {
      path: "path",
      rule: "must be below nomad/jobs or nomad/job-templates: the rest of nomad/ is Nomad's own",
      got: path,
      fix: "write nomad/jobs/<job>, which that job may read",
    },
  ];
}

/** What templates cannot read as `.<item>`, and values where an item's name belongs. The latter are not repeated. */
export function itemNameProblems(names: readonly string[]): Problem[] {
  return names.flatMap((name, index): Problem[] => {
    const path = `items.${index}`;
    if (name.includes("="))
      return [
        {
          path,
          rule: "must be a name alone: whoever is on this machine can read arguments",
          fix: `write ${name.slice(0, name.indexOf("="))}, and give the value by the prompt, --from-stdin, --file or --generate`,
        },
      ];
    if (!ITEM.test(name))
      return [
        {
          path,
          rule: "must be letters, digits and _, and not begin with a digit: templates read it as .<item>",
          got: name,
          fix: "use _ in place of other characters",
        },
      ];
    if (names.indexOf(name) !== index)
      return [{ path, rule: "must be given once", got: name, fix: "leave one of them out" }];
    return [];
  });
}

/** An empty secret is a mistake: a job would start with it. */
export function emptyValueProblems(values: Readonly<Record<string, string>>): Problem[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === ""
      ? [{ path: `items.${name}`, rule: "must have a value", got: value, fix: "give one, or --generate" }]
      : [],
  );
}
