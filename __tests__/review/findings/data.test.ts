import type { Construct } from "constructs";
import { Postgres } from "../../../constructs/services/postgres";
import type { Fleet, Region } from "../../../model/types";
import type { Json } from "../../../review/json";
import { readPlan } from "../../../review/source/plan";
import { planSubject } from "../../../review/subject";
import { awsFleet, gcpFleet, type Mutable, smallFleet, spoil } from "../../helpers/fleet";
import { commitOf, found, foundIn, stackOf } from "./fleets";

/** One resource that changes, without a fleet. */
function changed(type: string, before: Json | undefined, after: Json | undefined): readonly string[] {
  const document = (body: Json | undefined) => stackOf({ resource: { [type]: body === undefined ? {} : { a: body } } });
  return found(document(before), document(after), "data");
}

describe("a resource that holds data", () => {
  test.each([
    ["aws_ebs_volume", { size: 1 }, "volume"],
    ["google_compute_disk", { name: "a" }, "volume"],
    ["nomad_dynamic_host_volume", { name: "a" }, "volume"],
    ["aws_s3_bucket", { bucket: "a" }, "bucket"],
    ["nomad_namespace", { name: "a" }, "namespace"],
    ["nomad_variable", { path: "a" }, "secret"],
    ["google_secret_manager_secret", { secret_id: "a" }, "secret"],
    ["aws_db_instance", { identifier: "a" }, "database"],
  ])("%s: is destroyed", (type, body, kind) => {
    expect(changed(type, body, undefined)).toEqual([`blocking data/${kind}-destroyed ${type}.a`]);
    expect(changed(type, undefined, body)).toEqual([]);
    expect(changed(type, body, { ...body, description: "b" })).toEqual([]);
  });

  test("is replaced", () => {
    const volume = { availability_zone: "a", size: 1, tags: { Name: "x" } };
    expect(changed("aws_ebs_volume", volume, { ...volume, availability_zone: "b" })).toEqual([
      "blocking data/volume-replaced aws_ebs_volume.a",
    ]);
    expect(changed("aws_ebs_volume", volume, { ...volume, tags: { Name: "y" } })).toEqual([]);
    expect(changed("nomad_namespace", { name: "a" }, { name: "b" })).toEqual([
      "blocking data/namespace-destroyed nomad_namespace.a",
    ]);
  });

  test("goes to another place", () => {
    const volume = { name: "notes", node_pool: "a" };
    expect(changed("nomad_dynamic_host_volume", volume, { ...volume, node_pool: "b" })).toEqual([
      "blocking data/volume-moved nomad_dynamic_host_volume.a",
    ]);
    const nfs = {
      volume_id: "a",
      external_id: "a",
      context: { server: "nas", share: "/a" },
      deregister_on_destroy: true,
    };
    expect(changed("nomad_csi_volume_registration", nfs, { ...nfs, context: { server: "nas", share: "/b" } })).toEqual([
      "warning data/volume-moved nomad_csi_volume_registration.a",
    ]);
    expect(changed("nomad_csi_volume_registration", nfs, { ...nfs, deregister_on_destroy: false })).toEqual([]);
    expect(changed("nomad_csi_volume_registration", nfs, undefined)).toEqual([]);
  });

  test.each([
    ["aws_ebs_volume", "size", 40, 30],
    ["google_compute_disk", "size", 40, 30],
    ["nomad_csi_volume", "capacity_max", "1TiB", "900GiB"],
    ["aws_instance", "root_block_device", { volume_size: 30 }, { volume_size: 20 }],
  ])("%s: shrinks", (type, argument, large, small) => {
    expect(changed(type, { [argument]: large }, { [argument]: small })).toEqual([
      `blocking data/storage-shrunk ${type}.a`,
    ]);
    expect(changed(type, { [argument]: small }, { [argument]: large })).toEqual([]);
  });

  test("is let go of by a removed block that says so", () => {
    const before = stackOf({
      resource: { nomad_csi_volume: { a: { volume_id: "a", lifecycle: { prevent_destroy: true } } } },
    });
    const after = (destroy: boolean) => stackOf({ removed: [{ from: "nomad_csi_volume.a", lifecycle: { destroy } }] });
    expect(found(before, after(true), "data")).toEqual(["warning data/volume-destroyed nomad_csi_volume.a"]);
    expect(found(before, after(false), "data")).toEqual([]);
  });

  test("is destroyed by a plan", () => {
    const document = {
      format_version: "1.2",
      resource_changes: [
        {
          address: "module.m.aws_ebs_volume.a[0]",
          mode: "managed",
          type: "aws_ebs_volume",
          change: {
            actions: ["delete", "create"],
            before: { size: 1, tags: null },
            after: { size: 1 },
            replace_paths: [["availability_zone"]],
          },
        },
        {
          address: "aws_ebs_volume.b",
          mode: "managed",
          type: "aws_ebs_volume",
          change: { actions: ["no-op"], before: { size: 1 }, after: { size: 1 } },
        },
      ],
    };
    const read = readPlan("s", document) as Extract<ReturnType<typeof readPlan>, { plan: unknown }>;
    expect(foundIn(planSubject([read.plan]), "data")).toEqual([
      "blocking data/volume-replaced module.m.aws_ebs_volume.a[0]",
    ]);
  });
});

