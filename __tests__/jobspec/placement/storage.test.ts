import type { PoolPlacement } from "../../../constructs/jobspec/placement/findings";
import { fitsPool } from "../../../constructs/jobspec/placement/placeable";
import { storageFleet } from "./storage-fleet";
import { storageCases } from "./storage-jobs";

const fleet = storageFleet();
const found = new Map(
  storageCases().map(({ name, job }) => [name, fitsPool(job, fleet, job.nodePool ?? "")[0]] as const),
);

/** How a case fares, by its name. */
function of(name: string): PoolPlacement {
  const placement = found.get(name);
  if (placement === undefined) throw new RangeError(`no case ${name}`);
  return placement;
}

const writing = '{"accessMode":"single-node-writer","attachmentMode":"file-system","readOnly":false}';

describe("placement by the zone of a volume", () => {
  test("wants machines in its zone", () => {
    expect(of(`1 in a: csi disk-a ${writing}`).verdict).toBe("yes");
    expect(of(`1 in a: csi disk-b ${writing}`)).toMatchObject({
      verdict: "no",
      reasons: [
        {
          check: "csiVolume",
          path: "groups.web.volumes.data.source",
          rule: "is in europe-west4-b (regions.cloud.storage.volumes.disk-b.requiredTopologies), and machines of pool a are in europe-west4-a",
          got: "disk-b",
        },
      ],
    });
  });

  test("does not know which zone the machines of a pool in several are in", () => {
    const { verdict, doubts } = of(`1 in both: csi disk-a ${writing}`);
    expect(verdict).toBe("perhaps");
    expect(doubts[0]?.unknown).toContain("whether machines of pool both are where");
  });
});

test("a host volume for one writer goes to no reader", () => {
  expect(of('1 in a: host plain {"readOnly":false,"accessMode":"single-node-writer"}').verdict).toBe("yes");
  expect(of('1 in a: host plain {"readOnly":true,"accessMode":"single-node-writer"}')).toMatchObject({
    verdict: "no",
    reasons: [{ check: "hostVolume", path: "groups.web.volumes.data.accessMode", got: "single-node-writer" }],
  });
});

test("perhaps is said only of names that the fleet does not know, and of pools in several zones", () => {
  const unknown = [...found.values()].flatMap((placement) => placement?.doubts.map((doubt) => doubt.unknown) ?? []);
  const where = (disk: string) =>
    `whether machines of pool both are where regions.cloud.storage.volumes.${disk}.requiredTopologies says`;
  expect([...new Set(unknown)].sort()).toEqual(
    [
      where("disk-a"),
      where("disk-b"),
      ...["a", "b", "bare", "both"].map((pool) => `whether pool ${pool} has a free volume nothing`),
      "whether pool both has a free volume local",
      "which plugin serves CSI volume local",
      "which plugin serves CSI volume nothing",
    ].sort(),
  );
});
