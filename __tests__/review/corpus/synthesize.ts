import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { transformSync } from "@swc/core";
import { App } from "cdktf";
import { assertValid } from "../../../constructs/core/problems";
import type { Fleet } from "../../../model/types";
import { validateFleet } from "../../../model/validate";
import { projectDirectory } from "../../../ops/project";
import { readSnapshot } from "../../../ops/review/snapshot";
import type { Snapshot } from "../../../review/source/snapshot";
import { writeFleet } from "../../../scripts/fleet";
import { defineStacks, type Workloads } from "../../../stacks/program";
import type { Sources } from "./repository";

interface FleetModule {
  readonly fleet: Fleet;
  readonly workloads: Workloads;
}

/** What main.ts does with the fleet of a commit, in this process. @throws ValidationError as the program does. */
export function synthesizeSources(sources: Sources): Snapshot {
  const { fleet, workloads } = evaluate("examples/review.ts", sources) as FleetModule;
  assertValid(`fleet ${fleet.name}`, validateFleet(fleet));
  const outdir = mkdtempSync(join(tmpdir(), "steppe-corpus-out-"));
  try {
    const app = new App({ stackTraces: false, outdir });
    defineStacks(app, { fleet, workloads });
    app.synth();
    writeFleet(app, fleet);
    return readSnapshot(outdir);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Runs a file of a commit; what it imports besides is this checkout's. */
function evaluate(file: keyof Sources, sources: Sources): unknown {
  const { code } = transformSync(sources[file], {
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "commonjs" },
    configFile: false,
    swcrc: false,
  });
  const load = (id: string): unknown => {
    const path = id.startsWith(".") ? posix.join(posix.dirname(file), id) : id;
    if (Object.hasOwn(sources, `${path}.ts`)) return evaluate(`${path}.ts` as keyof Sources, sources);
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- which modules a commit imports is only known now
    return require(id.startsWith(".") ? join(projectDirectory, path) : id) as unknown;
  };
  const exports = {};
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the sources are this corpus's
  new Function("require", "exports", code)(load, exports);
  return exports;
}
