import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../../lab/paths";
import { record } from "../../lab/processes";
import { assertOwnLab, type LabState } from "../../lab/state";

const stateOf = (owner: string) => ({ checkout: owner, startedAt: "2026-01-01T00:00:00.000Z" }) as LabState;

describe("a lab of another checkout", () => {
  const before = process.env["XDG_CACHE_HOME"];
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "lab-state-"));
    process.env["XDG_CACHE_HOME"] = directory;
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
    if (before === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = before;
  });

  test("is left alone while one of its processes runs", async () => {
    await record("host", process.pid);
    await expect(assertOwnLab(stateOf(directory))).rejects.toThrow(
      `a lab is already running in another checkout: ${directory}, since 2026-01-01`,
    );
  });

  test("is nobody's when none of them runs, or its checkout is gone", async () => {
    await expect(assertOwnLab(stateOf(directory))).resolves.toBeUndefined();
    await record("host", process.pid);
    await expect(assertOwnLab(stateOf(join(directory, "gone")))).resolves.toBeUndefined();
  });

  test("is one's own in one's own checkout", async () => {
    await record("host", process.pid);
    await expect(assertOwnLab(stateOf(checkout))).resolves.toBeUndefined();
  });
});
