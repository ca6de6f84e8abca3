/**
 * References that Nomad resolves: on the servers when it places an allocation (`attr`, `node`, `meta`, `device`), or on the
 * client when a task starts (`env`, `secret`, and all of the former but `device`).
 *
 * @see https://developer.hashicorp.com/nomad/docs/reference/runtime-variable-interpolation
 */

declare const customBrand: unique symbol;

/** An attribute that has no name here, taken as it is. Made by {@link attr.custom}. */
export type CustomAttribute = string & { readonly [customBrand]: true };

/**
 * Fingerprinted attributes of a node. What a node has shows `nomad node status -verbose <id>`.
 *
 * @see https://developer.hashicorp.com/nomad/docs/reference/runtime-variable-interpolation#node-attributes
 */
export const attr = {
  kernel: {
    /** `linux`, `darwin`, `windows`. */
    name: "${attr.kernel.name}",
    /** Shape: `6.1.0-18-amd64`. */
    version: "${attr.kernel.version}",
    /** Architecture of the kernel. Shape: `x86_64`, `aarch64`. */
    arch: "${attr.kernel.arch}",
    /** Version of Landlock, which exec2 needs. Shape: `v3`. */
    landlock: "${attr.kernel.landlock}",
  },
  os: {
    /** Shape: `debian`, `ubuntu`, `amazon`. */
    name: "${attr.os.name}",
    /** Shape: `12`. */
    version: "${attr.os.version}",
    /** `1` or `2`. */
    cgroupsVersion: "${attr.os.cgroups.version}",
    /** Windows build. */
    build: "${attr.os.build}",
    /** Signals that the system knows, separated by commas. */
    signals: "${attr.os.signals}",
  },
  cpu: {
    /** `amd64`, `arm64`. */
    arch: "${attr.cpu.arch}",
    /** Cores of the machine. */
    numcores: "${attr.cpu.numcores}",
    /** Cores that tasks may reserve whole. */
    reservablecores: "${attr.cpu.reservablecores}",
    /** MHz of one core. */
    frequency: "${attr.cpu.frequency}",
    /** MHz of all cores. */
    totalcompute: "${attr.cpu.totalcompute}",
    /** MHz of all cores but what is reserved. */
    usablecompute: "${attr.cpu.usablecompute}",
    modelname: "${attr.cpu.modelname}",
  },
  memory: {
    /** Bytes. */
    totalbytes: "${attr.memory.totalbytes}",
  },
  numa: {
    nodeCount: "${attr.numa.node.count}",
  },
  nomad: {
    /** Shape: `1.11.3`; compare with operator `version` or `semver`. */
    version: "${attr.nomad.version}",
    revision: "${attr.nomad.revision}",
    /** `true` where the client can serve Nomad's own discovery. */
    serviceDiscovery: "${attr.nomad.service_discovery}",
    bridgeHairpinMode: "${attr.nomad.bridge.hairpin_mode}",
  },
  consul: {
    version: "${attr.consul.version}",
    datacenter: "${attr.consul.datacenter}",
  },
  vault: {
    version: "${attr.vault.version}",
    accessible: "${attr.vault.accessible}",
  },
  unique: {
    hostname: "${attr.unique.hostname}",
    ipAddress: "${attr.unique.network.ip-address}",
    advertiseAddress: "${attr.unique.advertise.address}",
    storageBytesTotal: "${attr.unique.storage.bytestotal}",
    consulName: "${attr.unique.consul.name}",
  },
  platform: {
    aws: {
      instanceType: "${attr.platform.aws.instance-type}",
      availabilityZone: "${attr.platform.aws.placement.availability-zone}",
      instanceId: "${attr.unique.platform.aws.instance-id}",
      localIpv4: "${attr.unique.platform.aws.local-ipv4}",
      publicIpv4: "${attr.unique.platform.aws.public-ipv4}",
    },
    gce: {
      machineType: "${attr.platform.gce.machine-type}",
      zone: "${attr.platform.gce.zone}",
      hostname: "${attr.unique.platform.gce.hostname}",
      id: "${attr.unique.platform.gce.id}",
    },
  },
  /** `1` where a client has the task driver. */
  driver: <Name extends string>(name: Name): `\${attr.driver.${Name}}` => `\${attr.driver.${name}}`,
  /** Version of a CNI plugin. */
  cniPlugin: <Name extends string>(name: Name): `\${attr.plugins.cni.version.${Name}}` =>
    `\${attr.plugins.cni.version.${name}}`,
  /**
   * Any other attribute, unchecked.
   *
   * @param name - as `nomad node status -verbose` shows it, for example `driver.docker.volumes.enabled`.
   */
  custom: (name: string): CustomAttribute => `\${attr.${name}}` as CustomAttribute,
} as const;

/** What a node is. There is no `node.region` for placement: a job runs in one region. */
export const node = {
  uniqueId: "${node.unique.id}",
  uniqueName: "${node.unique.name}",
  datacenter: "${node.datacenter}",
  class: "${node.class}",
  pool: "${node.pool}",
} as const;