describe("protection", () => {
  const guarded = { lifecycle: { prevent_destroy: true }, size: 1 };

  test("of Terraform goes", () => {
    expect(changed("aws_ebs_volume", guarded, { size: 1 })).toEqual([
      "warning data/protection-removed aws_ebs_volume.a",
    ]);
    expect(changed("aws_ebs_volume", { size: 1 }, guarded)).toEqual([]);
  });

  test.each([
    ["aws_db_instance", { deletion_protection: true }, { deletion_protection: false }],
    ["aws_s3_bucket", { force_destroy: false }, { force_destroy: true }],
    [
      "aws_s3_bucket_versioning",
      { versioning_configuration: { status: "Enabled" } },
      { versioning_configuration: { status: "Suspended" } },
    ],
    ["google_storage_bucket", { versioning: [{ enabled: true }] }, { versioning: [{ enabled: false }] }],
    ["google_storage_bucket", { retention_policy: { retention_period: 86400 } }, { requester_pays: true }],
    ["aws_db_instance", { backup_retention_period: 7 }, { backup_retention_period: 1 }],
    [
      "aws_s3_bucket_lifecycle_configuration",
      { rule: [{ expiration: [{ days: 30 }] }] },
      { rule: [{ expiration: [{ days: 7 }] }] },
    ],
    ["aws_s3_bucket_lifecycle_configuration", { rule: [] }, { rule: [{ expiration: [{ days: 7 }] }] }],
  ])("%s: %j becomes %j", (type, strong, weak) => {
    expect(changed(type, strong, weak)).toEqual([`warning data/protection-removed ${type}.a`]);
    expect(changed(type, weak, strong)).toEqual([]);
  });

  test("versions are kept no longer, unless the bucket goes as well", () => {
    const bucket = { aws_s3_bucket: { b: { bucket: "b" } } };
    const versioning = { aws_s3_bucket_versioning: { v: { bucket: "b" } } };
    const before = stackOf({ resource: { ...bucket, ...versioning } });
    expect(found(before, stackOf({ resource: bucket }), "data")).toEqual([
      "warning data/protection-removed aws_s3_bucket_versioning.v",
    ]);
    expect(found(before, stackOf({}), "data")).toEqual(["blocking data/bucket-destroyed aws_s3_bucket.b"]);
  });
});

