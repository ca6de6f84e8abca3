import { pluginDriver } from "../../../constructs/jobspec/driver";
import type { DockerConfig, DockerMount } from "../../../constructs/jobspec/drivers/docker";
import type { PodmanConfig } from "../../../constructs/jobspec/drivers/podman";
import type { Job } from "../../../constructs/jobspec/job";
import { each, type Parts, small } from "./build";

const image = "registry.example.com:5000/team/app:1.4.2";
const ports = { network: { ports: { http: { to: 80 }, ssh: {} } } };

function docker(id: string, config: Omit<DockerConfig, "image">, parts: Parts = {}): Job {
  return small(id, { group: ports, ...parts, driver: { driver: "docker", config: { image, ...config } } });
}

function mount(id: string, one: DockerMount): Job {
  return docker(id, { mounts: [one] });
}

const dockerJobs: readonly Job[] = [
  docker("docker-process", {
    command: "serve",
    args: ["--port", "${NOMAD_PORT_http}", "--name=${NOMAD_ALLOC_NAME}"],
    entrypoint: ["/bin/tini", "--"],
    workDir: "/srv",
    init: true,
    interactive: true,
    tty: true,
    healthchecks: { disable: true },
  }),
  docker("docker-image", {
    load: "app.tar",
    forcePull: true,
    imagePullTimeout: "15m",
    auth: {
      username: "me",
      password: "${NOMAD_META_password}",
      email: "me@example.com",
      serverAddress: "registry.example.com:5000",
    },
    authSoftFail: true,
    containerExistsAttempts: 3,
  }),
  docker("docker-network", {
    ports: ["http", "ssh"],
    networkMode: "host",
    networkAliases: ["app", "app-${NOMAD_ALLOC_INDEX}"],
    ipv4Address: "172.20.0.7",
    ipv6Address: "fd00::7",
    advertiseIpv6Address: true,
    macAddress: "02:68:b3:29:da:98",
    hostname: "app",
    extraHosts: ["db:10.0.0.7", "cache:10.0.0.8"],
    dnsServers: ["100.100.100.100"],
    dnsSearchDomains: ["tail.example"],
    dnsOptions: ["ndots:1"],
  }),
  docker("docker-port-map", { portMap: { http: 80, ssh: 22 } }),
  docker("docker-storage", {
    volumes: ["local/app.conf:/etc/app.conf:ro", "cache:/cache"],
    volumeDriver: "local",
    storageOpt: { size: "40G" },
    shmSize: "1GiB",
    readonlyRootfs: true,
    devices: [
      { hostPath: "/dev/net/tun", containerPath: "/dev/net/tun", cgroupPermissions: "rw" },
      { hostPath: "/dev/fuse" },
    ],
  }),
  docker("docker-limits", {
    cpuHardLimit: true,
    cpuCfsPeriod: 50_000,
    cpusetCpus: "0-3",
    memoryHardLimit: "1GiB",
    pidsLimit: 500,
    oomScoreAdj: -100,
    ulimit: { nofile: "2048:4096", memlock: "-1" },
    sysctl: { "net.core.somaxconn": "16384" },
  }),
  docker("docker-namespaces", {
    ipcMode: "host",
    pidMode: "host",
    utsMode: "host",
    usernsMode: "host",
    cgroupns: "host",
    runtime: "runc",
    isolation: "process",
  }),
  docker("docker-cgroupns", { cgroupns: "private" }),
  docker("docker-rights", {
    privileged: false,
    capAdd: ["NET_BIND_SERVICE"],
    capDrop: ["ALL"],
    securityOpt: ["no-new-privileges", "seccomp=local/profile.json"],
    groupAdd: ["video", "1001"],
  }),
  docker("docker-labels", {
    labels: { "com.example.team": "platform", plain: "x", 'quo"ted': "y", "${NOMAD_TASK_NAME}": "z" },
    logging: {
      type: "fluentd",
      driver: "fluentd",
      config: { "fluentd-address": "127.0.0.1:24224", tag: "${NOMAD_JOB_NAME}" },
    },
  }),
  mount("docker-mount-bind", {
    type: "bind",
    source: "local/conf",
    target: "/etc/conf",
    readonly: true,
    bindOptions: { propagation: "rshared" },
  }),
  mount("docker-mount-tmpfs", {
    type: "tmpfs",
    target: "/scratch",
    readonly: false,
    tmpfsOptions: { size: "64MiB", mode: 1023 },
  }),
  mount("docker-mount-volume", {
    type: "volume",
    source: "cache",
    target: "/cache",
    volumeOptions: {
      noCopy: true,
      labels: { a: "b" },
      driverConfig: { name: "pxd", options: { size: "10G", "io.profile": "db" } },
    },
  }),
  docker("docker-mounts", { mounts: [{ target: "/a" }, { target: "/b", type: "volume", source: "b" }] }),
  docker("docker-extra", { extra: { cpu_hard_limit: true, mount: [{ type: "bind", source: "a", target: "/a" }] } }),
];

