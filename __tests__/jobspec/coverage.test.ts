import { formatProblem, isError } from "../../constructs/core/problems";
import type { Schema } from "../../constructs/jobspec/schema/field";
import { shapeOf } from "../../constructs/jobspec/rules/shapes";
import { driverSchemas } from "../../constructs/jobspec/schema/drivers";
import { job as jobSchema } from "../../constructs/jobspec/schema/job";
import { validateJob } from "../../constructs/jobspec/validate";
import type * as ts from "typescript";
import { corpus, unproven } from "./corpus";
import { JobTypes } from "./corpus/types";

const types = new JobTypes();
const used = new Set([...corpus, ...unproven].flatMap((job) => [...types.used(job)]));

describe("the corpus", () => {
  test("has at least 150 jobs, each with an id of its own", () => {
    expect(corpus.length).toBeGreaterThanOrEqual(150);
    expect(new Set([...corpus, ...unproven].map(({ id }) => id)).size).toBe(corpus.length + unproven.length);
  });

  test("is valid", () => {
    const problems = corpus.flatMap((job) =>
      validateJob(job)
        .filter(isError)
        .map((problem) => `${job.id}: ${formatProblem(problem)}`),
    );
    expect(problems).toEqual([]);
  });

  test("uses every property of every type, and every choice, at least once", () => {
    expect([...types.everything()].filter((name) => !used.has(name))).toEqual([]);
  });

  test("walks all of the types", () => {
    const everything = types.everything();
    expect(everything.size).toBeGreaterThan(600);
    expect([...everything]).toEqual(
      expect.arrayContaining([
        "Job.id",
        "DockerMount.type = tmpfs",
        "IngressService.requestHeaders",
        "HeaderModifiers.remove",
        "IsolatedNetwork.mode = cni/*",
        "SocketUpstream.localBindSocketMode",
        "attribute = ${attr.cpu.arch}",
      ]),
    );
  });
});

describe("the schemas", () => {
  test("have the properties of the types, block by block", () => {
    expect(differences([types.job], jobSchema, "Job")).toEqual([]);
  });

  test.each(Object.entries(driverSchemas))("have the settings of %s", (driver, schema) => {
    expect(differences([configOf(driver)], schema, driver, ["extra"], false)).toEqual([]);
  });
});

/** Where types and their schema differ. Schemas have no place for what only Steppe reads. */
function differences(
  of: readonly ts.Type[],
  schema: Schema,
  at: string,
  apart: readonly string[] = ["allow"],
  isChecked = true,
): readonly string[] {
  const shapes = of.flatMap((type) => types.shapes(type));
  const barred = new Set(shapes.flatMap((shape) => types.barred(shape)));
  const properties = new Map<string, ts.Type[]>();
  for (const { names, type } of shapes.flatMap((shape) => types.properties(shape))) {
    const name = names[0]?.replace(/^.*\./, "") ?? "";
    if (!apart.includes(name)) properties.set(name, [...(properties.get(name) ?? []), type]);
  }
  const fields = Object.entries(schema.fields).filter(([name]) => !apart.includes(name));
  return [
    ...[...properties.keys()]
      .filter((name) => !Object.hasOwn(schema.fields, name))
      .map((name) => `${at}.${name} has no field`),
    ...fields
      .filter(([name]) => !properties.has(name) && !barred.has(name))
      .map(([name]) => `${at}.${name} has no property`),
    ...fields.flatMap(([name, field]) => {
      const { children, kind } = field;
      const inner = properties.get(name) ?? [];
      const held = [...new Set(inner.flatMap((type) => types.values(type)))].join(" or ");
      const checked = shapeOf(field, schema.name, name);
      if (held !== "" && isChecked && held !== checked) return [`${at}.${name} is ${held}, and checked as ${checked}`];
      if (inner.length === 0 || kind === "config") return [];
      if (children !== undefined) return differences(inner, children, `${at}.${name}`, apart, isChecked);
      return inner.some((type) => types.shapes(type).length > 0) ? [`${at}.${name} has no schema of its own`] : [];
    }),
  ];
}

/** The type of a driver's configuration. */
function configOf(driver: string): ts.Type {
  const step = (from: ts.Type, name: string) =>
    types
      .shapes(from)
      .flatMap((shape) => types.properties(shape).filter(({ names }) => names[0]?.endsWith(`.${name}`)));
  const tasks = step(types.job, "groups").flatMap(({ type }) => step(type, "tasks"));
  const shapes = tasks.flatMap(({ type }) => types.shapes(type));
  const config = shapes
    .map((shape) => types.properties(shape))
    .find((all) =>
      all.some(
        ({ names, type }) => names[0] === "DriverConfig.driver" && type.isStringLiteral() && type.value === driver,
      ),
    )
    ?.find(({ names }) => names[0] === "DriverConfig.config");
  if (config === undefined) throw new Error(`no type for ${driver}`);
  return config.type;
}
