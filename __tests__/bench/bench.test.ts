import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(__dirname, "../..");

function bench(...parameters: readonly string[]) {
  return spawnSync(process.execPath, ["bench/run.mjs", ...parameters], { cwd: root, encoding: "utf8" });
}

describe("npm run bench", () => {
  test("compares Steppe with a floor that writes the same files", () => {
    const { status, stdout, stderr } = bench("--rounds", "1", "--jobs", "20", "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { growth, review } = JSON.parse(stdout) as {
      growth: { jobs: number; files: number; ratio: number }[];
      review: { count: number };
    };
    expect(growth).toMatchObject([{ jobs: 20, files: 34, ratio: expect.any(Number) }]);
    expect(review.count).toBe(20);
  }, 60_000);

  test.each([
    [["--rounds", "many"], "--rounds must be a whole number"],
    [["--jobs", "15"], "--jobs must be multiples of 10"],
    [["--what"], "Unknown option '--what'"],
  ])("refuses %j", (parameters, message) => {
    const { status, stderr } = bench(...parameters);
    expect(status).toBe(2);
    expect(stderr).toContain(`error: ${message}`);
  });

  test("explains itself", () => {
    expect(bench("--help").stdout).toContain("usage: npm run bench");
  });
});
