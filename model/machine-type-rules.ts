import type { Problem } from "../constructs/core/problems";
import { GPU_CATALOGUE } from "./hardware";
import type { Architecture, Pool } from "./types";

/** What a cloud's machine type has. */
export interface MachineType {
  readonly architecture: Architecture;
  readonly vcpus: number;
  readonly memoryGiB: number;
  /** GPUs; the model as `GPU_CATALOGUE` names it. @default - none */
  readonly gpu?: MachineGpu;
}

/** GPUs of a machine. */
export interface MachineGpu {
  readonly model: string;
  readonly count: number;
}

/** A cloud's machine types by name. */
export type MachineTypes = ReadonlyMap<string, MachineType>;

/** A pool may say less than its machines have, never more: jobs are placed by what it says. */
export function sizeProblems(path: string, name: string, { hardware }: Pool, types: MachineTypes): Problem[] {
  const type = types.get(name);
  if (type === undefined) return [];
  const problems: Problem[] = [];
  const memoryMiB = type.memoryGiB * 1024;
  if (hardware.memoryMiB > memoryMiB)
    problems.push({
      path,
      rule: `has ${memoryMiB} MiB of memory, where hardware.memoryMiB says ${hardware.memoryMiB}`,
      got: name,
      fix: "say less, or choose a larger type",
    });
  if (hardware.cores !== undefined && hardware.cores > type.vcpus)
    problems.push({
      path,
      rule: `has ${type.vcpus} vCPUs, where hardware.cores says ${hardware.cores}`,
      got: name,
      fix: "say less, or choose a larger type",
    });
  return problems;
}

/** A pool says exactly the GPUs that its machines have. */
export function gpuProblems(path: string, name: string, { hardware }: Pool, types: MachineTypes): Problem[] {
  const wanted = hardware.gpu;
  const type = types.get(name);
  if (wanted === undefined || type === undefined) return [];
  const has = type.gpu;
  const isSame =
    typeof wanted.model === "string"
      ? wanted.model === has?.model
      : wanted.model.model === GPU_CATALOGUE[has?.model ?? ""]?.model;
  if (isSame && wanted.count === has?.count) return [];
  const model = typeof wanted.model === "string" ? wanted.model : wanted.model.model;
  const fitting = [...types].flatMap(([other, { gpu }]) =>
    gpu?.model === wanted.model && gpu.count === wanted.count ? [other] : [],
  );
  const instead =
    fitting.length > 0 ? `use ${fitting.join(", ")}` : `no type that Steppe knows has ${wanted.count} of it`;
  return [
    {
      path,
      rule: `has ${has === undefined ? "no GPU" : `${has.count} x ${has.model}`}, where hardware.gpu says ${wanted.count} x ${model}`,
      got: name,
      fix: `${instead}, or correct hardware.gpu`,
    },
  ];
}

/** A type must be of the architecture that is said; of one that is not known nothing else can be checked. */
export function architectureProblems(
  path: string,
  type: string,
  wanted: Architecture,
  { architecture, types }: { readonly architecture: Architecture; readonly types: MachineTypes },
): Problem[] {
  const problems: Problem[] = [];
  if (!types.has(type))
    problems.push({
      path,
      rule: "is no instance type of the catalogue: what it has cannot be checked",
      got: type,
      fix: "check the name",
      severity: "warning",
    });
  if (architecture !== wanted)
    problems.push({
      path,
      rule: `is ${architecture}, where ${wanted} is said`,
      got: type,
      fix: `set architecture: "${architecture}", or choose another type`,
    });
  return problems;
}

/** A type and its alternatives, each with its path: none is named twice. */
export function repeatedTypeProblems(types: readonly (readonly [path: string, type: string])[]): Problem[] {
  return types.flatMap(([path, type], index) =>
    types.slice(0, index).some(([, earlier]) => earlier === type)
      ? [{ path, rule: "is named already", got: type, fix: "leave it out" }]
      : [],
  );
}

/** Machine type and alternatives of a pool, each with its path. */
export function typesOf(path: string, pool: Pool): readonly (readonly [path: string, type: string])[] {
  return [
    ...(pool.machineType === undefined ? [] : [[`${path}.machineType`, pool.machineType] as const]),
    ...(pool.alternativeTypes ?? []).map((type, index) => [`${path}.alternativeTypes[${index}]`, type] as const),
  ];
}