const podmanConfig: Omit<PodmanConfig, "image"> = {
  command: "serve",
  args: ["--verbose"],
  entrypoint: ["/bin/tini"],
  auth: { username: "me", password: "${NOMAD_META_password}", tlsVerify: false },
  authSoftFail: true,
  forcePull: true,
  imagePullTimeout: "10m",
  socket: "default",
  arch: "arm64",
  os: "linux",
  variant: "v8",
  ports: ["http"],
  portMap: { http: 80 },
  networkMode: "slirp4netns",
  ipv4Address: "10.88.0.7",
  ipv6Address: "fd00::7",
  staticIps: ["10.88.0.8"],
  staticMac: "02:68:b3:29:da:98",
  hostname: "app",
  extraHosts: ["db:10.0.0.7"],
  volumes: ["local/app.conf:/etc/app.conf:ro"],
  tmpfs: ["/run:size=64M"],
  devices: ["/dev/net/tun"],
  workingDir: "/srv",
  shmSize: "256m",
  ipcMode: "private",
  userns: "keep-id",
  ulimit: { nofile: "2048:4096" },
  sysctl: { "net.core.somaxconn": "16384" },
  labels: { "com.example.team": "platform" },
  cpuHardLimit: true,
  cpuCfsPeriod: 50_000,
  memoryReservation: "100m",
  memorySwap: "180m",
  memorySwappiness: 60,
  pidsLimit: 500,
  oomScoreAdj: 100,
  privileged: false,
  capAdd: ["NET_ADMIN"],
  capDrop: ["MKNOD"],
  securityOpt: ["no-new-privileges"],
  selinuxOpts: ["type:container_t"],
  apparmorProfile: "unconfined",
  readonlyRootfs: true,
  init: true,
  initPath: "/usr/libexec/podman/catatonit",
  tty: true,
};

const others: readonly Job[] = [
  small("podman-all", {
    group: ports,
    driver: { driver: "podman", config: { image: "docker.io/library/redis:7.4.1", ...podmanConfig } },
  }),
  ...each("podman-logging", ["nomad", "journald"], (driver) => ({
    driver: { driver: "podman", config: { image, logging: { driver, options: { tag: "redis" } } } },
  })),
  ...each("exec-mode", ["private", "host"], (mode) => ({
    driver: {
      driver: "exec",
      config: {
        command: "/bin/app",
        args: ["-v"],
        pidMode: mode,
        ipcMode: mode,
        capAdd: ["net_raw"],
        capDrop: ["all"],
        workDir: "/srv",
      },
    },
  })),
  small("exec2", {
    driver: {
      driver: "exec2",
      config: { command: "/bin/app", args: ["-v"], unveil: ["r:/etc/mime.types", "rwxc:/srv/data"], oomScoreAdj: 100 },
    },
  }),
  small("raw-exec", {
    driver: {
      driver: "raw_exec",
      config: {
        command: "/usr/local/bin/agent",
        args: ["--once"],
        workDir: "/srv",
        deniedEnvvars: ["AWS_*"],
        oomScoreAdj: 10,
        cgroupV2Override: "custom.slice/app.scope",
      },
    },
  }),
  small("raw-exec-cgroup-v1", {
    driver: {
      driver: "raw_exec",
      config: { command: "/bin/app", cgroupV1Override: { pids: "app/a", memory: "app/b" } },
    },
  }),
  small("java-jar", {
    driver: {
      driver: "java",
      config: {
        jarPath: "local/app.jar",
        class: "com.example.Main",
        classPath: "local/lib/*",
        args: ["x"],
        jvmOptions: ["-Xmx64m", "-Xms32m"],
      },
    },
  }),
  ...each("java-class", ["private", "host"], (mode) => ({
    driver: {
      driver: "java",
      config: {
        class: "com.example.Main",
        pidMode: mode,
        ipcMode: mode,
        capAdd: ["net_raw"],
        capDrop: ["all"],
        workDir: "/srv",
      },
    },
  })),
  small("qemu", {
    group: ports,
    driver: {
      driver: "qemu",
      config: {
        imagePath: "local/linux.img",
        accelerator: "kvm",
        emulator: "qemu-system-aarch64",
        machineType: "virt",
        driveInterface: "virtio",
        gracefulShutdown: true,
        guestAgent: true,
        args: ["-nographic"],
        portMap: { ssh: 22, http: 80 },
      },
    },
  }),
  small("driver-plugin", {
    driver: {
      driver: pluginDriver("containerd-driver"),
      config: {
        image: "docker.io/library/redis:7",
        cap_add: ["CAP_SYS_ADMIN"],
        mounts: [
          { type: "bind", target: "/a", options: ["rbind", "ro"] },
          { type: "tmpfs", target: "/b", options: [] },
        ],
        seccomp: true,
        pids: 100,
        nested: { deep: { deeper: "x" } },
      },
    },
  }),
  small("driver-plugin-empty", { driver: { driver: pluginDriver("virt"), config: {} } }),
];

export const driverJobs: readonly Job[] = [...dockerJobs, ...others];
