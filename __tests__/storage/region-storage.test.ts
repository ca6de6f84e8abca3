import { CsiDriver } from "../../model/csi-drivers";
import type { Fleet } from "../../model/types";
import { smallFleet, spoil } from "../helpers/fleet";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../helpers/synth";

/** The fleet with a plugin in the pool of region north, and a volume of each kind. */
function storageFleet(): Fleet {
  return spoil(smallFleet(), "regions.north.storage", {
    plugins: { disks: { driver: CsiDriver.hostpath(), pools: ["gpu"] } },
    volumes: {
      scratch: {
        kind: "created",
        plugin: "disks",
        capacityMinGiB: 10,
        capabilities: [{ accessMode: "single-node-writer" }],
      },
      parts: {
        kind: "registered",
        plugin: "disks",
        externalId: "disk",
        perAlloc: 2,
        capabilities: [{ accessMode: "single-node-writer" }],
      },
      local: { kind: "dynamic-host", pool: "gpu", mode: "0750", uid: 1000, gid: 1000 },
    },
  });
}

const stackOf = (fleet: Fleet): Partial<StackDocument> =>
  synthesizeFleet(fleet, { trust: publicTrustOf(fleet) }).get("small-storage-north") ?? {};
const resources = (fleet: Fleet, type: string) => Object.entries(stackOf(fleet).resource?.[type] ?? {});
const spoilt = (path: string, value: unknown) => spoil(storageFleet(), `regions.north.storage.${path}`, value);

describe("RegionStorage", () => {
  test("waits on a server until the plugin is healthy, and lets its volumes wait for that", () => {
    const stack = stackOf(storageFleet());
    const [[id, healthy] = []] = Object.entries(stack.resource?.["terraform_data"] ?? {}).filter(([name]) =>
      name.includes("_Healthy_"),
    );
    expect(healthy).toMatchObject({
      depends_on: [expect.stringMatching(/^nomad_job\.Storage_Plugins_disks_csi-disks-gpu_/)],
      provisioner: [{ "remote-exec": { inline: [expect.stringContaining("/gate plugin 900 disks yes")] } }],
    });
    const volumes = ["nomad_csi_volume", "nomad_csi_volume_registration"].flatMap((type) =>
      resources(storageFleet(), type),
    );
    expect(volumes).toHaveLength(3);
    for (const [, volume] of volumes) expect(volume["depends_on"]).toContain(`terraform_data.${id ?? "none"}`);
  });

  test("keeps what holds data, unless it is disposable", () => {
    const protectedIn = (fleet: Fleet) =>
      ["nomad_csi_volume", "nomad_dynamic_host_volume", "nomad_csi_volume_registration"].filter((type) =>
        resources(fleet, type).some(
          ([, { lifecycle }]) => (lifecycle as { prevent_destroy?: boolean } | undefined)?.prevent_destroy,
        ),
      );
    expect(protectedIn(storageFleet())).toEqual(["nomad_csi_volume", "nomad_dynamic_host_volume"]);
    expect(protectedIn(spoilt("volumes.scratch.disposable", { reason: "a cache" }))).toEqual([
      "nomad_dynamic_host_volume",
    ]);
  });

  test("lets go of a retired volume without destroying it, and destroys a disposable one", () => {
    const retired = spoilt("volumes.scratch.retired", { reason: "moved" });
    expect(resources(retired, "nomad_csi_volume")).toEqual([]);
    expect(stackOf(retired)["removed"]).toEqual([
      {
        from: expect.stringMatching(/^nomad_csi_volume\.Storage_Volumes_scratch_/) as string,
        lifecycle: { destroy: false },
      },
    ]);
    const [[before] = []] = resources(storageFleet(), "nomad_csi_volume");
    expect(stackOf(retired)["removed"]).toMatchObject([{ from: `nomad_csi_volume.${before ?? "none"}` }]);
    const disposable = spoil(retired, "regions.north.storage.volumes.scratch.disposable", { reason: "a cache" });
    expect(stackOf(disposable)["removed"]).toMatchObject([
      { from: `nomad_csi_volume.${before ?? "none"}`, lifecycle: { destroy: true } },
    ]);
  });

  test("makes a volume for each allocation", () => {
    expect(
      resources(storageFleet(), "nomad_csi_volume_registration").map(([, { volume_id, external_id }]) => [
        volume_id,
        external_id,
      ]),
    ).toEqual([
      ["parts[0]", "disk[0]"],
      ["parts[1]", "disk[1]"],
    ]);
  });

  test("names what the storage makes after fleet and region, so that two never meet in one volume", () => {
    const names = (fleet: Fleet) => resources(fleet, "nomad_csi_volume").map(([, { name }]) => name);
    expect(names(storageFleet())).toEqual(["small-csi-north-scratch"]);
    const two = spoilt("volumes.scratch.perAlloc", 2);
    expect(names(two)).toEqual(["small-csi-north-scratch-0", "small-csi-north-scratch-1"]);
    expect(names(spoil(two, "regions.north.storage.volumes.scratch.name", "mine"))).toEqual(["mine-0", "mine-1"]);
  });
});
