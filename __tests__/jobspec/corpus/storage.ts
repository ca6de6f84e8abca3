import type { Job } from "../../../constructs/jobspec/job";
import type { CsiAccessMode, HostVolumeAccessMode, Volume } from "../../../constructs/jobspec/volume";
import { each, type Parts, small } from "./build";

/** A group with one volume that its task mounts. */
function mounted(volume: Volume): Parts {
  return {
    group: { volumes: { data: volume } },
    task: {
      volumeMounts: [{ volume: "data", destination: "/data", ...(volume.readOnly === true ? { readOnly: true } : {}) }],
    },
  };
}

const hostModes: readonly HostVolumeAccessMode[] = [
  "single-node-reader-only",
  "single-node-writer",
  "single-node-single-writer",
  "single-node-multi-writer",
];
const csiModes: readonly CsiAccessMode[] = [
  "single-node-reader-only",
  "single-node-writer",
  "multi-node-reader-only",
  "multi-node-single-writer",
  "multi-node-multi-writer",
];

export const storageJobs: readonly Job[] = [
  small("volume-host", mounted({ type: "host", source: "models", readOnly: true })),
  ...each("volume-host", hostModes, (accessMode) =>
    mounted({
      type: "host",
      source: "data",
      accessMode,
      attachmentMode: "file-system",
      ...(accessMode.endsWith("only") ? { readOnly: true } : {}),
    }),
  ),
  small(
    "volume-host-block",
    mounted({ type: "host", source: "disk", attachmentMode: "block-device", accessMode: "single-node-writer" }),
  ),
  small("volume-host-per-alloc", mounted({ type: "host", source: "data", perAlloc: true })),
  small("volume-host-sticky", mounted({ type: "host", source: "data", sticky: true })),
  ...each("volume-csi", csiModes, (accessMode) =>
    mounted({
      type: "csi",
      source: "models",
      accessMode,
      attachmentMode: "file-system",
      ...(accessMode.endsWith("only") ? { readOnly: true } : {}),
    }),
  ),
  small(
    "volume-csi-mount",
    mounted({
      type: "csi",
      source: "models",
      accessMode: "multi-node-multi-writer",
      attachmentMode: "file-system",
      mountOptions: { fsType: "ext4", mountFlags: ["noatime", "nfsvers=4.2"] },
    }),
  ),
  small(
    "volume-csi-block",
    mounted({ type: "csi", source: "raw", accessMode: "single-node-writer", attachmentMode: "block-device" }),
  ),
  small("volume-csi-per-alloc", {
    group: {
      count: 3,
      volumes: {
        data: {
          type: "csi",
          source: "data",
          accessMode: "single-node-writer",
          attachmentMode: "file-system",
          perAlloc: true,
        },
      },
    },
    task: { volumeMounts: [{ volume: "data", destination: "/data" }] },
  }),
  small("volume-several", {
    group: {
      volumes: {
        a: { type: "host", source: "a" },
        "b-2": { type: "host", source: "b", readOnly: true },
        c: {
          type: "csi",
          source: "c",
          accessMode: "multi-node-reader-only",
          attachmentMode: "file-system",
          readOnly: true,
        },
      },
    },
    task: {
      volumeMounts: [
        { volume: "c", destination: "/c", readOnly: true },
        { volume: "a", destination: "/a", readOnly: false },
        { volume: "b-2", destination: "/b", readOnly: true },
      ],
    },
  }),
  ...each("mount-propagation", ["private", "host-to-task", "bidirectional"], (propagationMode) => ({
    group: { volumes: { data: { type: "host", source: "data" } } },
    task: { volumeMounts: [{ volume: "data", destination: "/data", propagationMode }] },
  })),
  ...each("mount-selinux", ["z", "Z"], (selinuxLabel) => ({
    group: { volumes: { data: { type: "host", source: "data" } } },
    task: { volumeMounts: [{ volume: "data", destination: "/data", selinuxLabel }] },
  })).map((job, index) => ({ ...job, id: `mount-selinux-${index}` })),
  small("disk", { group: { ephemeralDisk: { size: "1.5GiB", sticky: true, migrate: true } } }),
  small("disk-plain", { group: { ephemeralDisk: { size: "101MiB", sticky: false, migrate: false } } }),
  ...each("csi-plugin", ["node", "controller", "monolith"], (type) => ({
    driver: { driver: "docker", config: { image: "registry.example.com/csi/nfs:4.9.0", privileged: true } },
    task: {
      csiPlugin: {
        id: `nfs-${type}`,
        type,
        mountDir: "/csi",
        stagePublishBaseDir: "/local/csi",
        healthTimeout: "1m30s",
      },
    },
  })),
  small("csi-plugin-plain", {
    job: { type: "system" },
    driver: { driver: "docker", config: { image: "registry.example.com/csi/nfs:4.9.0" } },
    task: { csiPlugin: { id: "nfs", type: "node", mountDir: "/plugin" } },
  }),
];