describe("a fleet", () => {
  const cloud = (change: Partial<Mutable<Region>>, fleet = awsFleet()): Fleet =>
    spoil(fleet, "regions.cloud", { ...fleet.regions["cloud"], ...change });
  const servers = { count: 3, machineType: "m7i.large" };
  const operatorArns = ["arn:aws:iam::123456789012:role/operators"];
  const backups = { store: { kind: "s3" as const, operatorArns } };

  test("makes its servers disposable: one finding, not one for each volume", () => {
    const after = commitOf(cloud({ servers: { ...servers, disposable: { reason: "a test" } }, backups }));
    expect(found(commitOf(cloud({ backups })), after, "data")).toEqual([
      "warning data/disposable regions.cloud.servers",
    ]);
    expect(found(after, after, "data")).toEqual([]);
  });

  test("retires machines with and without their data", () => {
    const small = smallFleet();
    const retired = (keepData?: boolean) =>
      commitOf(
        spoil(small, "sites.north.hosts.n-gpu.retired", {
          reason: "broken",
          ...(keepData !== undefined && { keepData }),
        }),
      );
    expect(found(commitOf(small), retired(false), "data")).toEqual([
      "blocking data/disposable sites.north.hosts.n-gpu",
    ]);
    expect(found(commitOf(small), retired(), "data")).toEqual([]);
    expect(found(retired(false), retired(false), "data")).toEqual([]);
  });

  test("retires a region of a cloud: the volumes stay, or go in one finding", () => {
    const retired = (keepData: boolean) => commitOf(cloud({ retired: { reason: "moved", keepData } }));
    const before = commitOf(awsFleet());
    expect(found(before, retired(true), "data")).toEqual([]);
    expect(found(before, retired(false), "data")).toEqual(["blocking data/disposable regions.cloud"]);
  });

  test("removes a retired region whose data was kept", () => {
    const before = cloud({ retired: { reason: "moved" } });
    const after = structuredClone(before) as Mutable<Fleet>;
    delete after.regions["cloud"];
    after.pools = Object.fromEntries(Object.entries(after.pools).filter(([, { site }]) => site !== "cloud"));
    const volumes = found(commitOf(before), commitOf(after), "data");
    expect(volumes).toHaveLength(3);
    expect(new Set(volumes.map((line) => line.split(" aws_ebs_volume.")[0]))).toEqual(
      new Set(["blocking data/volume-destroyed"]),
    );
  });

  test("takes its backups away, or keeps them less long", () => {
    const store = { kind: "directory", path: "/mnt/backups" } as const;
    const of = (keepDays: number) => commitOf(cloud({ backups: { store, keepDays } }));
    expect(found(of(30), commitOf(awsFleet()), "data")).toEqual(["warning data/backups-removed regions.cloud.backups"]);
    expect(found(of(30), of(7), "data")).toEqual(["warning data/protection-removed regions.cloud.backups"]);
    expect(found(of(7), of(30), "data")).toEqual([]);
    const made = (keepDays: number) => commitOf(cloud({ backups: { ...backups, keepDays } }));
    expect(found(made(30), made(7), "data")).toHaveLength(1);
  });

  test("says nothing of a disk of Google's that grows", () => {
    const sized = (dataVolumeGiB: number) =>
      commitOf(cloud({ servers: { count: 3, machineType: "n2-standard-2", dataVolumeGiB } }, gcpFleet()));
    expect(found(sized(40), sized(60), "data")).toEqual([]);
    expect(found(sized(60), sized(40), "data").map((line) => line.split(".")[0])).toEqual([
      "blocking data/storage-shrunk google_compute_disk",
      "blocking data/storage-shrunk google_compute_disk",
      "blocking data/storage-shrunk google_compute_disk",
    ]);
  });

  test("moves a directory of its machines", () => {
    const at = (path: string) => commitOf(spoil(smallFleet(), "pools.gpu.hostVolumes.models.path", path));
    expect(found(at("/srv/models"), at("/data/models"), "data")).toEqual([
      "warning data/volume-moved pools.gpu.hostVolumes.models",
    ]);
  });

  test("stores differ only in their line: a secret goes with its pool", () => {
    const after = awsFleet();
    delete after.pools["arm"];
    expect(found(commitOf(awsFleet()), commitOf(after), "data")).toEqual([]);
  });
});

describe("a database", () => {
  const fleet = (): Mutable<Fleet> => {
    const small = smallFleet();
    small.services = { ...small.services, shop: { port: 5432, pools: ["gpu"], callers: ["edge"] } };
    small.regions["north"] = {
      ...(small.regions["north"] as Mutable<Region>),
      storage: {
        volumes: { shop: { kind: "dynamic-host", pool: "gpu" }, other: { kind: "dynamic-host", pool: "gpu" } },
      },
    };
    return small;
  };
  const running = (volume: string | undefined, of = fleet()) =>
    commitOf(of, {
      north: (scope: Construct) => {
        if (volume !== undefined) new Postgres(scope, "Shop", { name: "shop", pool: "gpu", volume });
      },
    });

  test("is removed while its volume stays", () => {
    expect(found(running("shop"), running(undefined), "data").map((line) => line.split(".")[0])).toEqual([
      "warning data/database-destroyed nomad_job",
    ]);
  });

  test("begins on another volume", () => {
    expect(found(running("shop"), running("other"), "data").map((line) => line.split(".")[0])).toEqual([
      "blocking data/database-destroyed nomad_job",
    ]);
    expect(found(running("shop"), running("shop"), "data")).toEqual([]);
  });
});
