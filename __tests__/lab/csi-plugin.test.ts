import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { moduleFolder } from "../../lab/tool-build";
import { TOOL_MODULES } from "../../lab/tools";
import { describeWithTool } from "../helpers/tools";

// The first run compiles what the plugin and the checks of CSI are made of.
jest.setTimeout(300_000);

const OWN_MOUNTS = ["unshare", "--mount", "--propagation", "private"];

/** Whether this process may have a mount namespace of its own. */
function canMount(): boolean {
  const [command = "", ...args] = OWN_MOUNTS;
  return process.platform === "linux" && spawnSync(command, [...args, "true"]).status === 0;
}

describeWithTool("go", "the CSI plugin of the lab", (go) => {
  const folder = moduleFolder(TOOL_MODULES.csi);
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { status, stdout, stderr } = spawnSync(go, args, {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off", ...env },
    });
    return { status, out: status === 0 ? stdout : `${stdout}${stderr}` };
  };

  test("is formatted and passes go vet", () => {
    const gofmt = join(run(["env", "GOROOT"]).out.trim(), "bin", "gofmt");
    expect(spawnSync(gofmt, ["-l", folder], { encoding: "utf8" })).toMatchObject({ status: 0, stdout: "" });
    expect(run(["vet", "./..."])).toEqual({ status: 0, out: "" });
  });

  test("passes its tests that mount nothing", () => {
    expect(run(["test", "-count=1", "./..."])).toMatchObject({ status: 0 });
  });

  const obstacle = canMount() ? "" : " [skipped: no mount namespace can be had]";
  (obstacle === "" ? describe : describe.skip)(`with mounts of its own${obstacle}`, () => {
    test("passes all its tests, and CSI's own check of the specification", () => {
      const args = ["test", "-count=1", `-exec=${OWN_MOUNTS.join(" ")}`, "-v", "./..."];
      const { status, out } = run(args, { LAB_CSI_MOUNTS: "1" });
      expect({ status, out: status === 0 ? "" : out }).toEqual({ status: 0, out: "" });
      expect(out).toContain("--- PASS: TestSanity");
      expect(out).not.toContain("--- SKIP");
    });
  });
});
