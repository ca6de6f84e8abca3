/** Drivers that start a task without a view of its own on the file system, where nothing can be mounted. */
const WITHOUT_MOUNTS = new Set(["raw_exec", "qemu", "exec2", "mock_driver"]);

/**
 * Whether tasks of a driver can mount volumes. Nomad takes a job of another driver, and its client fails the task. Drivers that are
 * not known here are given the benefit of the doubt.
 *
 * @see https://developer.hashicorp.com/nomad/docs/concepts/plugins/task-drivers `MountConfigs`
 */
export function canMount(driver: string): boolean {
  return !WITHOUT_MOUNTS.has(driver);
}
