import type { TypedDriver } from "../driver";
import type {
  BindOptions,
  DockerConfig,
  DockerDevice,
  DockerHealthchecks,
  DockerLogging,
  DockerMount,
  DockerVolumeOptions,
  RegistryAuth,
  TmpfsOptions,
  VolumeDriverConfig,
} from "../drivers/docker";
import type { ExtraConfig } from "../drivers/extra";
import type { PodmanAuth, PodmanConfig, PodmanLogging } from "../drivers/podman";
import type { Exec2Config, ExecConfig, JavaConfig, QemuConfig, RawExecConfig } from "../drivers/processes";
import { blocks, listedBlock, listedMap, pointer, size } from "./codecs";
import { type FieldSpec, type KeysOf, schema, type Schema } from "./field";

/** A driver's own setting: what is given is sent, zero and empty too. */
const set = (name: string): FieldSpec => pointer(name, { hcl: name, keepEmpty: true });

/** Settings that have the driver's name in snake_case. */
function sets<const Names extends readonly string[]>(...names: Names): Readonly<Record<Names[number], FieldSpec>> {
  return Object.fromEntries(
    names.map((name) => [name, set(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))]),
  ) as Readonly<Record<Names[number], FieldSpec>>;
}

/** `extra` is spread over the rest by {@link Schema.render} of tasks. */
const driver = <T extends ExtraConfig>(
  name: string,
  specs: Readonly<Record<Exclude<KeysOf<T>, "extra"> & string, FieldSpec>>,
): Schema => schema<Omit<T, "extra">>(name, specs as never);

const bytes = (name: string) => size(name, { hcl: name, bytes: true });
const list = (name: string) => listedMap(name, { hcl: name });

const auth = schema<RegistryAuth>("RegistryAuth", sets("username", "password", "email", "serverAddress"));

const mount = schema<DockerMount>("DockerMount", {
  ...sets("type", "source", "target", "readonly"),
  bindOptions: listedBlock("bind_options", schema<BindOptions>("BindOptions", sets("propagation"))),
  tmpfsOptions: listedBlock(
    "tmpfs_options",
    schema<TmpfsOptions>("TmpfsOptions", { size: bytes("size"), mode: set("mode") }),
  ),
  volumeOptions: listedBlock(
    "volume_options",
    schema<DockerVolumeOptions>("DockerVolumeOptions", {
      noCopy: set("no_copy"),
      labels: list("labels"),
      driverConfig: listedBlock(
        "driver_config",
        schema<VolumeDriverConfig>("VolumeDriverConfig", { name: set("name"), options: list("options") }),
      ),
    }),
  ),
});

const docker = driver<DockerConfig>("DockerConfig", {
  ...sets("image", "command", "args", "entrypoint", "load", "forcePull", "imagePullTimeout", "ports", "networkMode"),
  ...sets("networkAliases", "hostname", "extraHosts", "dnsServers", "dnsSearchDomains", "dnsOptions", "macAddress"),
  ipv4Address: set("ipv4_address"),
  ipv6Address: set("ipv6_address"),
  advertiseIpv6Address: set("advertise_ipv6_address"),
  ...sets("volumes", "volumeDriver", "workDir", "ipcMode", "pidMode", "utsMode", "usernsMode", "cgroupns", "runtime"),
  ...sets("isolation", "groupAdd", "cpuHardLimit", "cpuCfsPeriod", "cpusetCpus", "pidsLimit", "oomScoreAdj"),
  ...sets("privileged", "capAdd", "capDrop", "securityOpt", "readonlyRootfs", "init", "interactive", "tty"),
  ...sets("containerExistsAttempts", "authSoftFail"),
  shmSize: bytes("shm_size"),
  memoryHardLimit: size("memory_hard_limit", { hcl: "memory_hard_limit" }),
  auth: listedBlock("auth", auth),
  portMap: list("port_map"),
  mounts: blocks("mount", "mount", mount),
  devices: blocks(
    "devices",
    "devices",
    schema<DockerDevice>("DockerDevice", sets("hostPath", "containerPath", "cgroupPermissions")),
  ),
  storageOpt: listedMap("storage_opt"),
  ulimit: list("ulimit"),
  sysctl: list("sysctl"),
  labels: list("labels"),
  logging: listedBlock(
    "logging",
    schema<DockerLogging>("DockerLogging", { ...sets("type", "driver"), config: list("config") }),
  ),
  healthchecks: listedBlock("healthchecks", schema<DockerHealthchecks>("DockerHealthchecks", sets("disable"))),
});

const podman = driver<PodmanConfig>("PodmanConfig", {
  ...sets("image", "command", "args", "entrypoint", "authSoftFail", "forcePull", "imagePullTimeout", "socket", "arch"),
  ...sets("os", "variant", "ports", "networkMode", "staticIps", "staticMac", "hostname", "extraHosts", "volumes"),
  ...sets("tmpfs", "devices", "workingDir", "shmSize", "ipcMode", "userns", "cpuHardLimit", "cpuCfsPeriod"),
  ...sets("memoryReservation", "memorySwap", "memorySwappiness", "pidsLimit", "oomScoreAdj", "privileged", "capAdd"),
  ...sets("capDrop", "securityOpt", "selinuxOpts", "apparmorProfile", "readonlyRootfs", "init", "initPath", "tty"),
  ipv4Address: set("ipv4_address"),
  ipv6Address: set("ipv6_address"),
  portMap: list("port_map"),
  ulimit: list("ulimit"),
  sysctl: list("sysctl"),
  labels: list("labels"),
  auth: listedBlock("auth", schema<PodmanAuth>("PodmanAuth", sets("username", "password", "tlsVerify"))),
  logging: listedBlock(
    "logging",
    schema<PodmanLogging>("PodmanLogging", { driver: set("driver"), options: list("options") }),
  ),
});

const exec = driver<ExecConfig>(
  "ExecConfig",
  sets("command", "args", "pidMode", "ipcMode", "capAdd", "capDrop", "workDir"),
);

const exec2 = driver<Exec2Config>("Exec2Config", sets("command", "args", "unveil", "oomScoreAdj"));

const rawExec = driver<RawExecConfig>("RawExecConfig", {
  ...sets("command", "args", "workDir", "deniedEnvvars", "oomScoreAdj"),
  cgroupV1Override: list("cgroup_v1_override"),
  cgroupV2Override: set("cgroup_v2_override"),
});

const java = driver<JavaConfig>(
  "JavaConfig",
  sets("jarPath", "class", "classPath", "args", "jvmOptions", "pidMode", "ipcMode", "capAdd", "capDrop", "workDir"),
);

const qemu = driver<QemuConfig>("QemuConfig", {
  ...sets("imagePath", "accelerator", "emulator", "machineType", "driveInterface", "gracefulShutdown", "guestAgent"),
  ...sets("args"),
  portMap: list("port_map"),
});

/** Configuration of every driver that has types. */
export const driverSchemas: Readonly<Record<TypedDriver, Schema>> = {
  docker,
  podman,
  exec,
  exec2,
  raw_exec: rawExec,
  java,
  qemu,
};
