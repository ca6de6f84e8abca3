import { jobsOf } from "../jobs";
import type { Json, Stack } from "../terraform/stack";
import type { DeclaredMount, DeclaredMounts } from "./types";

interface GroupJson {
  readonly Name: string;
  readonly Count?: number;
  readonly Volumes?: Readonly<
    Record<
      string,
      { readonly Type?: string; readonly Source?: string; readonly ReadOnly?: boolean; readonly PerAlloc?: boolean }
    >
  > | null;
}

/** What the jobs of a region are meant to mount, as they were synthesized. */
export function declaredMounts(stacks: readonly Stack[], region: string): DeclaredMounts {
  const jobs = jobsOf(stacks.filter(({ nomadRegion }) => nomadRegion === region));
  return {
    mounts: jobs.flatMap(({ id, json }) => (json === undefined ? [] : mountsOf(id, json))),
    unread: jobs.flatMap(({ id, json }) => (json === undefined ? [id] : [])),
  };
}

function mountsOf(job: string, json: Json): DeclaredMount[] {
  const namespace = typeof json["Namespace"] === "string" ? json["Namespace"] : "default";
  const groups = (json["TaskGroups"] ?? []) as readonly GroupJson[];
  return groups.flatMap(({ Name: group, Count = 1, Volumes }) =>
    Object.values(Volumes ?? {}).flatMap(({ Type = "host", Source = "", ReadOnly, PerAlloc }) => {
      const volumes = PerAlloc === true ? Array.from({ length: Count }, (_, index) => `${Source}[${index}]`) : [Source];
      const type = Type === "csi" ? "csi" : "host";
      const access = ReadOnly === true ? "read" : "write";
      return volumes.map((volume): DeclaredMount => ({ job, namespace, group, type, volume, access }));
    }),
  );
}
