import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { formatProblem } from "../../constructs/core/problems";
import { UserError } from "../../ops/errors";
import { applyPlans } from "../../ops/plans/apply";
import { PlanDirectory } from "../../ops/plans/keep";
import { PlansToApply } from "../../ops/plans/saved";
import { keptVolumes, lostVolumes } from "../../ops/terraform/data-loss";
import { apply, plan } from "../../ops/terraform/deploy";
import type { Json, Stack } from "../../ops/terraform/stack";
import { describeWithTerraform, findProvider } from "../helpers/terraform";
import { type SyntheticStack, values, Workplace } from "./synthetic";

jest.setTimeout(60_000);

const SCRATCH = "nomad_csi_volume.Storage_Volumes_scratch_Resource_0123ABCD";
const stackWith = (document: Json): Stack => ({ name: "lab-storage-east", document }) as Stack;
const planned = (address: string, actions: readonly string[], before: object, more: object = {}): Json => ({
  resource_changes: [{ address, change: { actions, before, ...more } }],
});
const lost = (document: Json, plan_: Json) => lostVolumes(stackWith(document), plan_).map(formatProblem);
const resource = (lifecycle?: object) => ({
  resource: { nomad_csi_volume: { [SCRATCH.split(".")[1] ?? ""]: { volume_id: "scratch", lifecycle } } },
});

describe("volumes that a plan would lose", () => {
  test("are those whose line is gone, by the name that jobs know", () => {
    expect(lost({}, planned(SCRATCH, ["delete"], { volume_id: "scratch" }))).toEqual([
      'lab-storage-east: volume scratch: would be destroyed with its data: its line is gone; put its line back with retired: { reason }, and disposable: { reason } where the data shall go too; apply, then delete the line; or destroy it for a reason: --allow-data-loss "<reason>"',
    ]);
    expect(lost({}, planned("nomad_dynamic_host_volume.work", ["delete"], { name: "work" }))[0]).toContain(
      "lab-storage-east: volume work: would be destroyed",
    );
  });

  test("are not those that were let go, nor what holds no data", () => {
    const removed = (destroy: boolean) => ({ removed: [{ from: SCRATCH, lifecycle: { destroy } }] });
    expect(lost(removed(true), planned(SCRATCH, ["delete"], { volume_id: "scratch" }))).toEqual([]);
    // Terraform would only forget this one: a deletion is something else.
    expect(lost(removed(false), planned(SCRATCH, ["delete"], { volume_id: "scratch" }))).toHaveLength(1);
    expect(lost({}, planned(SCRATCH, ["forget"], { volume_id: "scratch" }))).toEqual([]);
    expect(lost({}, planned("nomad_csi_volume_registration.x", ["delete"], { volume_id: "x" }))).toEqual([]);
    expect(lost({}, planned("nomad_job.x", ["delete"], {}))).toEqual([]);
    expect(lost({}, {})).toEqual([]);
  });

  test("are those made anew, unless they are disposable", () => {
    const anew = planned(SCRATCH, ["delete", "create"], { volume_id: "scratch" }, { replace_paths: [["plugin_id"]] });
    expect(lost(resource({ prevent_destroy: true }), anew)[0]).toContain(
      "lab-storage-east: volume scratch: would be made anew, without its data (plugin_id); put back what was changed",
    );
    expect(lost(resource(), anew)).toEqual([]);
  });

  test("are named where Terraform itself refuses, however its text is broken into lines", () => {
    const failure = `Instance cannot be destroyed\nResource ${SCRATCH} has lifecycle.prevent_destroy set, but the plan calls\nInstance cannot be destroyed\nResource aws_ebs_volume.x has\nlifecycle.prevent_destroy set`;
    expect(keptVolumes(stackWith(resource()), failure).map(({ path, rule }) => `${path} ${rule}`)).toEqual([
      "lab-storage-east: volume scratch would be destroyed and made anew, without its data",
    ]);
  });
});

