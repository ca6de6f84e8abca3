import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../..");
const cache = mkdtempSync(join(tmpdir(), "steppe-cache-"));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

function check(...parameters: readonly string[]) {
  const env = {
    ...process.env,
    XDG_CACHE_HOME: cache,
    npm_config_cache: join(cache, "npm"),
    npm_config_registry: "http://127.0.0.1:9",
    npm_config_fetch_retries: "0",
  };
  return spawnSync(process.execPath, ["scripts/check-cdktn.mjs", ...parameters], { cwd: root, encoding: "utf8", env });
}

describe("npm run check:cdktn", () => {
  test("says that it could not install, and leaves nothing half installed", () => {
    const { status, stderr } = check();
    expect(status).toBe(1);
    expect(stderr).toContain("error: cannot install cdktn 0.24.0 from npm's registry; is it in reach?");
    expect(readdirSync(join(cache, "steppe"))).toEqual([]);
  }, 60_000);

  test("explains itself", () => {
    expect(check("--help").stdout).toContain("usage: npm run check:cdktn");
  });

  test("refuses what it does not know", () => {
    const { status, stderr } = check("--what");
    expect(status).toBe(1);
    expect(stderr).toContain("error: unknown option --what");
  });
});
