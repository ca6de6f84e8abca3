import { Construct } from "constructs";
import { storageOf } from "../../model/volumes";
import { assertValid, type Problem } from "../core/problems";
import { NomadJob } from "../nomad/job";
import type { JobMount } from "../nomad/job-mounts";
import { RegionProvider } from "../nomad/region-provider";
import {
  CACHE_DIRECTORY,
  CACHE_GROUP,
  cacheEnvironment,
  type CachePlace,
  cacheProblems,
  evictionJob,
  type ModelCacheOptions,
  prewarmJob,
} from "./model-cache-jobs";

/** Mount flags by which a machine's locks stay its own. */
const LOCAL_LOCKS = /^(nolock|local_lock=(all|flock|posix))$/;

export interface ModelCacheProps extends Omit<ModelCacheOptions, "place"> {
  /** Where the cache is: a volume of the region's storage that many may write, or a host volume of the pool. */
  readonly volume: JobMount["volume"];
  /** @default - `shared` for a volume of the region's storage, `node-local` for a host volume */
  readonly place?: CachePlace;
}

/** A task that uses a cache. */
export interface CacheUseOptions {
  /** Group of the job. */
  readonly group: string;
  /** Task of the group. */
  readonly task: string;
  /** Where the task sees the cache. @default "/models" */
  readonly destination?: string;
  /** The task fetches nothing: what is not in the cache is an error at once. @default false */
  readonly readOnly?: boolean;
}

/** What a job takes to use a cache: a mount, and the environment of the task. */
export interface CacheUse {
  readonly mount: JobMount;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A cache of models from Hugging Face: a job that fetches those that are named, and one that makes room.
 *
 * On NFS its programs lock files across machines, which NFS 4 does; mount flags that keep locks on the machine are refused.
 *
 * @see https://huggingface.co/docs/huggingface_hub/guides/manage-cache
 */
export class ModelCache extends Construct {
  /** Fetches the models. Undefined where none is named. */
  public readonly prewarm: NomadJob | undefined;
  public readonly eviction: NomadJob;
  private readonly volume: JobMount["volume"];

  constructor(scope: Construct, id: string, props: ModelCacheProps) {
    super(scope, id);
    this.volume = props.volume;
    assertValid(this.node.path, [...cacheProblems(props), ...this.lockProblems()]);
    const options = { ...props, place: props.place ?? this.placeOf() };
    const mounts = [{ volume: props.volume, group: CACHE_GROUP, task: CACHE_GROUP, destination: CACHE_DIRECTORY }];
    const prewarm = prewarmJob(options);
    this.prewarm = prewarm === undefined ? undefined : new NomadJob(this, "Prewarm", { job: prewarm, mounts });
    this.eviction = new NomadJob(this, "Eviction", { job: evictionJob(options), mounts });
  }

  /** Mount and environment of a task that uses the cache. */
  public use({ group, task, destination = "/models", readOnly = false }: CacheUseOptions): CacheUse {
    return {
      mount: { volume: this.volume, group, task, destination, readOnly },
      env: cacheEnvironment(destination, readOnly),
    };
  }

  private placeOf(): CachePlace {
    const { kind } = this.description() ?? {};
    return kind === undefined || kind === "dynamic-host" ? "node-local" : "shared";
  }

  private lockProblems(): Problem[] {
    const volume = this.description();
    if (volume?.kind !== "nfs") return [];
    return (volume.mountFlags ?? [])
      .filter((flag) => LOCAL_LOCKS.test(flag))
      .map((got) => ({
        path: "volume.mountFlags",
        rule: "must not keep locks on the machine: two machines would write one file of the cache at a time",
        got,
        fix: "remove the flag",
      }));
  }

  /** The volume as the fleet has it; undefined for a host volume. */
  private description() {
    if (typeof this.volume !== "string") return this.volume.volume;
    const provider = RegionProvider.of(this);
    return provider?.fleet === undefined ? undefined : storageOf(provider.fleet, provider.region).volumes[this.volume];
  }
}
