import { ACCESS_PERMISSIONS } from "./permission-access";
import type { TypePermissions } from "./permission-grants";
import { MACHINE_PERMISSIONS } from "./permission-machines";
import { NETWORK_PERMISSIONS } from "./permission-network";
import { STORAGE_PERMISSIONS } from "./permission-storage";

/** By type of resource, every one that Steppe makes on Google Cloud: a test holds that none is missing. */
export const PERMISSIONS: Readonly<Record<string, TypePermissions>> = {
  ...ACCESS_PERMISSIONS,
  ...MACHINE_PERMISSIONS,
  ...NETWORK_PERMISSIONS,
  ...STORAGE_PERMISSIONS,
};
