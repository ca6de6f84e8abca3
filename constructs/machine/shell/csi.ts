import { packageStep } from "./install";

interface Package {
  readonly name: string;
  readonly command: string;
}

/** Brings packages of the distribution that are not there. */
export const installPackages = (packages: readonly Package[]): string =>
  packages.map(({ name, command }) => packageStep(command, name)).join("\n");

/** Refuses a machine without a package that a CSI plugin of its pool needs. */
export const checkPackage = (command: string, name: string): string => `command -v ${command} >/dev/null || {
  echo "steppe: this machine has no ${command}, which a CSI plugin of its pool needs: add the package ${name} to its image" >&2
  exit 1
}`;

/** Loads a module of the kernel, where it is not built in. */
export const loadModule = (module: string): string => `modprobe ${module} || {
  echo "steppe: the kernel $(uname -r) of this machine has no module ${module}, which a CSI plugin of its pool needs: boot one that has it" >&2
  exit 1
}`;

/** Makes directories that are listed as systemd-tmpfiles takes them, which makes them again at every boot. */
export const makeDirectories = (list: string): string => `systemd-tmpfiles --create ${list}`;

/** Runs a unit now and at every boot. */
export const runUnit = (unit: string): string => `systemctl enable --quiet --now ${unit} || {
  echo "steppe: ${unit} does not run, which a CSI plugin of this machine's pool needs; see: journalctl -u ${unit}" >&2
  exit 1
}`;
