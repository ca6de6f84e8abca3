import type { GcpSite } from "../../../model/gcp-types";

/** What sets the options of a machine. */
export interface MachineKind {
  readonly hasGpus: boolean;
  /** @default false */
  readonly spot?: boolean;
}

/**
 * Shielded VM: what boots is measured and watched, and signed. Not signed are NVIDIA's kernel modules, which would not load under
 * Secure Boot.
 *
 * @see https://cloud.google.com/compute/shielded-vm/docs/shielded-vm
 */
export function shieldedConfig({ hasGpus }: MachineKind) {
  return { enableSecureBoot: !hasGpus, enableVtpm: true, enableIntegrityMonitoring: true };
}

/**
 * What happens to a machine when its host is maintained, fails or is needed for others. Machines with GPUs and spot machines
 * cannot be moved while they run.
 *
 * @see https://cloud.google.com/compute/docs/instances/host-maintenance-overview
 */
export function scheduling({ hasGpus, spot = false }: MachineKind) {
  if (spot)
    return {
      provisioningModel: "SPOT",
      preemptible: true,
      automaticRestart: false,
      onHostMaintenance: "TERMINATE",
      // The group makes another in its place.
      instanceTerminationAction: "STOP",
    };
  return {
    provisioningModel: "STANDARD",
    automaticRestart: true,
    onHostMaintenance: hasGpus ? "TERMINATE" : "MIGRATE",
  };
}

/** Key of the metadata that holds what a machine runs at every boot. */
export const STARTUP_SCRIPT = "startup-script";

/**
 * Metadata of a machine. Keys of the project open nothing here, nor does the serial console; with OS Login IAM decides who logs in.
 *
 * @param startupScript - what it runs at every boot.
 */
export function machineMetadata({ ssh }: GcpSite, startupScript: string): Record<string, string> {
  return {
    [STARTUP_SCRIPT]: startupScript,
    "block-project-ssh-keys": "TRUE",
    "enable-oslogin": ssh.osLogin === true ? "TRUE" : "FALSE",
    "serial-port-enable": "FALSE",
  };
}
