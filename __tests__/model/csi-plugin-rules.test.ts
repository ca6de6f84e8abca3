import { formatProblem } from "../../constructs/core/problems";
import type { CsiDriver as Driver } from "../../model/csi-driver";
import { CsiDriver } from "../../model/csi-drivers";
import type { DemocraticCsiOptions } from "../../model/csi/democratic-types";
import { iscsi, nfs } from "../../model/well-known";
import type { Fleet } from "../../model/types";
import { validateFleet } from "../../model/validate";
import type { Volume } from "../../model/volume-types";
import { democraticOptions, drivers, fleetWith } from "../helpers/csi";
import { smallFleet, spoil } from "../helpers/fleet";

const errors = (fleet: Fleet) =>
  validateFleet(fleet)
    .filter(({ severity }) => severity !== "warning")
    .map(formatProblem);
const regionOf = (fleet: Fleet) => (fleet.regions["cloud"]?.storage === undefined ? "north" : "cloud");
const withVolume = (fleet: Fleet, id: string, volume: Volume) =>
  spoil(fleet, `regions.${regionOf(fleet)}.storage.volumes`, { [id]: volume });
const writer = [{ accessMode: "single-node-writer" }] as const;

describe("options of democratic-csi", () => {
  const wrong = (change: (options: DemocraticCsiOptions) => object, index = 0) => {
    const options = democraticOptions[index]!;
    return errors(fleetWith("nas", CsiDriver.democraticCsi({ ...options, ...change(options) })));
  };

  test.each<readonly [string, () => string[], string]>([
    [
      "a host that is a URL",
      () => wrong(() => ({ httpConnection: { host: "https://nas" } })),
      "driver.httpConnection.host: must be an address or a host name",
    ],
    [
      "a port that is none",
      () => wrong(() => ({ httpConnection: { host: "nas", port: 0 } })),
      "driver.httpConnection.port: must be a whole number from 1 to 65535",
    ],
    [
      "volumes in the root of a pool",
      () => wrong(({ zfs }) => ({ zfs: { ...zfs, datasetParentName: "tank" } })),
      "driver.zfs.datasetParentName: must be a data set below a pool",
    ],
    [
      "snapshots among volumes",
      () => wrong(({ zfs }) => ({ zfs: { ...zfs, detachedSnapshotsDatasetParentName: "tank/nomad/volumes/s" } })),
      "driver.zfs.detachedSnapshotsDatasetParentName: must not be tank/nomad/volumes, nor in it",
    ],
    [
      "nobody to log in",
      () => wrong((options) => ({ iscsi: { ...("iscsi" in options ? options.iscsi : {}), targetGroups: [] } })),
      "driver.iscsi.targetGroups: must name a portal and initiators",
    ],
    [
      "CHAP without whom",
      () =>
        wrong(() => ({
          iscsi: {
            targetPortal: "10.1.0.5",
            targetGroups: [
              { targetGroupPortalGroup: 1, targetGroupInitiatorGroup: 1, targetGroupAuthType: "CHAP" as const },
            ],
          },
        })),
      "driver.iscsi.targetGroups[0].targetGroupAuthGroup: is needed with CHAP",
    ],
    [
      "a portal of two ports",
      () => wrong(() => ({ iscsi: { targetPortal: "a:1:2", targetGroups: [] } })),
      "driver.iscsi.targetPortal: must be an address or a host name, and a port",
    ],
    [
      "a mode of letters",
      () => wrong(({ zfs }) => ({ zfs: { ...zfs, datasetPermissionsMode: "rwx" } }), 1),
      "driver.zfs.datasetPermissionsMode: must be an octal mode of four digits",
    ],
    [
      "an owner by name",
      () => wrong(({ zfs }) => ({ zfs: { ...zfs, datasetPermissionsUser: -1 } }), 1),
      "driver.zfs.datasetPermissionsUser: must be a whole number of at least 0",
    ],
    [
      "targets of nobody",
      () => wrong(() => ({ iscsi: { targetPortal: "10.1.0.5", basename: "storage" } }), 4),
      "driver.iscsi.basename: must be the beginning of an iSCSI name",
    ],
  ])("refuses %s", (_, found, said) => {
    expect(found()).toContainEqual(expect.stringContaining(said));
  });
});

