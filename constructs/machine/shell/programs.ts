import { GPU_PLUGIN, GPU_TOOLKIT_PACKAGES } from "../../../model/gpu";
import { paths } from "../paths";

/** A program that the install steps bring, by the name of its package. */
export type Program = "nomad" | "tailscale" | typeof GPU_PLUGIN | "nvidia-container-toolkit";

/** How a program comes to a machine. Versions, archives and sums are shell variables that the bundle sets. */
interface Recipe {
  /** Shell variable with its version. */
  readonly version: string;
  /** What must be on PATH where the image brings it. */
  readonly commands: readonly string[];
  /** The vendor's signed repository: name, key URL, fingerprint, source line. */
  readonly repository: string;
  /** Packages of one version. @default - one, named as the program */
  readonly packages?: readonly string[];
  /** What the repository adds to the version. @default "" */
  readonly revision?: string;
  /** What is restarted after it has changed. @default - nothing */
  readonly concern?: "nomad" | "tailscaled";
  /** Takes it from the fleet's own mirror where it is not there yet. */
  readonly fromMirror: string;
}

const HASHICORP = `  repository hashicorp https://apt.releases.hashicorp.com/gpg 798AEC654E5C15428C8E42EEAA16FCBCA621E701 \\
    "https://apt.releases.hashicorp.com $VERSION_CODENAME main"`;

export const RECIPES: Readonly<Record<Program, Recipe>> = {
  nomad: {
    version: "nomad_version",
    commands: ["nomad"],
    repository: HASHICORP,
    revision: "-1",
    concern: "nomad",
    fromMirror: `if [ "$(version_of nomad)" != "$nomad_version" ]; then
  take "$nomad_archive" "$nomad_sha256"
  unzip -o -q "$changed/$nomad_archive" nomad -d "$changed"
  install -m 0755 "$changed/nomad" /usr/local/bin/nomad
  rm -f "$changed/nomad"
  : >"$changed/nomad"
fi`,
  },
  tailscale: {
    version: "tailscale_version",
    commands: ["tailscale", "tailscaled"],
    repository: `  repository tailscale "https://pkgs.tailscale.com/stable/$ID/$VERSION_CODENAME.asc" 2596A99EAAB33821893C0A79458CA832957F5868 \\
    "https://pkgs.tailscale.com/stable/$ID $VERSION_CODENAME main"`,
    concern: "tailscaled",
    fromMirror: `if [ "$(version_of tailscale)" != "$tailscale_version" ]; then
  take "$tailscale_archive" "$tailscale_sha256"
  tar -xzf "$changed/$tailscale_archive" -C "$changed" --strip-components=1
  install -m 0755 "$changed/tailscale" "$changed/tailscaled" /usr/local/bin/
  rm -f "$changed/tailscale" "$changed/tailscaled"
  : >"$changed/tailscaled"
fi`,
  },
  // It cannot say its version: the sum of what was installed stands for it.
  [GPU_PLUGIN]: {
    version: "gpu_plugin_version",
    commands: [GPU_PLUGIN],
    repository: HASHICORP,
    revision: "-1",
    concern: "nomad",
    fromMirror: `if [ "$(cat ${paths.settings}/gpu-plugin 2>/dev/null)" != "$gpu_plugin_sha256" ] || [ ! -x /usr/local/bin/${GPU_PLUGIN} ]; then
  take "$gpu_plugin_archive" "$gpu_plugin_sha256"
  unzip -o -q "$changed/$gpu_plugin_archive" ${GPU_PLUGIN} -d "$changed"
  install -m 0755 "$changed/${GPU_PLUGIN}" /usr/local/bin/${GPU_PLUGIN}
  echo "$gpu_plugin_sha256" | put 0644 root:root ${paths.settings}/gpu-plugin nomad
fi`,
  },
  "nvidia-container-toolkit": {
    version: "gpu_toolkit_version",
    commands: ["nvidia-ctk", "nvidia-container-runtime"],
    repository: `  repository nvidia-container-toolkit https://nvidia.github.io/libnvidia-container/gpgkey C95B321B61E88C1809C4F759DDCAE044F796ECB0 \\
    "https://nvidia.github.io/libnvidia-container/stable/deb/\\$(ARCH) /"`,
    packages: GPU_TOOLKIT_PACKAGES,
    revision: "-1",
    fromMirror: `if ! installed nvidia-container-toolkit "$gpu_toolkit_version"; then
  for entry in $gpu_toolkit; do
    take "\${entry%%:*}" "\${entry#*:}"
  done
  dpkg --install "$changed"/*.deb
  rm -f "$changed"/*.deb
fi`,
  },
};

/** Packages of a program as apt-get takes them, each with its version. */
export function packagesOf(program: Program): readonly string[] {
  const { packages = [program], version, revision = "" } = RECIPES[program];
  return packages.map((name) => `"${name}=$${version}${revision}"`);
}
