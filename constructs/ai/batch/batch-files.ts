import type { Fleet } from "../../../model/types";
import { bucketNameProblems, bucketRegionProblems } from "../../../model/backup-rules";
import type { Problem } from "../../core/problems";
import type { Template } from "../../jobspec/template";
import { variableEnvironment } from "../../jobspec/variable-file";
import type { JobMount } from "../../nomad/job-mounts";

/** Files of a volume. */
export interface VolumeFiles {
  readonly kind: "volume";
  /** A volume of the region's storage, which many may write when there are several shards. */
  readonly volume: JobMount["volume"];
}

/** Objects in a bucket, of AWS or of another store that speaks S3. */
export interface BucketFiles {
  readonly kind: "s3";
  /** Shape: `acme-tickets`. */
  readonly bucket: string;
  /** Where in the bucket the directories are. Shape: `support/2026`. @default - at its root */
  readonly prefix?: string;
  /** Region that requests are signed for. Shape: `eu-central-1`; MinIO takes `us-east-1`, Garage what it is set up with. */
  readonly region: string;
  /**
   * Address of a store that is not AWS's; the bucket's name goes into the path. Shape: `https://minio.example.com:9000`.
   *
   * @default - AWS
   */
  readonly endpoint?: string;
  /** Who the task is to the store. @default { kind: "variable", path: "nomad/jobs/<job>" } */
  readonly credentials?: BucketCredentials;
}

/** Who a task is to a store of objects. */
export type BucketCredentials =
  | {
      /** An access key: items `access_key_id` and `secret_access_key` of a Nomad variable, written by `./steppe secret put variable`. */
      readonly kind: "variable";
      /** Shape: `nomad/jobs/label-tickets`. */
      readonly path: string;
    }
  | {
      /** The role of its machine on AWS; the pool has `taskMetadataAccess`. */
      readonly kind: "machine-role";
    };

/** Where files are that a batch job reads or writes. */
export type BatchFiles = VolumeFiles | BucketFiles;

/** Which of the two. */
export type BatchSide = "input" | "output";

/** Name, input and output of a job; output is where input is unless it is given. */
export interface BatchFilesOptions {
  /** Name of the job. */
  readonly name: string;
  readonly input: BatchFiles;
  readonly output: BatchFiles;
}

/** Where a task sees the files of volumes, by side. One volume is seen once. */
export function directoriesOf({ input, output }: BatchFilesOptions): Readonly<Partial<Record<BatchSide, string>>> {
  const isOne = input.kind === "volume" && output.kind === "volume" && input.volume === output.volume;
  return {
    ...(input.kind === "volume" ? { input: isOne ? "/data" : "/input" } : {}),
    ...(output.kind === "volume" ? { output: isOne ? "/data" : "/output" } : {}),
  };
}

/** The volumes of a job, each once. */
export function mountsOf(
  options: BatchFilesOptions,
  place: { readonly group: string; readonly task: string },
): JobMount[] {
  const directories = directoriesOf(options);
  const isOne = directories.input === directories.output;
  return (["input", "output"] as const).flatMap((side): JobMount[] => {
    const { [side]: files } = options;
    const { [side]: destination } = directories;
    if (files.kind !== "volume" || destination === undefined || (isOne && side === "output")) return [];
    // Nothing is written to an input that has its output elsewhere.
    return [{ volume: files.volume, ...place, destination, ...(side === "input" && !isOne ? { readOnly: true } : {}) }];
  });
}