test("a plugin that reads a Nomad variable has an id that the variable's name can hold", () => {
  const driver = CsiDriver.democraticCsi(democraticOptions[0]!);
  expect(errors(fleetWith("org.democratic-csi.iscsi", driver))).toEqual([
    expect.stringMatching(
      /storage\.plugins\.org\.democratic-csi\.iscsi: must have no dot: .*; name it like org-democratic-csi-iscsi/,
    ),
  ]);
  expect(errors(fleetWith("hostpath.csi", CsiDriver.hostpath()))).toEqual([]);
});

test("what goes into a script is a name", () => {
  const driver = CsiDriver.hostpath();
  const machine = {
    packages: [{ name: "a; b", command: "$(c)" }],
    kernelModules: ["d e"],
    units: ["f`g`"],
    directories: ["h"],
  };
  const spoilt = { ...driver, programs: { monolith: { ...driver.programs.monolith!, machine } } };
  expect(errors(fleetWith("x", spoilt)).map((line) => line.split(": ")[0]?.split("machine.")[1])).toEqual([
    "packages[0].name",
    "packages[0].command",
    "kernelModules[0]",
    "units[0]",
    "directories[0]",
  ]);
});

test("an image has a version", () => {
  expect(errors(fleetWith("nfs", CsiDriver.nfs({ version: "latest" })))).toEqual([
    expect.stringContaining("programs.controller.image: must have a version"),
    expect.stringContaining("programs.node.image: must have a version"),
  ]);
});

