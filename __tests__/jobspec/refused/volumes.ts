import type { Job } from "../../../constructs/jobspec/job";
import { job, wrong } from "./job";

const host = (changes: object, group: object = {}, more: object = {}) =>
  job(more, { ...group, volumes: { data: wrong({ type: "host", source: "data", ...changes }) } });
const csi = (changes: object, group: object = {}) =>
  job(
    {},
    {
      ...group,
      volumes: {
        data: wrong({
          type: "csi",
          source: "data",
          accessMode: "multi-node-multi-writer",
          attachmentMode: "file-system",
          ...changes,
        }),
      },
    },
  );
const mount = (changes: object) =>
  job(
    {},
    { volumes: { data: { type: "host", source: "data" } } },
    { volumeMounts: [{ volume: "data", destination: "/d", ...changes }] },
  );

/** Jobs that break a rule about volumes. */
export const volumes: Readonly<Record<string, Job>> = {
  "a volume without a source": host({ source: "" }),
  "a volume per allocation on a system job": host({ perAlloc: true }, {}, { type: "system" }),
  "a volume per allocation with canaries": host({ perAlloc: true }, { update: { canary: 1 } }),
  "a volume per allocation with canaries of the job": host({ perAlloc: true }, {}, { update: { canary: 1 } }),
  "a sticky volume per allocation": host({ perAlloc: true, sticky: true }),
  "mount options of a host volume": host({ mountOptions: { fsType: "ext4" } }),
  "an access mode that host volumes lack": host({ accessMode: "multi-node-multi-writer" }),
  "a host volume to read that is written": host({ accessMode: "single-node-reader-only" }),
  "a CSI volume without an access mode": csi({ accessMode: undefined }),
  "a CSI volume without an attachment mode": csi({ attachmentMode: undefined }),
  "mount options of a block device": csi({ attachmentMode: "block-device", mountOptions: { fsType: "ext4" } }),
  "a CSI volume to read that is written": csi({ accessMode: "multi-node-reader-only" }),
  "one reader's volume for two": csi({ accessMode: "single-node-reader-only", readOnly: true }, { count: 2 }),
  "one writer's volume for two": csi({ accessMode: "single-node-writer" }, { count: 2 }),
  "one writer's volume of several nodes for two": csi({ accessMode: "multi-node-single-writer" }, { count: 2 }),
  "a mount to nowhere": mount({ destination: "" }),
  "an unknown propagation": mount({ propagationMode: "shared" }),
  "an unknown SELinux label": mount({ selinuxLabel: "x" }),
};