/** Metadata of the node. In the fleet: `nodeMeta` of a pool. */
export function meta<Key extends string>(key: Key): `\${meta.${Key}}` {
  return `\${meta.${key}}`;
}

type Leaves<T> = T extends string
  ? T
  : T extends (...parameters: never) => unknown
    ? never
    : { [K in keyof T]: Leaves<T[K]> }[keyof T];

/**
 * What a constraint, an affinity or a spread of a job, a group or a task looks at. Write {@link attr}, {@link node} or
 * {@link meta}, or the same text: a misspelt attribute does not compile.
 */
export type NodeAttribute =
  | Leaves<typeof attr>
  | Leaves<typeof node>
  | `\${attr.driver.${string}}`
  | `\${attr.plugins.cni.version.${string}}`
  | `\${meta.${string}}`
  | CustomAttribute;

/**
 * What a constraint or an affinity of a device looks at.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/device#device-constraint-and-affinity-attributes
 */
export const device = {
  vendor: "${device.vendor}",
  type: "${device.type}",
  model: "${device.model}",
  ids: "${device.ids}",
  attr: {
    /** Memory of one GPU; compare with a size such as `40 GiB`. */
    memory: "${device.attr.memory}",
    /** Clock of the cores; compare with `1500 MHz`. */
    coresClock: "${device.attr.cores_clock}",
    memoryClock: "${device.attr.memory_clock}",
    /** Watts. */
    power: "${device.attr.power}",
    bar1: "${device.attr.bar1}",
    pciBandwidth: "${device.attr.pci_bandwidth}",
    displayState: "${device.attr.display_state}",
    persistenceMode: "${device.attr.persistence_mode}",
    driverVersion: "${device.attr.driver_version}",
  },
  /** Any other attribute that the device's plugin gives, unchecked. */
  custom: (name: string): CustomAttribute => `\${device.attr.${name}}` as CustomAttribute,
} as const;

/** See {@link device}. */
export type DeviceAttribute = Leaves<typeof device> | CustomAttribute;

/**
 * What a task sees in its environment. For `env`, `config` and the like; templates read `{{ env "NOMAD_PORT_http" }}`.
 *
 * @see https://developer.hashicorp.com/nomad/docs/reference/runtime-environment-settings
 */
export const env = {
  allocDir: "${NOMAD_ALLOC_DIR}",
  taskDir: "${NOMAD_TASK_DIR}",
  secretsDir: "${NOMAD_SECRETS_DIR}",
  /** MHz. */
  cpuLimit: "${NOMAD_CPU_LIMIT}",
  cpuCores: "${NOMAD_CPU_CORES}",
  /** MiB. */
  memoryLimit: "${NOMAD_MEMORY_LIMIT}",
  /** MiB. */
  memoryMaxLimit: "${NOMAD_MEMORY_MAX_LIMIT}",
  allocId: "${NOMAD_ALLOC_ID}",
  shortAllocId: "${NOMAD_SHORT_ALLOC_ID}",
  allocName: "${NOMAD_ALLOC_NAME}",
  /** 0 to count-1 in the group: a rank, never a number of workers. Always 0 in system jobs. */
  allocIndex: "${NOMAD_ALLOC_INDEX}",
  taskName: "${NOMAD_TASK_NAME}",
  groupName: "${NOMAD_GROUP_NAME}",
  jobId: "${NOMAD_JOB_ID}",
  jobName: "${NOMAD_JOB_NAME}",
  jobParentId: "${NOMAD_JOB_PARENT_ID}",
  datacenter: "${NOMAD_DC}",
  namespace: "${NOMAD_NAMESPACE}",
  region: "${NOMAD_REGION}",
  /** Port that a task listens on: the one inside its network. */
  port: (label: string): string => `\${NOMAD_PORT_${variable(label)}}`,
  ip: (label: string): string => `\${NOMAD_IP_${variable(label)}}`,
  /** `ip:port`. */
  addr: (label: string): string => `\${NOMAD_ADDR_${variable(label)}}`,
  hostPort: (label: string): string => `\${NOMAD_HOST_PORT_${variable(label)}}`,
  hostIp: (label: string): string => `\${NOMAD_HOST_IP_${variable(label)}}`,
  hostAddr: (label: string): string => `\${NOMAD_HOST_ADDR_${variable(label)}}`,
  allocPort: (label: string): string => `\${NOMAD_ALLOC_PORT_${variable(label)}}`,
  /** Meta of the task, its group or its job. */
  meta: (key: string): string => `\${NOMAD_META_${variable(key)}}`,
} as const;

/** A value of a `secret` block. Since Nomad 1.11. */
export function secret(name: string, key: string): string {
  return `\${secret.${name}.${key}}`;
}

/** Labels and keys as environment variables have them. */
function variable(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "_");
}
