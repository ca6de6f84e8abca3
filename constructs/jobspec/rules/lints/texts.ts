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

/** A driver's configuration, with settings that were given in the driver's own spelling. */
export type Config = Readonly<Record<string, unknown>>;

/** The configuration of a task as one, what is in `extra` before the rest. */
export function configOf(task: Task): Config {
  const config = task.config as Config;
  const extra = config["extra"];
  return typeof extra === "object" && extra !== null ? { ...config, ...extra } : config;
}

/** Texts of a setting that is one text or a list of them. */
export function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
