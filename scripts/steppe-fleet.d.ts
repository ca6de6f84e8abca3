/** The fleet that STEPPE_FLEET names; resolved when the program is bundled. */
declare module "steppe:fleet" {
  export const fleet: import("../model/types").Fleet;
  export const workloads: import("../stacks/program").Workloads | undefined;
}
