import type { DockerConfig } from "./drivers/docker";
import type { PodmanConfig } from "./drivers/podman";
import type { Exec2Config, ExecConfig, JavaConfig, QemuConfig, RawExecConfig } from "./drivers/processes";

declare const pluginBrand: unique symbol;

/** Name of a driver that Steppe has no types for. Made by {@link pluginDriver}. */
export type PluginDriver = string & { readonly [pluginBrand]: true };

/** Names a driver that has no types here (`containerd-driver`, `virt`): its `config` is open and checked by the client only. */
export function pluginDriver(name: string): PluginDriver {
  return name as PluginDriver;
}

/** Driver and its configuration, told apart by `driver`. */
export type DriverConfig =
  | { readonly driver: "docker"; readonly config: DockerConfig }
  | { readonly driver: "podman"; readonly config: PodmanConfig }
  | { readonly driver: "exec"; readonly config: ExecConfig }
  | { readonly driver: "exec2"; readonly config: Exec2Config }
  | { readonly driver: "raw_exec"; readonly config: RawExecConfig }
  | { readonly driver: "java"; readonly config: JavaConfig }
  | { readonly driver: "qemu"; readonly config: QemuConfig }
  | { readonly driver: PluginDriver; readonly config: Readonly<Record<string, unknown>> };

/** Drivers that have types. */
export type TypedDriver = Exclude<DriverConfig["driver"], PluginDriver>;