describe("drivers of a cloud", () => {
  const disks = drivers["aws-ebs"]!;
  const aws = fleetWith("disks", disks);
  const gcp = fleetWith("disks", drivers["gcp-persistent-disk"]!);
  const disk = (volume: Partial<Volume> = {}, fleet = aws) =>
    errors(
      withVolume(fleet, "data", {
        kind: "created",
        plugin: "disks",
        capacityMinGiB: 10,
        capabilities: writer,
        ...volume,
      } as Volume),
    );
  const zone = (key: string, name: string) => ({ requiredTopologies: [{ [key]: name }] });
  const here = zone("topology.ebs.csi.aws.com/zone", "eu-central-1a");

  test("run on machines whose tasks may ask the metadata service", () => {
    expect(errors(spoil(aws, "pools.l4.taskMetadataAccess", undefined))).toEqual([
      expect.stringMatching(
        /^pools\.l4\.taskMetadataAccess: must be there: driver ebs\.csi\.aws\.com \(.*pools\[0\]\) asks the metadata service for its machine's name and zone/,
      ),
    ]);
    expect(errors(spoil(aws, "pools.batch.taskMetadataAccess", undefined))).toEqual([
      expect.stringContaining("its machine's credentials"),
    ]);
  });

  test("run in their cloud, at one site", () => {
    const fleet = spoil(aws, "regions.north.storage", { plugins: { disks: { driver: disks, pools: ["gpu"] } } });
    expect(errors(fleet)).toEqual([
      expect.stringContaining("regions.north.storage.plugins.disks.pools[0]: must be a pool on AWS"),
    ]);
    const two = spoil(
      spoil(aws, "sites.ohio", {
        ...aws.sites["cloud"],
        networks: ["10.5.0.0/16"],
        zones: { "eu-central-1a": { cidr: "10.5.0.0/20" } },
      }),
      "pools.l4.site",
      "ohio",
    );
    expect(errors(two)).toContainEqual(
      expect.stringContaining("plugins.disks.controllerPool: must be at site ohio, as l4"),
    );
  });

  test("have disks that say their zone, which is one of the site", () => {
    expect(disk()).toEqual([expect.stringContaining("requiredTopologies: must name one zone")]);
    expect(disk(zone("topology.ebs.csi.aws.com/zone", "us-east-1a"))).toEqual([
      expect.stringContaining("requiredTopologies[0]: must be a zone of the site"),
    ]);
    expect(disk(here)).toEqual([]);
    expect(disk(zone("topology.gke.io/zone", "europe-west4-a"), gcp)).toEqual([]);
  });

  test("encrypt with keys that the plugin may use", () => {
    expect(disk({ ...here, parameters: { encrypted: "true", kmsKeyId: "arn:other" } })).toEqual([
      expect.stringContaining("parameters.kmsKeyId: must be one of arn:aws:kms:eu-central-1:123456789012:key/0123abcd"),
    ]);
    expect(errors(fleetWith("disks", CsiDriver.awsEbs({ kmsKeyArns: ["alias/mine"] })))).toEqual([
      expect.stringContaining("driver.kmsKeyArns[0]: must be the ARN of a key"),
    ]);
  });

  test("on Google Cloud have names that a disk can have, and that are the fleet's", () => {
    const there = zone("topology.gke.io/zone", "europe-west4-a");
    expect(disk({ ...there, name: "data" }, gcp)).toEqual([
      expect.stringMatching(/data\.name: must be small letters.* begin with small-csi-.*got "data"/),
    ]);
    expect(disk({ ...there, perAlloc: 2 }, gcp)).toEqual([]);
  });

  test.each<readonly [string, string, string]>([
    ["aws-ebs", "disk-1", "must be the id of a volume of EBS"],
    ["aws-efs", "fs-0fffffffffffffff0", "must begin with a file system that the driver may use (fs-0123456789abcdef0)"],
    ["gcp-persistent-disk", "data", "must be the path of a disk"],
  ])("%s register what there is of its kind", (name, externalId, said) => {
    const driver: Driver = drivers[name]!;
    const volume: Volume = { kind: "registered", plugin: "disks", externalId, capabilities: writer };
    expect(errors(withVolume(fleetWith("disks", driver), "data", volume))).toContainEqual(
      expect.stringContaining(said),
    );
  });

  test("of shared file systems name those", () => {
    expect(errors(fleetWith("efs", CsiDriver.awsEfs({ fileSystemIds: [] })))).toContainEqual(
      expect.stringContaining("driver.fileSystemIds: must name a file system"),
    );
    expect(errors(fleetWith("efs", CsiDriver.awsEfs({ fileSystemIds: ["fs"] })))).toContainEqual(
      expect.stringContaining("driver.fileSystemIds[0]: must be the id of a file system"),
    );
  });
});

