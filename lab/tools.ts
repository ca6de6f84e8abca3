import { access } from "node:fs/promises";
import { join } from "node:path";
import { buildTool, cachedTool, modulePin, type ToolModule } from "./tool-build";
import { findCommand } from "./packages";
import { run, type Progress } from "./run";
import { satisfies } from "semver";

/** Programs that the lab runs or puts on its hosts, as full paths. */
export interface Tools {
  readonly nomad: string;
  readonly tailscale: string;
  readonly tailscaled: string;
  readonly headscale: string;
  /** Terraform, or OpenTofu where there is none. */
  readonly terraform: string;
  /** Folder with the CNI plugins that Nomad's bridge mode runs. */
  readonly cniDirectory: string;
  /** Folder with the fixtures of our own: `fake-gpu`, a device plugin, and `driver-config`, which decodes task configs. */
  readonly fixtureDirectory: string;
  /** The CSI plugin of our own: a fixture, `lab/csi/`. */
  readonly csiPlugin: string;
  /** Version by tool: nomad, tailscale, headscale, terraform, cni. */
  readonly versions: Readonly<Record<string, string>>;
  /** Where each came from. */
  readonly sources: Readonly<Record<string, "path" | "cache" | "built">>;
}

/** CNI plugins of Nomad's bridge mode. */
export const CNI_PLUGINS = ["bridge", "firewall", "host-local", "loopback", "portmap"] as const;

/** Name of the CSI plugin's program. */
export const CSI_PLUGIN = "steppe-lab-csi";

/** Terraform that knows write-only arguments and ephemeral variables. OpenTofu has them from 1.11 as well. */
const TERRAFORM_RANGE = ">=1.11.0";

const plugins = "github.com/containernetworking/plugins";

/**
 * One Go module per tool. The version is stated in its go.mod and nowhere else; every file of it is checked by go.sum.
 * A test keeps the two that hold Nomad at the same versions.
 */
export const TOOL_MODULES = {
  nomad: { folder: "nomad", module: "github.com/hashicorp/nomad", packages: ["github.com/hashicorp/nomad"] },
  tailscale: {
    folder: "tailscale",
    module: "tailscale.com",
    packages: ["tailscale.com/cmd/tailscale", "tailscale.com/cmd/tailscaled"],
    // Without the stamps a build from a module calls itself "-ERR-BuildInfo".
    ldflags: (version) =>
      `-X tailscale.com/version.longStamp=${version} -X tailscale.com/version.shortStamp=${version}`,
    cgo: false,
  },
  headscale: {
    folder: "headscale",
    module: "github.com/juanfont/headscale",
    packages: ["github.com/juanfont/headscale/cmd/headscale"],
    cgo: false,
  },
  "nomad-plugins": {
    folder: "nomad-plugins",
    // Built from what Nomad is built from: the compiler finds nearly all of it in its cache.
    module: "github.com/hashicorp/nomad",
    packages: ["./cmd/fake-gpu", "./cmd/driver-config"],
  },
  cni: {
    folder: "cni",
    module: plugins,
    packages: ["main/bridge", "meta/firewall", "ipam/host-local", "main/loopback", "meta/portmap"].map(
      (name) => `${plugins}/plugins/${name}`,
    ),
    // Nomad asks the plugins for their version and ignores those that have none.
    ldflags: (version) => `-X ${plugins}/pkg/utils/buildversion.BuildVersion=v${version}`,
    cgo: false,
  },
  csi: {
    folder: "csi",
    within: ".",
    module: "github.com/container-storage-interface/spec",
    packages: [`./cmd/${CSI_PLUGIN}`],
    cgo: false,
  },
  opentofu: {
    folder: "opentofu",
    module: "github.com/opentofu/opentofu",
    packages: ["github.com/opentofu/opentofu/cmd/tofu"],
    // Without it the version carries "-dev".
    ldflags: () => "-X github.com/opentofu/opentofu/version.dev=no",
    cgo: false,
  },
  actionlint: {
    folder: "actionlint",
    module: "github.com/rhysd/actionlint",
    packages: ["github.com/rhysd/actionlint/cmd/actionlint"],
    cgo: false,
  },
} as const satisfies Record<string, ToolModule>;

/** First version number in a text: `Nomad v1.11.3` gives `1.11.3`. */
export function versionIn(text: string): string | undefined {
  return /\bv?(\d+\.\d+\.\d+)/.exec(text)?.[1];
}

/** Asks a program for its version. Nothing when it is not there or does not answer. */
async function versionOf(command: string | undefined, ...args: string[]): Promise<string | undefined> {
  if (command === undefined) return undefined;
  const env = { ...process.env, CHECKPOINT_DISABLE: "1" };
  const result = await run(command, args, { allowFailure: true, timeoutSeconds: 20, env }).catch(() => undefined);
  return result && versionIn(result.stdout + result.stderr);
}

