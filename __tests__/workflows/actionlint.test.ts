import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describeWithTool } from "../helpers/tools";

describeWithTool("actionlint", "actionlint", (path) => {
  test("finds nothing in the workflows", () => {
    const { status, stdout } = spawnSync(path, ["-no-color"], { cwd: join(__dirname, "../.."), encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });
});