describeWithTerraform("a stack of volumes", ["hashicorp/nomad"], () => {
  const name = SCRATCH.split(".")[1] ?? "";
  const storage = (document: Json): SyntheticStack => ({
    after: ["lab-site-a"],
    terraform: { required_providers: { nomad: { source: "hashicorp/nomad", version: "2.5.2" } } },
    document: { provider: { nomad: [{ region: "east", address: "http://127.0.0.1:9" }] }, ...document },
  });
  const volume = (pluginId: string, lifecycle?: object) => ({
    resource: {
      nomad_csi_volume: {
        [name]: {
          volume_id: "scratch",
          name: "scratch",
          plugin_id: pluginId,
          capability: [{ access_mode: "single-node-writer", attachment_mode: "file-system" }],
          ...(lifecycle && { lifecycle }),
        },
      },
    },
  });
  /** A checkout whose state has the volume of plugin `disks`, and a site that would change. */
  const place = (document: Json) => {
    const made = new Workplace();
    made.env["STEPPE_PROVIDERS"] = findProvider("hashicorp/nomad");
    const stacks = made.stacks({ "lab-site-a": { resource: values("a") }, "lab-storage-east": storage(document) });
    mkdirSync(made.path("state"));
    const attributes = {
      ...{ id: "scratch", volume_id: "scratch", name: "scratch", plugin_id: "disks", namespace: "default" },
      capability: [{ access_mode: "single-node-writer", attachment_mode: "file-system" }],
    };
    const state = {
      ...{ version: 4, terraform_version: "1.11.0", serial: 1, lineage: "00000000-0000-0000-0000-000000000000" },
      resources: [
        {
          ...{ mode: "managed", type: "nomad_csi_volume", name },
          provider: 'provider["registry.terraform.io/hashicorp/nomad"]',
          instances: [{ schema_version: 0, attributes }],
        },
      ],
    };
    writeFileSync(made.path("state", "lab-storage-east.tfstate"), JSON.stringify(state));
    return { made, stacks };
  };
  const refusal = async (document: Json) => {
    const { made, stacks } = place(document);
    const error: unknown = await apply(stacks, made.settings(await made.trust())).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect(existsSync(made.path("state", "lab-site-a.tfstate"))).toBe(false);
    const { message, problems } = error as UserError;
    return { message, problems: problems.map(({ path, rule }) => `${path} ${rule}`) };
  };

  test("is refused before anything is applied when the line of a volume was just deleted", async () => {
    expect(await refusal({})).toEqual({
      message: "volumes would be lost",
      problems: ["lab-storage-east: volume scratch would be destroyed with its data: its line is gone"],
    });
  });

  test("is refused as well when a kept volume would be made anew", async () => {
    expect(await refusal(volume("others", { prevent_destroy: true }))).toEqual({
      message: "volumes would be lost",
      problems: ["lab-storage-east: volume scratch would be destroyed and made anew, without its data"],
    });
  });

  test("is planned with the loss named, from the state alone", async () => {
    const { made, stacks } = place({});
    const settings = { ...made.settings(), refresh: false };
    const { stacks: results } = await plan(stacks, settings);
    expect(results).toMatchObject([
      { status: "changed" },
      { status: "changed", changes: { destroy: 1 }, refused: [{ path: "lab-storage-east: volume scratch" }] },
    ]);
    const { stacks: allowed } = await plan(stacks, { ...settings, allowDataLoss: "moved to the NAS" });
    expect(allowed[1]).toMatchObject({
      dataLoss: { reason: "moved to the NAS", volumes: [{ path: "lab-storage-east: volume scratch" }] },
    });
    expect(allowed[1]).not.toHaveProperty("refused");
    expect(readFileSync(allowed[1]?.log ?? "", "utf8")).toContain(
      "allowed (moved to the NAS): volume scratch would be destroyed with its data: its line is gone\n",
    );
  });

  test("is refused as a saved plan too", async () => {
    const { made, stacks } = place({});
    const about = { project: made.project, env: made.env, fleet: "lab", terraform: "1.11.0" };
    const keeper = await PlanDirectory.make(made.path("plans"), about);
    keeper.finish(stacks, await plan(stacks, { ...made.settings(), refresh: false, keeper }));
    const plans = PlansToApply.read(made.path("plans"), "lab");
    expect(plans.left).toEqual(["lab-site-a", "lab-storage-east"]);
    const error: unknown = await applyPlans(plans, stacks, made.settings(await made.trust())).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      message: "volumes would be lost",
      problems: [{ path: "lab-storage-east: volume scratch" }],
    });
    expect(existsSync(made.path("state", "lab-site-a.tfstate"))).toBe(false);
  });

  test("lets go of a volume as the fleet says, and makes a disposable one anew", async () => {
    const refused = async (document: Json) => {
      const { made, stacks } = place(document);
      const { stacks: results } = await plan(stacks, { ...made.settings(), refresh: false });
      return results[1];
    };
    const gone = (destroy: boolean) => ({ removed: [{ from: SCRATCH, lifecycle: { destroy } }] });
    expect(await refused(gone(true))).toMatchObject({ status: "changed", changes: { destroy: 1 } });
    expect(await refused(gone(true))).not.toHaveProperty("refused");
    expect(await refused(gone(false))).toMatchObject({ changes: { destroy: 0 } });
    const anew = await refused(volume("others"));
    expect(anew).toMatchObject({ changes: { add: 1, destroy: 1 } });
    expect(anew).not.toHaveProperty("refused");
  });
});
