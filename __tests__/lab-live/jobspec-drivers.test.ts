import type { Json, Schema } from "../../constructs/jobspec/schema/field";
import { driverSchemas as typed } from "../../constructs/jobspec/schema/drivers";
import { renderJob } from "../../constructs/jobspec/render";
import {
  type DriverConfigs,
  type DriverOption,
  driverSchemas,
  standIns,
  startDriverConfigs,
} from "../helpers/driver-config";
import { describeWithTool } from "../helpers/tools";
import { corpus } from "../jobspec/corpus";
import { failures } from "../jobspec/corpus/nomad-server";

interface Configured {
  readonly id: string;
  readonly driver: string;
  readonly config: Json;
}

/** Every driver's configuration in the corpus, as the client gets it. */
function configurations(): readonly Configured[] {
  return corpus.flatMap((job) =>
    (renderJob(job).TaskGroups as readonly Json[]).flatMap((group) =>
      (group["Tasks"] as readonly Json[]).map((task) => ({
        id: `${job.id} ${String(group["Name"])} ${String(task["Name"])}`,
        driver: String(task["Driver"]),
        config: task["Config"] as Json,
      })),
    ),
  );
}

/** Settings that a driver has and our types do not, and why. */
const left: Readonly<Record<string, string>> = { "docker.mounts": "older name of mount" };

/** Settings by full name, of the types and of the driver. */
function ours(schema: Schema, at: string): string[] {
  return Object.values(schema.fields).flatMap(({ keys: [key = ""], children }) => [
    `${at}.${key}`,
    ...(children === undefined ? [] : ours(children, `${at}.${key}`)),
  ]);
}

function theirs(options: readonly DriverOption[], at: string): string[] {
  return options
    .map((option) => ({ ...option, name: `${at}.${option.name}` }))
    .filter(({ name }) => !Object.hasOwn(left, name))
    .flatMap(({ name, options: inner = [] }) => [name, ...theirs(inner, name)]);
}

describeWithTool("driver-config", "task configurations and the real drivers", (program) => {
  const known = driverSchemas(program);
  let drivers: DriverConfigs;
  beforeAll(() => {
    drivers = startDriverConfigs(program);
  });
  afterAll(async () => await drivers.stop());

  test("every configuration of the corpus is one that its driver takes", async () => {
    const asked = configurations().filter(({ driver }) => Object.hasOwn(known, driver));
    expect(asked.length).toBeGreaterThan(corpus.length);
    const found = await failures(asked, async ({ driver, config }) => {
      const answer = await drivers.decode({ driver, config, ...standIns(config) });
      return answer.ok ? undefined : answer.errors;
    });
    expect(found).toEqual({});
  });

  test.each(Object.keys(known))("%s has the settings of the types, and no others", (driver) => {
    const schema = typed[driver as keyof typeof typed];
    expect(ours(schema, driver).sort()).toEqual(theirs(known[driver] ?? [], driver).sort());
  });

  test("a driver that the tool knows takes nothing unknown", async () => {
    const answer = await drivers.decode({ driver: "exec", config: { command: "a", comand: "b" } });
    expect(answer).toMatchObject({ ok: false });
  });
});