interface Found {
  readonly folder: string;
  readonly version: string;
  readonly source: "path" | "cache" | "built";
}

/**
 * Finds every tool in PATH at a suitable version, else in the cache, else builds it once. Nothing unpinned is built.
 *
 * @throws LabError when a build fails or Go is missing.
 */
export async function ensureTools(progress: Progress, signal?: AbortSignal): Promise<Tools> {
  const nomad = await tool("nomad", ["nomad", "version"], progress, signal);
  const tailscale = await tool("tailscale", ["tailscaled", "--version"], progress, signal, ["tailscale"]);
  const headscale = await tool("headscale", ["headscale", "version"], progress, signal);
  const cni = await cniPlugins(progress, signal);
  const fixtures = await cachedOrBuilt("nomad-plugins", progress, signal);
  const csi = await cachedOrBuilt("csi", progress, signal);
  const terraform = await terraformOrTofu(progress, signal);
  return {
    nomad: join(nomad.folder, "nomad"),
    tailscale: join(tailscale.folder, "tailscale"),
    tailscaled: join(tailscale.folder, "tailscaled"),
    headscale: join(headscale.folder, "headscale"),
    terraform: terraform.path,
    cniDirectory: cni.folder,
    fixtureDirectory: fixtures.folder,
    csiPlugin: join(csi.folder, CSI_PLUGIN),
    versions: {
      nomad: nomad.version,
      tailscale: tailscale.version,
      headscale: headscale.version,
      terraform: terraform.version,
      cni: cni.version,
    },
    sources: {
      nomad: nomad.source,
      tailscale: tailscale.source,
      headscale: headscale.source,
      terraform: terraform.source,
      cni: cni.source,
    },
  };
}

/**
 * What the tests with real Nomad agents need, without the rest of the lab.
 *
 * @throws LabError when a build fails or Go is missing.
 */
export async function ensureNomadTools(progress: Progress): Promise<Pick<Tools, "nomad" | "fixtureDirectory">> {
  const nomad = await tool("nomad", ["nomad", "version"], progress, undefined);
  const fixtures = await cachedOrBuilt("nomad-plugins", progress, undefined);
  return { nomad: join(nomad.folder, "nomad"), fixtureDirectory: fixtures.folder };
}

/**
 * The lab's CSI plugin, without the rest of the lab.
 *
 * @throws LabError when its build fails or Go is missing.
 */
export async function ensureCsiPlugin(progress: Progress): Promise<string> {
  return join((await cachedOrBuilt("csi", progress, undefined)).folder, CSI_PLUGIN);
}

/**
 * What looks at the workflows, without the rest of the lab.
 *
 * @throws LabError when its build fails or Go is missing.
 */
export async function ensureActionlint(progress: Progress): Promise<string> {
  return join((await cachedOrBuilt("actionlint", progress, undefined)).folder, "actionlint");
}

/** A tool from PATH counts only at the pinned version: hosts, tests and documents all speak of that one. */
async function tool(
  name: keyof typeof TOOL_MODULES,
  probe: readonly [string, string],
  progress: Progress,
  signal: AbortSignal | undefined,
  companions: readonly string[] = [],
): Promise<Found> {
  const pin = await modulePin(TOOL_MODULES[name]);
  const path = findCommand(probe[0]);
  if (path !== undefined && (await versionOf(path, probe[1])) === pin.version) {
    const folder = join(path, "..");
    if (companions.every((companion) => findCommand(companion, folder) === join(folder, companion)))
      return { folder, version: pin.version, source: "path" };
  }
  return await cachedOrBuilt(name, progress, signal);
}

async function cniPlugins(progress: Progress, signal: AbortSignal | undefined): Promise<Found> {
  const pin = await modulePin(TOOL_MODULES.cni);
  const folder = "/opt/cni/bin";
  const there = await Promise.all(
    CNI_PLUGINS.map((plugin) =>
      access(join(folder, plugin)).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (there.every(Boolean) && (await versionOf(join(folder, "bridge"), "--version")) === pin.version)
    return { folder, version: pin.version, source: "path" };
  return await cachedOrBuilt("cni", progress, signal);
}

async function terraformOrTofu(
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<{ path: string; version: string; source: Found["source"] }> {
  for (const name of ["terraform", "tofu"]) {
    const path = findCommand(name);
    const version = await versionOf(path, "version");
    if (path !== undefined && version !== undefined && satisfies(version, TERRAFORM_RANGE))
      return { path, version, source: "path" };
  }
  const found = await cachedOrBuilt("opentofu", progress, signal);
  return { path: join(found.folder, "tofu"), version: found.version, source: found.source };
}

async function cachedOrBuilt(
  name: keyof typeof TOOL_MODULES,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const definition: ToolModule = TOOL_MODULES[name];
  const cached = await cachedTool(definition);
  if (cached !== undefined) return { ...cached, source: "cache" };
  const built = await buildTool(definition, progress, signal);
  return { ...built, source: "built" };
}
