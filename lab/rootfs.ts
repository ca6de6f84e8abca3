import { createHash } from "node:crypto";
import { access, mkdir, readFile, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { distributionSources, formatSource, parseDeb822, parseSourcesList } from "./apt-sources";
import { createImage } from "./images";
import { isDebianLike, thisOsRelease } from "./packages";
import { cacheDirectory } from "./paths";
import { removeStale } from "./stale";
import { run, type Progress } from "./run";
import { withElapsed } from "./elapsed";

/** Everything that decides what is in the minimal root. Its hash names the image. */
export interface RootRecipe {
  readonly codename: string;
  readonly architecture: string;
  readonly sources: readonly string[];
  readonly packages: readonly string[];
  /** Runs with `$1` the root, before the packages beside the essential ones come in. @default - nothing */
  readonly prepare?: string;
  /** Runs with `$1` the root, after the packages are in. */
  readonly customize: string;
}

/** Packages beside the minimal base. Each is used by a host, its machine bundle, or by whoever looks into it. */
export const ROOT_PACKAGES: readonly string[] = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "openssh-server",
  "iproute2",
  "iputils-ping",
  "iptables",
  "nftables",
  "procps",
  "kmod",
  "ca-certificates",
  "curl",
  "jq",
  // A static program that serves HTTP: workloads of the lab need nothing else.
  "busybox-static",
];

/** Units that only slow a lab host down, or need what a container has not. */
const MASKED_UNITS = [
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "dpkg-db-backup.timer",
  "e2scrub_all.timer",
  "e2scrub_reap.service",
  "fstrim.timer",
  "console-getty.service",
  "getty@tty1.service",
  "systemd-timesyncd.service",
  "systemd-networkd-wait-online.service",
];

/** No host key, machine id or resolver of the image may reach a host: each gets its own. */
const CUSTOMIZE = [
  'rm -f "$1"/etc/ssh/ssh_host_* "$1/etc/hostname" "$1/etc/resolv.conf" "$1/var/lib/dbus/machine-id"',
  ': > "$1/etc/machine-id"',
  'mkdir -p "$1/srv/data" "$1/opt/cni/bin"',
  ...MASKED_UNITS.map((unit) => `ln -sf /dev/null "$1/etc/systemd/system/${unit}"`),
  'ln -sf /lib/systemd/system/multi-user.target "$1/etc/systemd/system/default.target"',
].join("\n");

const EXCLUDED = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*"];

/** Name of a recipe's image in the cache. */
export function rootImageName(recipe: RootRecipe): string {
  return `root-${recipe.codename}-${recipeHash(recipe)}.ext4`;
}

/** Short hash of a recipe: another recipe is another image. */
export function recipeHash(recipe: RootRecipe): string {
  return createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 12);
}

/** The recipe on this machine: its own release from its own sources, Debian's where it has none. */
export async function rootRecipe(): Promise<RootRecipe> {
  const os = thisOsRelease();
  const like = isDebianLike(os) && os["VERSION_CODENAME"] !== undefined;
  const codename = (like ? os["VERSION_CODENAME"] : undefined) ?? "bookworm";
  const own = like ? distributionSources(await machineSources(), codename) : [];
  return {
    codename,
    architecture: process.arch,
    // Where the machine names none, mmdebstrap takes the distribution's own archive.
    sources: own.map(formatSource),
    packages: ROOT_PACKAGES,
    customize: CUSTOMIZE,
  };
}

async function machineSources(): Promise<ReturnType<typeof parseSourcesList>> {
  const read = async (file: string) => await readFile(file, "utf8").catch(() => "");
  const folder = "/etc/apt/sources.list.d";
  const names = (await readdir(folder).catch(() => [] as string[])).sort();
  const found = parseSourcesList(await read("/etc/apt/sources.list"));
  for (const name of names) {
    const text = await read(join(folder, name));
    if (name.endsWith(".list")) found.push(...parseSourcesList(text));
    if (name.endsWith(".sources")) found.push(...parseDeb822(text));
  }
  return found;
}

/** Arguments of mmdebstrap for a recipe. */
export function mmdebstrapArguments(recipe: RootRecipe, target: string, aptOptions: readonly string[]): string[] {
  return [
    "--mode=root",
    "--variant=minbase",
    "--format=directory",
    `--include=${recipe.packages.join(",")}`,
    ...aptOptions.map((option) => `--aptopt=${option}`),
    ...EXCLUDED.map((path) => `--dpkgopt=path-exclude=${path}`),
    ...(recipe.prepare === undefined ? [] : [`--essential-hook=${recipe.prepare}`]),
    `--customize-hook=${recipe.customize}`,
    recipe.codename,
    target,
    ...recipe.sources,
  ];
}

/** Settings of the machine's own apt that decide whether it reaches its sources: proxies, dates, retries. */
export function usefulAptOptions(dump: string): string[] {
  return dump
    .split("\n")
    .filter((line) => /^Acquire::(Check-|Retries|ForceIPv|https?::(Proxy|Pipeline|Verify|CaInfo|Timeout))/.test(line))
    .filter((line) => !/ "";$/.test(line))
    .map((line) => line.replace(/;$/, ""));
}

/**
 * Runs a shell script that builds a root with mmdebstrap, in a mount and process namespace of its own: an interrupted build
 * leaves neither a mount nor a process.
 *
 * @param words - first arguments of the script; mmdebstrap's own follow.
 * @param target - folder that becomes the root.
 */
export async function runBuild(
  script: string,
  words: readonly string[],
  recipe: RootRecipe,
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  const dump = await run("apt-config", ["dump"], { allowFailure: true, signal }).catch(() => undefined);
  const own = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const args = mmdebstrapArguments(recipe, target, usefulAptOptions(dump?.stdout ?? ""));
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };
  await run("unshare", [...own, "sh", "-euc", script, "build", ...words, ...args], { env, signal });
}

const BUILD = `
image=$1 mount_point=$2
shift 2
mount -o loop "$image" "$mount_point"
mkdir "$mount_point/root"
mmdebstrap "$@"
umount "$mount_point"
`;

/**
 * Finds the minimal root in the cache or builds it, once.
 *
 * @returns the path of an ext4 image whose `root` folder is the root.
 */
export async function ensureRootImage(progress: Progress, signal?: AbortSignal): Promise<string> {
  const recipe = await rootRecipe();
  const folder = join(cacheDirectory(), "images");
  const image = join(folder, rootImageName(recipe));
  if (
    await access(image).then(
      () => true,
      () => false,
    )
  )
    return image;
  const temporary = `${image}.tmp-${process.pid}`;
  const mountPoint = `${temporary}.mount`;
  await removeStale(folder);
  await mkdir(mountPoint, { recursive: true });
  try {
    await withElapsed(progress, `building a minimal ${recipe.codename} root (once)`, async () => {
      await createImage(temporary, 2, signal);
      await runBuild(BUILD, [temporary, mountPoint], recipe, join(mountPoint, "root"), signal);
    });
    await rename(temporary, image);
    return image;
  } finally {
    await rm(temporary, { force: true });
    await rm(mountPoint, { recursive: true, force: true });
  }
}
