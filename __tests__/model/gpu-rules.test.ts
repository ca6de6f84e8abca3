import { formatProblem } from "../../constructs/core/problems";
import { gpuFiles } from "../../model/gpu";
import type { Fleet, Pool } from "../../model/types";
import { validateFleet } from "../../model/validate";
import { awsFleet, smallFleet, spoil } from "../helpers/fleet";

const problemsOf = (fleet: Fleet, changes: Readonly<Record<string, unknown>>) =>
  validateFleet(Object.entries(changes).reduce<Fleet>((so, [path, value]) => spoil(so, path, value), fleet)).map(
    formatProblem,
  );
const repository = (branch: number) => ({ kind: "repository", branch });
const L4 = { model: "l4-24gb", count: 1 };
const unmanaged = { kind: "unmanaged", devicePlugin: "nomad-device-amd", reason: "AMD's plugin is the image's" };
const full = (more: object) => ({ model: { model: "GPU X", memoryMiB: 1, gpuArchitecture: "x", ...more }, count: 1 });
const gpu = "pools.gpu.hardware.gpu";
const driver = "pools.gpu.gpuDriver";

test.each<[string, Readonly<Record<string, unknown>>]>([
  ["a driver from the repository", { [gpu]: L4, [driver]: repository(590) }],
  ["another vendor's GPUs that are left to the image", { [gpu]: full({ vendor: "amd" }), [driver]: unmanaged }],
  [
    "a GPU of ARM whose plugin the image brings, repository or not",
    {
      "pools.gpu.hardware.architecture": "arm64",
      "sites.north.install": { kind: "repository" },
      [driver]: { kind: "unmanaged", reason: "built by hand" },
    },
  ],
  ["GPUs cut into slices", { [`${gpu}.mig`]: { profile: "1g.10gb", count: 7 } }],
  ["slices of a GPU given in full", { [gpu]: { ...full({}), mig: { profile: "2g.12gb", count: 2, memoryMiB: 1 } } }],
  ["GPUs of ARM with what the image brings", { "pools.gpu.hardware.architecture": "arm64" }],
])("accepts %s", (_, changes) => {
  expect(problemsOf(smallFleet(), changes)).toEqual([]);
});

