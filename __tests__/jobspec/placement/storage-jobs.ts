import type { Job } from "../../../constructs/jobspec/job";
import type { CsiVolume, HostVolume, Volume } from "../../../constructs/jobspec/volume";
import type { Case } from "./outcomes";
import { machines } from "./storage-fleet";

const HOST_SOURCES = ["local", "one", "all", "pair", "plain", "theirs", "nothing"] as const;
const CSI_SOURCES = ["disk-a", "disk-b", "writers", "readers", "each", "each[1]", "teams", "nothing"] as const;

/** Ways to ask for a volume; those for readers alone have to say so. */
const HOST_WAYS: readonly Pick<HostVolume, "accessMode" | "readOnly">[] = [
  ...[false, true].flatMap((readOnly) => [
    { readOnly },
    { readOnly, accessMode: "single-node-writer" as const },
    { readOnly, accessMode: "single-node-single-writer" as const },
    { readOnly, accessMode: "single-node-multi-writer" as const },
  ]),
  { readOnly: true, accessMode: "single-node-reader-only" },
];
const CSI_WAYS: readonly Pick<CsiVolume, "accessMode" | "readOnly">[] = [
  ...[false, true].flatMap((readOnly) => [
    { readOnly, accessMode: "single-node-writer" as const },
    { readOnly, accessMode: "multi-node-multi-writer" as const },
  ]),
  { readOnly: true, accessMode: "multi-node-reader-only" },
];

interface Asked {
  readonly count: number;
  readonly volume: Volume;
  readonly namespace?: string;
}

function host(source: string, more: Partial<HostVolume> = {}): Volume {
  return { type: "host", source, ...more };
}

function csi(source: string, more: Partial<CsiVolume> = {}): Volume {
  return { type: "csi", source, accessMode: "single-node-writer", attachmentMode: "file-system", ...more };
}

function askedIn(pool: string): readonly Asked[] {
  const counts = Array.from({ length: machines[pool]?.length ?? 0 }, (_, index) => index + 1);
  // Before it places a job Nomad refuses one that shares what is for one allocation.
  const shareable = ({ accessMode }: (typeof CSI_WAYS)[number]) => (accessMode === "single-node-writer" ? [1] : counts);
  return [
    ...HOST_SOURCES.flatMap((source) => [
      ...HOST_WAYS.flatMap((way) => counts.map((count) => ({ count, volume: host(source, way) }))),
      ...[1, 2].map((count) => ({
        count,
        volume: host(source, { accessMode: "single-node-multi-writer", sticky: true }),
      })),
      { count: 1, namespace: "team", volume: host(source, { accessMode: "single-node-multi-writer" }) },
      { count: 1, volume: csi(source) },
    ]),
    ...CSI_SOURCES.flatMap((source) => [
      ...CSI_WAYS.flatMap((way) => shareable(way).map((count) => ({ count, volume: csi(source, way) }))),
      ...[1, 2, 3].map((count) => ({ count, volume: csi(source, { perAlloc: true }) })),
      { count: 1, namespace: "team", volume: csi(source) },
      { count: 1, volume: host(source) },
    ]),
  ];
}

function jobOf(pool: string, { count, volume, namespace }: Asked): Job {
  return {
    id: "mounting",
    region: "cloud",
    nodePool: pool,
    ...(namespace !== undefined && { namespace }),
    groups: {
      web: {
        count,
        volumes: { data: volume },
        tasks: {
          main: {
            driver: "raw_exec",
            config: { command: "/bin/true" },
            resources: { cpu: "50MHz", memory: "32MiB" },
          },
        },
      },
    },
  };
}

/** Every volume of the storage fleet, asked for in every way by jobs of every pool. */
export function storageCases(): readonly Case[] {
  return Object.keys(machines).flatMap((pool) =>
    askedIn(pool).map((asked) => {
      const { type, source, ...way } = asked.volume;
      const where = asked.namespace === undefined ? pool : `${pool} of namespace ${asked.namespace}`;
      return { name: `${asked.count} in ${where}: ${type} ${source} ${JSON.stringify(way)}`, job: jobOf(pool, asked) };
    }),
  );
}
