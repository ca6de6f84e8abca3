import { gate } from "../../constructs/machine/shell/gate";
import { paths } from "../../constructs/machine/paths";
import { type Ended, ScriptHome } from "../helpers/machine-script";

const GATE = `${paths.library}/gate`;

/** Runs `gate plugin 0 shared <needs a controller>` where Nomad answers so; null is a plugin that it does not know. */
async function asked(answer: object | null, needsController: "yes" | "no"): Promise<Ended> {
  const home = new ScriptHome();
  try {
    home.put(paths.machineEnv, "STEPPE_REGION=east\n");
    const answers = answer === null ? "exit 1" : `cat <<'E'\n${JSON.stringify(answer, undefined, 2)}\nE`;
    home.put(`${paths.library}/nomad-local`, `#!/bin/sh\n[ "$3" = /v1/plugin/csi/shared ] || exit 2\n${answers}\n`);
    home.put(GATE, gate);
    return await home.run(GATE, ["plugin", "0", "shared", needsController], {});
  } finally {
    home.remove();
  }
}

const plugin = (NodesHealthy: number, NodesExpected: number, ControllersHealthy: number) => ({
  Allocations: [{ Name: "csi-shared-general.plugin[0]" }],
  ControllersHealthy,
  ControllersExpected: 2,
  NodesHealthy,
  NodesExpected,
});

describe("gate plugin", () => {
  test("lets a plugin pass that answers on every node and has a controller", async () => {
    const { status, stdout } = await asked(plugin(2, 2, 1), "yes");
    expect({ status, stdout }).toEqual({ status: 0, stdout: "steppe gate: CSI plugin shared is healthy\n" });
  });

  test("lets a plugin pass that needs no controller", async () => {
    expect(await asked(plugin(2, 2, 0), "no")).toMatchObject({ status: 0 });
  });

  test.each([
    ["a node is missing", plugin(1, 2, 1), "CSI plugin shared to be healthy on every node that runs it"],
    ["no node runs it", plugin(0, 0, 1), "CSI plugin shared to be healthy on every node that runs it"],
    ["Nomad does not know it", null, "CSI plugin shared to be healthy on every node that runs it"],
    ["it has no controller", plugin(2, 2, 0), "a healthy controller of CSI plugin shared"],
  ])("waits while %s", async (_when, answer, awaited) => {
    const { status, stderr } = await asked(answer, "yes");
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `steppe gate: gave up after 0 s waiting for ${awaited} (nomad plugin status shared)\n`,
    });
  });
});
