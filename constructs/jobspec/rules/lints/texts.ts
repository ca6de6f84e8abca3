import type { Task } from "../../task";

/** Called with each text of a task's configuration, and where it is. */
export type TextVisitor = (path: string, text: string) => void;

/** Visits every text of a driver's configuration, values of `extra` as if they were in it. */
export function visitConfig(path: string, config: object, visit: TextVisitor): void {
  for (const [key, value] of Object.entries(config)) {
    if (key === "extra" && typeof value === "object" && value !== null) visitConfig(path, value as object, visit);
    else visitValue(`${path}.${key}`, value, visit);
  }
}

function visitValue(path: string, value: unknown, visit: TextVisitor): void {
  if (typeof value === "string") visit(path, value);
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) visitValue(`${path}.${key}`, inner, visit);
  }
}

/** A setting of a driver's configuration, also one that was given in the driver's own spelling. */
export function setting(task: Task, property: string, spelling: string = property): unknown {
  const config = task.config as Readonly<Record<string, unknown>>;
  const extra = config["extra"] as Readonly<Record<string, unknown>> | undefined;
  return extra?.[spelling] ?? config[property] ?? config[spelling];
}

/** Texts of a setting that is one text or a list of them. */
export function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
