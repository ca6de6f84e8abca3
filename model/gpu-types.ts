import type { Acknowledgement } from "./types";

/**
 * Who brings the driver of a pool's GPUs.
 *
 * - `image`: it is on the machine already. Before Nomad starts, the machine checks that its GPUs are those of `hardware.gpu`.
 * - `repository`: NVIDIA's signed apt repository, kept to one branch, with open kernel modules. The same check follows.
 * - `unmanaged`: Steppe neither installs nor checks anything for the GPUs: driver, container runtime and device plugin are
 *   the image's. The only way for GPUs that are not NVIDIA's.
 *
 * With the first two the site's `install` brings NVIDIA's container toolkit and Nomad's device plugin.
 */
export type GpuDriver =
  | { readonly kind: "image" }
  | {
      readonly kind: "repository";
      /** Branch of the driver, for example 580. */
      readonly branch: number;
    }
  | ({
      readonly kind: "unmanaged";
      /** Device plugin that Nomad runs, by the name of its program on the image's PATH. @default - none */
      readonly devicePlugin?: string;
    } & Acknowledgement);

/**
 * Multi-Instance GPU: every GPU of a pool's machines is cut into slices of one profile, which Nomad's device plugin reports as
 * GPUs of their own, named `<model> MIG <profile>`. Steppe does not cut: the image or the operator does, at every boot, since
 * slices do not outlive one.
 *
 * @see https://docs.nvidia.com/datacenter/tesla/mig-user-guide/
 */
export interface MigPartition {
  /** Shape: `1g.10gb`. */
  readonly profile: string;
  /** Slices of each GPU. */
  readonly count: number;
  /** Memory of a slice as `nvidia-smi` says it, MiB; it differs by driver. @default - not known; 900 MiB per GB are counted on */
  readonly memoryMiB?: number;
}