describe("storage on a LAN", () => {
  /** A LAN host of site south, which the pool of site north calls. */
  const fleet = (services: object, plugins: object, volumes: object = {}): Fleet => {
    const changed = spoil(smallFleet(), "sites.south.lanHosts", {
      nas: { address: "10.2.0.5", routers: ["edge"], services },
    });
    return spoil(changed, "regions.north.storage", { plugins, volumes });
  };
  const mounts = (server: string): Volume => ({ kind: "nfs", plugin: "nfs", server, share: "/export" });
  const plugin = { nfs: { driver: CsiDriver.nfs(), pools: ["gpu"] } };
  const closed = { web: { port: 443, callers: ["gpu"] } };

  test.each(["nas", "10.2.0.5"])("is open for the pools that mount NFS from %s", (server) => {
    expect(errors(fleet(closed, plugin, { models: mounts(server) }))).toEqual([
      `regions.north.storage.volumes.models.server: is at LAN host nas of site south, which is not open on port 2049 for pool gpu of site north, got "${server}"; add "gpu" to the callers of a service with port 2049 in sites.south.lanHosts.nas.services (nfs(…))`,
    ]);
    expect(errors(fleet({ nfs: nfs("gpu") }, plugin, { models: mounts(server) }))).toEqual([]);
    expect(errors(fleet({ nfs: nfs("operators") }, plugin, { models: mounts(server) }))).toHaveLength(1);
  });

  test("is open for directories that are made there", () => {
    const volume = {
      kind: "created",
      plugin: "nfs",
      capacityMinGiB: 1,
      capabilities: writer,
      parameters: { server: "10.2.0.5", share: "/export" },
    };
    expect(errors(fleet(closed, plugin, { models: volume }))).toEqual([
      expect.stringContaining("models.parameters.server: is at LAN host nas of site south"),
    ]);
  });

  test("needs nothing of the tailnet on the pool's own LAN, nor elsewhere", () => {
    const own = spoil(fleet({}, plugin, { models: mounts("storage") }), "sites.north.lanHosts", {
      storage: { address: "10.1.0.5", routers: ["gpu"], services: closed },
    });
    expect(errors(own).filter((line) => line.includes("models"))).toEqual([]);
    expect(errors(fleet(closed, plugin, { models: mounts("nfs.example.com") }))).toEqual([]);
  });

  test("is open for what the driver calls: its API from the controllers, its portal from the machines that mount", () => {
    const [options] = democraticOptions;
    const driver = CsiDriver.democraticCsi({
      ...options,
      httpConnection: { host: "10.2.0.5" },
      iscsi: { targetPortal: "10.2.0.5", targetGroups: [{ targetGroupPortalGroup: 1, targetGroupInitiatorGroup: 1 }] },
    } as DemocraticCsiOptions);
    const nas = { nas: { driver, pools: ["gpu"] } };
    expect(errors(fleet({ web: { port: 80, callers: ["gpu"] } }, nas))).toEqual([
      expect.stringContaining("not open on port 443 for pool gpu"),
      expect.stringContaining("not open on port 3260 for pool gpu"),
    ]);
    expect(errors(fleet({ web: { port: "400-500", callers: ["gpu"] }, iscsi: iscsi("gpu") }, nas))).toEqual([]);
  });

  test("is called by its address where a driver calls it", () => {
    const [options] = democraticOptions;
    const driver = CsiDriver.democraticCsi({ ...options, httpConnection: { host: "nas" } } as DemocraticCsiOptions);
    expect(errors(fleet(closed, { nas: { driver, pools: ["gpu"] } }))).toContainEqual(
      expect.stringMatching(/endpoints: must be addresses .*got "nas"; write 10\.2\.0\.5/),
    );
  });
});

describe("capabilities of what is registered", () => {
  const both = [{ accessMode: "multi-node-multi-writer" }, { accessMode: "multi-node-reader-only" }] as const;
  const volumes = {
    nfs: { kind: "nfs", plugin: "nas", server: "10.9.0.5", share: "/cache" },
    registered: { kind: "registered", plugin: "nas", externalId: "cache", capabilities: [both[0]] },
  } as const satisfies Record<string, Volume>;
  const problems = (volume: Volume) => errors(withVolume(fleetWith("nas", CsiDriver.nfs()), "cache", volume));

  test.each(["nfs", "registered"] as const)("are one: %s", (kind) => {
    expect(problems(volumes[kind])).toEqual([]);
    expect(problems({ ...volumes[kind], capabilities: both })).toEqual([
      "regions.north.storage.volumes.cache.capabilities: must be one: of several Terraform's provider picks the mode that the volume is registered in, " +
        'got "multi-node-multi-writer as file-system, multi-node-reader-only as file-system"; keep the widest: jobs that only read say readOnly',
    ]);
  });

  test("may be several of what is made", () => {
    const created = { kind: "created", plugin: "nas", capacityMinGiB: 1, capabilities: both } as const;
    expect(problems({ ...created, parameters: { server: "10.9.0.5", share: "/cache" } })).toEqual([]);
  });
});
