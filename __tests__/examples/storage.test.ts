import { formatProblem } from "../../constructs/core/problems";
import { fleet } from "../../examples/fleet";
import { mismatched, storage } from "../../examples/storage";
import { validateFleet } from "../../model/validate";
import { publicTrustOf, synthesizeFleet } from "../helpers/synth";
import { spoil } from "../helpers/fleet";

const withStorage = (given: object) => spoil(fleet, "regions.home.storage", given);
const errors = (given: object) =>
  validateFleet(withStorage(given))
    .filter(({ severity }) => severity !== "warning")
    .map(formatProblem);

test("the storage of the seeds, repaired, is valid and synthesizes", () => {
  expect(errors(storage)).toEqual([]);
  const changed = withStorage(storage);
  const stack = synthesizeFleet(changed, { trust: publicTrustOf(changed) }).get("seeds-storage-home");
  expect(Object.values(stack?.resource?.["nomad_csi_volume"] ?? {})).toMatchObject([
    { volume_id: "neo4j-disk", name: "seeds-csi-home-neo4j-disk", plugin_id: "iscsi" },
  ]);
});

test("the storage of the seeds is refused, each mismatch with what to do", () => {
  expect(errors(mismatched)).toMatchInlineSnapshot(`
   [
     "regions.home.storage.plugins.org.democratic-csi.iscsi: must have no dot: the Nomad variable that driver org.democratic-csi.freenas-api-iscsi reads is named by it, and its name cannot hold one, got "org.democratic-csi.iscsi"; name it like org-democratic-csi-iscsi",
     "regions.home.storage.volumes.neo4j-disk.mountOptions: must not be there: as a block-device the volume is not mounted, jobs get the bare disk, got {"fsType":"ext4","mountFlags":["noatime"]}; use attachmentMode "file-system", or leave them out",
     "regions.home.storage.volumes.neo4j-disk.externalId: must be what the storage calls it, got ""; ask the storage",
     "regions.home.storage.volumes.hf-models.capabilities[0]: is more than driver org.democratic-csi.freenas-api-iscsi can do (as file-system single-node-writer, single-node-reader-only, multi-node-reader-only; as block-device single-node-reader-only, single-node-writer, multi-node-reader-only, multi-node-single-writer, multi-node-multi-writer), got "multi-node-multi-writer as file-system"; name a capability of the driver, or use a plugin that has it",
     "regions.home.storage.volumes.surrealdb-disk.capabilities[0]: is more than driver nfs.csi.k8s.io can do (as file-system single-node-reader-only, single-node-writer, multi-node-reader-only, multi-node-single-writer, multi-node-multi-writer), got "single-node-writer as block-device"; name a capability of the driver, or use a plugin that has it",
   ]
  `);
});