/** What the program is told of both sides; no key of a store is in it. */
export function filesEnvironment(options: BatchFilesOptions): Readonly<Record<string, string>> {
  const directories = directoriesOf(options);
  const { input, output } = options;
  const buckets = [input, output].filter((files) => files.kind === "s3");
  const sides = Object.entries({ input, output }).map(([side, files]) => {
    const name = side.toUpperCase();
    if (files.kind === "volume") return { [`${name}_ROOT`]: directories[side as BatchSide] ?? "" };
    const { bucket, prefix, region, endpoint } = files;
    return {
      [`${name}_BUCKET`]: bucket,
      [`${name}_REGION`]: region,
      ...(prefix === undefined ? {} : { [`${name}_PREFIX`]: prefix }),
      ...(endpoint === undefined ? {} : { [`${name}_ENDPOINT`]: endpoint }),
    };
  });
  // Stores that are not AWS's may not know its newer checksums.
  const checksums = buckets.some(({ endpoint }) => endpoint !== undefined)
    ? { AWS_REQUEST_CHECKSUM_CALCULATION: "when_required", AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required" }
    : {};
  return { ...Object.assign({}, ...sides), ...checksums } as Readonly<Record<string, string>>;
}

/** Access keys as environment variables, from Nomad variables. */
export function keyTemplates(options: BatchFilesOptions): Template[] {
  return Object.entries(variablesOf(options)).map(([side, path]) => {
    const name = side.toUpperCase();
    const items = {
      [`${name}_ACCESS_KEY_ID`]: "access_key_id",
      [`${name}_SECRET_ACCESS_KEY`]: "secret_access_key",
    };
    return { ...variableEnvironment(path, items), destination: `secrets/${side}.env` };
  });
}

/** Nomad variables with the access keys, by side. */
export function variablesOf({ name, input, output }: BatchFilesOptions): Readonly<Partial<Record<BatchSide, string>>> {
  const paths = Object.entries({ input, output }).flatMap(([side, files]): [string, string][] => {
    if (files.kind !== "s3") return [];
    const { credentials = { kind: "variable", path: `nomad/jobs/${name}` } } = files;
    return credentials.kind === "variable" ? [[side, credentials.path]] : [];
  });
  return Object.fromEntries(paths);
}

/** What is wrong with where the files are. */
export function filesProblems(
  { name, input, output }: BatchFilesOptions,
  { fleet, pool }: { readonly fleet: Fleet | undefined; readonly pool: string },
): Problem[] {
  const sides: Readonly<Partial<Record<BatchSide, BatchFiles>>> = input === output ? { input } : { input, output };
  // Programs are not checked against the types when they run.
  const unlike = Object.entries<unknown>(sides).filter(([, files]) => !isFiles(files));
  if (unlike.length > 0)
    return unlike.map(([path, got]) => ({
      path,
      rule: "must be files of a volume or of a bucket",
      got,
      fix: 'write { kind: "volume", volume } or { kind: "s3", bucket, region }',
    }));
  return Object.entries(sides).flatMap(([side, files]) => {
    switch (files.kind) {
      case "volume":
        return [];
      case "s3":
        return [...bucketProblems(side, files), ...roleProblems(side, files, { name, fleet, pool })];
    }
  });
}

function isFiles(files: unknown): boolean {
  const { kind } = (files ?? {}) as Readonly<Record<string, unknown>>;
  return kind === "volume" || kind === "s3";
}

function bucketProblems(path: string, { bucket, prefix, region, endpoint, credentials }: BucketFiles): Problem[] {
  const problems = [...bucketNameProblems(`${path}.bucket`, bucket), ...bucketRegionProblems(`${path}.region`, region)];
  if (prefix !== undefined && (!/^[^/](.*[^/])?$/.test(prefix) || prefix.split("/").includes("..")))
    problems.push({
      path: `${path}.prefix`,
      rule: "must neither begin nor end with /, nor hold ..",
      got: prefix,
      fix: "write it like support/2026",
    });
  if (endpoint !== undefined && !/^https?:\/\/[A-Za-z0-9.-]+(:\d+)?$/.test(endpoint))
    problems.push({
      path: `${path}.endpoint`,
      rule: "must be a URL with nothing but scheme, host and port",
      // A URL may hold a password.
      ...(endpoint.includes("@") ? {} : { got: endpoint }),
      fix: "write it like https://minio.example.com:9000",
    });
  if (credentials?.kind === "variable" && !/^[\w~-][\w~/-]*$/.test(credentials.path))
    problems.push({
      path: `${path}.credentials.path`,
      rule: "must be the path of a Nomad variable: letters, digits and - _ ~ /",
      got: credentials.path,
      fix: "write it like nomad/jobs/label-tickets",
    });
  return problems;
}

/** A machine has a role on AWS alone, and a task only where the pool lets it ask for it. */
function roleProblems(
  path: string,
  { credentials }: BucketFiles,
  { name, fleet, pool: poolName }: { readonly name: string; readonly fleet: Fleet | undefined; readonly pool: string },
): Problem[] {
  const pool = fleet?.pools[poolName];
  const site = fleet?.sites[pool?.site ?? ""];
  if (credentials?.kind !== "machine-role" || pool === undefined || site === undefined) return [];
  const other = `give credentials { kind: "variable", path: "nomad/jobs/${name}" }, which ./steppe secret put variable writes`;
  const got = "machine-role";
  if (site.platform !== "aws")
    return [
      {
        path: `${path}.credentials.kind`,
        rule: `needs machines on AWS, but site ${pool.site} of pool ${poolName} is not there`,
        got,
        fix: other,
      },
    ];
  if (pool.taskMetadataAccess !== undefined) return [];
  return [
    {
      path: `${path}.credentials.kind`,
      rule: `needs tasks that may ask the metadata service, which pool ${poolName} keeps them from`,
      got,
      fix: `give pools.${poolName}.taskMetadataAccess a reason (every task there can then act as the machine), or ${other}`,
    },
  ];
}
