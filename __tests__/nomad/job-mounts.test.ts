import { Testing } from "cdktf";
import type { JobMount } from "../../constructs/nomad/job-mounts";
import { NomadJob } from "../../constructs/nomad/job";
import { FastStack } from "../../constructs/nomad/fast-stack";
import { MultiRegionJob } from "../../constructs/nomad/multi-region-job";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { CsiVolume } from "../../constructs/storage/csi-volume";
import { CsiVolumeRegistration } from "../../constructs/storage/csi-volume-registration";
import { DynamicHostVolume } from "../../constructs/storage/dynamic-host-volume";
import { NfsVolume } from "../../constructs/storage/nfs-volume";
import { fleet } from "../jobspec/mounts/fleet";
import { job } from "../jobspec/refused/job";

const address = "https://a.example:4646";
const subject = job({ nodePool: "gpu" });
const at = { group: "web", task: "web", destination: "/data" } as const;

function stackOf(region = "east", app = Testing.app()): FastStack {
  const stack = new FastStack(app, `jobs-${region}`);
  new RegionProvider(stack, "nomad", { region, address, fleet });
  return stack;
}

interface JobResource {
  readonly depends_on?: readonly string[];
  readonly jobspec: string;
}
interface Synthesized {
  readonly resource: { readonly nomad_job: Readonly<Record<string, JobResource>> };
}

function synthesized(stack: FastStack): JobResource {
  const { resource } = JSON.parse(Testing.synth(stack)) as Synthesized;
  return Object.values(resource.nomad_job)[0] as JobResource;
}

const plugin = { plugin: "any", capabilities: [{ accessMode: "single-node-writer" }] } as const;

describe("NomadJob", () => {
  test.each<[string, (stack: FastStack) => JobMount["volume"]]>([
    ["nomad_csi_volume", (stack) => new CsiVolume(stack, "v", { ...plugin, volumeId: "own", capacityMinGiB: 1 })],
    [
      "nomad_csi_volume_registration",
      (stack) => new CsiVolumeRegistration(stack, "v", { ...plugin, volumeId: "own", externalId: "disk" }),
    ],
    [
      "nomad_csi_volume_registration",
      (stack) => new NfsVolume(stack, "v", { plugin: "any", volumeId: "own", server: "nas", share: "/a" }),
    ],
    ["nomad_dynamic_host_volume", (stack) => new DynamicHostVolume(stack, "v", { volumeName: "own", pool: "gpu" })],
  ])("waits for the volume that it mounts: %s", (type, make) => {
    const stack = stackOf();
    const made = new NomadJob(stack, "web", { job: subject, mounts: [{ ...at, volume: make(stack) }] });
    expect(made.job.groups["web"]?.volumes?.["own"]).toMatchObject({ source: "own" });
    expect(synthesized(stack).depends_on).toEqual([expect.stringMatching(new RegExp(`^${type}\\.v_`))]);
  });

  test("waits for nothing more where the region's storage has the volume", () => {
    const stack = stackOf();
    new NomadJob(stack, "web", { job: subject, mounts: [{ ...at, volume: "db" }] });
    const { depends_on, jobspec } = synthesized(stack);
    expect(depends_on).toBeUndefined();
    const { TaskGroups } = JSON.parse(jobspec) as { TaskGroups: { Volumes: object; Tasks: object[] }[] };
    expect(TaskGroups[0]).toMatchObject({
      Volumes: { db: { Type: "csi", Source: "db", AccessMode: "single-node-writer", AttachmentMode: "file-system" } },
      Tasks: [{ VolumeMounts: [{ Volume: "db", Destination: "/data" }] }],
    });
  });

  test("says what is wrong with mounts together with what is wrong with the job", () => {
    const mounts = [{ ...at, volume: "models" }];
    const wrong = job({ nodePool: "gpu" }, { count: -1 });
    expect(() => new NomadJob(stackOf(), "web", { job: wrong, mounts })).toThrow(
      [
        "jobs-east/web is not valid",
        "  - groups.web.count: must be a whole number of at least 0, got -1",
        "  - mounts.0.readOnly: must be true: pools.gpu.hostVolumes.models is read-only, got false; add readOnly: true",
      ].join("\n"),
    );
  });

  test("names a volume of another stack", () => {
    const app = Testing.app();
    const volume = new NfsVolume(stackOf("west", app), "v", {
      plugin: "any",
      volumeId: "own",
      server: "nas",
      share: "/a",
    });
    expect(() => new NomadJob(stackOf("east", app), "web", { job: subject, mounts: [{ ...at, volume }] })).toThrow(
      'mounts.0.volume: must be made in the stack of the job, jobs-east, but is jobs-west/v, got "own"; name a volume of the region\'s storage instead',
    );
  });

  test("needs a fleet to find volumes in", () => {
    const stack = new FastStack(Testing.app(), "jobs");
    expect(() => new NomadJob(stack, "web", { job: subject, mounts: [{ ...at, volume: "db" }] })).toThrow(
      "mounts: needs the fleet and the region whose volumes they are; give the job fleet and region, or put it into a region's jobs stack",
    );
  });
});

describe("MultiRegionJob", () => {
  test("mounts the volume that each region has", () => {
    const mounts = [{ ...at, volume: "cache", readOnly: true }];
    const web = new MultiRegionJob({ job: subject, regions: { east: {}, west: { nodePool: "edge" } }, mounts });
    const app = Testing.app();
    for (const region of ["east", "west"]) {
      expect(web.deploy(stackOf(region, app)).job.groups["web"]?.volumes).toEqual({
        cache: {
          type: "csi",
          source: "cache",
          readOnly: true,
          accessMode: "multi-node-multi-writer",
          attachmentMode: "file-system",
        },
      });
    }
  });

  test("names the region whose storage lacks the volume", () => {
    const web = new MultiRegionJob({ job: subject, regions: { east: {} }, mounts: [{ ...at, volume: "far" }] });
    expect(() => web.deploy(stackOf())).toThrow(
      "mounts.0.volume: is regions.west.storage.volumes.far, and the job runs in region east",
    );
  });
});