test.each<[string, Readonly<Record<string, unknown>>, string[]]>([
  [
    "a driver without a GPU",
    { "pools.edge.gpuDriver": { kind: "image" } },
    ['pools.edge.gpuDriver: is for pools with GPUs, got "image"; set hardware.gpu, or leave it out'],
  ],
  [
    "another vendor's GPUs",
    { [gpu]: full({ vendor: "amd" }), [driver]: repository(580) },
    [
      'pools.gpu.gpuDriver: must be unmanaged: Steppe sets up NVIDIA\'s GPUs alone, and these are amd\'s, got "repository"; bring driver and plugin with the image, and set { kind: "unmanaged", devicePlugin, reason }',
    ],
  ],
  [
    "branches that there are not",
    { [gpu]: L4, [driver]: repository(570) },
    [
      "pools.gpu.gpuDriver.branch: must be a branch of NVIDIA's driver from 580, the first that can be kept to, got 570; write it like 580",
    ],
  ],
  [
    "a version in place of a branch",
    { [gpu]: L4, [driver]: repository(580.95) },
    [
      "pools.gpu.gpuDriver.branch: must be a branch of NVIDIA's driver from 580, the first that can be kept to, got 580.95; write it like 580",
    ],
  ],
  [
    "GPUs too old for open kernel modules",
    { [gpu]: full({ gpuArchitecture: "volta" }), [driver]: repository(580) },
    [
      'pools.gpu.gpuDriver: brings open kernel modules, which have no support for volta, got "repository"; bring the driver with the image: { kind: "image" }',
    ],
  ],
  [
    "GPUs behind NVSwitch with a driver alone",
    { [driver]: repository(580) },
    [
      'pools.gpu.gpuDriver: brings no Fabric Manager, without which GPUs behind NVSwitch do nothing, got "repository"; use an image that has driver and Fabric Manager of one version: { kind: "image" }',
    ],
  ],
  [
    "names that are commands",
    {
      [gpu]: full({ model: "X'; reboot" }),
      "pools.edge.hardware.gpu": L4,
      "pools.edge.gpuDriver": { ...unmanaged, devicePlugin: "../x" },
    },
    [
      'pools.gpu.hardware.gpu.model: must be a name as the driver gives it, got "X\'; reboot"; copy it from nvidia-smi -L',
      'pools.edge.gpuDriver.devicePlugin: must be the name of a program, got "../x"',
    ],
  ],
  [
    "slices that a GPU has no room for, or that the machine's GPUs have together",
    { [`${gpu}.mig`]: { profile: "3g.40gb", count: 16, memoryMiB: 100_000 } },
    [
      "pools.gpu.hardware.gpu.mig.count: must be a whole number from 1 to 2, as many 3g.40gb as one GPU has room for, got 16; count the slices of one GPU, not of the machine",
      "pools.gpu.hardware.gpu.mig.memoryMiB: must be the memory of a slice, a whole number up to the 81559 MiB of the GPU, got 100000",
    ],
  ],
  [
    "a profile of another GPU",
    { [`${gpu}.mig`]: { profile: "1g.5gb", count: 7 } },
    [
      'pools.gpu.hardware.gpu.mig.profile: must be a MIG profile of h100-80gb: 1g.10gb, 1g.20gb, 2g.20gb, 3g.40gb, 4g.40gb, 7g.80gb, got "1g.5gb"',
    ],
  ],
  [
    "a profile that is none, of a GPU given in full",
    { [gpu]: { ...full({}), mig: { profile: "small", count: 1 } } },
    ['pools.gpu.hardware.gpu.mig.profile: must be a MIG profile, got "small"; copy it from nvidia-smi mig -lgip'],
  ],
  [
    "slices of a GPU that cannot be cut",
    { [gpu]: { ...L4, mig: { profile: "1g.10gb", count: 2 } } },
    [
      'pools.gpu.hardware.gpu.mig: is for GPUs that can be cut into slices: a100-40gb, a100-80gb, h100-80gb, h200-141gb, b200-180gb, got "l4-24gb"; leave it out: jobs get whole GPUs',
    ],
  ],
  [
    "slices that no plugin reports",
    { [`${gpu}.mig`]: { profile: "1g.10gb", count: 7 }, [driver]: { kind: "unmanaged", reason: "built by hand" } },
    [
      "pools.gpu.hardware.gpu.mig: needs a device plugin, which alone can tell slices apart; name it in gpuDriver.devicePlugin, or leave the driver to Steppe",
    ],
  ],
  [
    "a plugin that is not in the package repository",
    { "pools.gpu.hardware.architecture": "arm64", "sites.north.install": { kind: "repository" } },
    [
      'pools.gpu.hardware.architecture: has no nomad-device-nvidia 1.1.0 in HashiCorp\'s package repository, got "arm64"; bring a newer one with the image, and set gpuDriver { kind: "unmanaged", devicePlugin, reason }',
    ],
  ],
  [
    "a GPU that the plugin does not see",
    { [gpu]: { model: "gb10-128gb", count: 1 } },
    [
      'pools.gpu.hardware.gpu.model: is not reported by nomad-device-nvidia 1.1.0: it has no memory of its own, got "NVIDIA GB10"; bring a newer one with the image, and set gpuDriver { kind: "unmanaged", devicePlugin, reason }',
    ],
  ],
  [
    "files that the mirror must have, without Docker the plugin's alone",
    {
      "pools.gpu.drivers": ["raw_exec"],
      "sites.north.install": { kind: "mirror", baseUrl: "https://mirror.example.com", sha256: {} },
    },
    [
      'sites.north.install.sha256["nomad-device-nvidia_1.1.0_linux_amd64.zip"]: must be the SHA-256 of a file that machines with GPUs take from the mirror; put the file there, and its sum here',
    ],
  ],
])("says of %s", (_, changes, expected) => {
  expect(problemsOf(smallFleet(), changes)).toEqual(expected);
});

test("a GPU pool on AWS has an image of its own, or a driver from the repository", () => {
  const changes = { "pools.h100.image": undefined, "pools.l4.gpuDriver": { kind: "image" } };
  const rule = (pool: string) =>
    `pools.${pool}.image: must be an image with NVIDIA's driver, since the pool has GPUs; name one, or set gpuDriver: { kind: "repository", branch }`;
  expect(problemsOf(awsFleet(), changes)).toEqual([rule("h100"), rule("l4")]);
});

test("a mirror's files are those of the pool's architecture, and a pool with all of them is accepted", () => {
  const files = gpuFiles(smallFleet().pools["gpu"] as Pool);
  expect(files).toEqual([
    "nomad-device-nvidia_1.1.0_linux_amd64.zip",
    "libnvidia-container1_1.19.1-1_amd64.deb",
    "libnvidia-container-tools_1.19.1-1_amd64.deb",
    "nvidia-container-toolkit-base_1.19.1-1_amd64.deb",
    "nvidia-container-toolkit_1.19.1-1_amd64.deb",
  ]);
  const sha256 = Object.fromEntries(files.map((file) => [file, "a".repeat(64)]));
  const install = { kind: "mirror", baseUrl: "https://mirror.example.com", sha256 };
  expect(problemsOf(smallFleet(), { "sites.north.install": install })).toEqual([]);
});
