import type { Template } from "./template";

/**
 * Environment variables from items of a Nomad variable. The task waits until the variable is there; `./steppe secret put` writes it.
 * A changed variable restarts the task.
 *
 * @param path - shape: `nomad/jobs/<job>`, which the job may read without a policy.
 * @param items - item of the variable by the name of the environment variable.
 */
export function variableEnvironment(path: string, items: Readonly<Record<string, string>>): Template {
  const lines = Object.entries(items).map(([name, item]) => `${name}={{ .${item} | toJSON }}\n`);
  return {
    destination: "secrets/variable.env",
    env: true,
    errorOnMissingKey: true,
    data: `{{ with nomadVar "${path}" }}\n${lines.join("")}{{ end }}\n`,
  };
}
