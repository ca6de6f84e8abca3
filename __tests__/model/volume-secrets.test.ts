import { formatProblem } from "../../constructs/core/problems";
import { CsiDriver } from "../../model/csi-drivers";
import { validateFleet } from "../../model/validate";
import type { Volume } from "../../model/volume-types";
import { smallFleet, spoil } from "../helpers/fleet";

const SECRET = "hunter2-of-the-nas";
const driver = CsiDriver.custom({ ...CsiDriver.hostpath(), parameters: undefined, mountsNfs: true });
const capabilities = [{ accessMode: "single-node-writer" }] as const;
const registered: Volume = { kind: "registered", plugin: "p", externalId: "x", capabilities };
const created: Volume = { kind: "created", plugin: "p", capacityMinGiB: 1, capabilities };
const nfs: Volume = { kind: "nfs", plugin: "p", server: "nas", share: "/a", capabilities };

function problemsOf(volume: object, given: object = driver): readonly string[] {
  const storage = { plugins: { p: { driver: given, pools: ["gpu"] } }, volumes: { v: volume } };
  return validateFleet(spoil(smallFleet(), "regions.north.storage", storage)).map(formatProblem);
}

describe("secrets of volumes", () => {
  test.each<[string, object]>([
    ["context.node-password", { ...registered, context: { "node-password": SECRET } }],
    ["context.url", { ...registered, context: { url: `https://me:${SECRET}@nas/` } }],
    ["context.note", { ...registered, context: { note: `ghp_${"aB3".repeat(12)}` } }],
    ["parameters.apiKey", { ...registered, parameters: { apiKey: SECRET } }],
    ["parameters.secret", { ...created, parameters: { secret: SECRET } }],
    ["mountOptions.mountFlags[1]", { ...created, mountOptions: { mountFlags: ["rw", `password=${SECRET}`] } }],
    ["mountFlags[0]", { ...nfs, mountFlags: [`pass=${SECRET}`] }],
  ])("are refused, and not repeated: %s", (path, volume) => {
    const problems = problemsOf(volume);
    expect(problems).toEqual([
      `regions.north.storage.volumes.v.${path}: must not hold a secret: it would be in the repository, the plan, the state and Nomad's API; give it to the plugin's programs, from a Nomad variable and a template of the driver`,
    ]);
  });

  test("are not repeated by other rules either", () => {
    const problems = problemsOf({ ...created, parameters: { password: SECRET } }, CsiDriver.hostpath());
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain(SECRET);
  });

  test.each<[object]>([
    [{ ...registered, context: { node_attach_driver: "iscsi", portal: "10.20.2.5:3260", iqn: "iqn.2005-10.org:x" } }],
    [{ ...registered, context: { password: "/etc/credentials", "csi.storage.k8s.io/node-stage-secret-name": "x" } }],
    [{ ...created, mountOptions: { mountFlags: ["noatime", "sec=krb5p"] } }],
    [nfs],
  ])("are not seen in %j", (volume) => expect(problemsOf(volume)).toEqual([]));
});
