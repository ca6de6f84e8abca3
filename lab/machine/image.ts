import { access, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { withElapsed } from "../elapsed";
import { createDisk } from "../images";
import { cacheDirectory } from "../paths";
import { recipeHash, rootRecipe, runBuild, type RootRecipe } from "../rootfs";
import type { Progress } from "../run";
import { removeStale } from "../stale";

/** What a machine boots from. */
export interface MachineImage {
  /** Disk with the root file system, copied for every machine. */
  readonly root: string;
  readonly kernel: string;
  readonly initrd: string;
}

/** Size of a machine's root disk. Sparse: it takes what the machine writes. */
const ROOT_GIB = 8;

/** Packages that a machine has beside those of a container: a kernel, and what wants one of its own. */
const MACHINE_PACKAGES: readonly string[] = [
  "linux-image-cloud-amd64",
  "initramfs-tools",
  "zstd",
  "udev",
  "e2fsprogs",
  "nfs-kernel-server",
  "nfs-common",
  "open-iscsi",
  "tgt",
];

/** Services that their packages switch on. Whoever wants one starts it: all others boot faster. */
const SWITCHED_OFF = [
  "nfs-server.service",
  "nfs-client.target",
  "nfs-blkmap.service",
  "rpcbind.service",
  "rpcbind.socket",
  "open-iscsi.service",
  "iscsid.socket",
  "tgt.service",
];

/** An initial RAM disk of only what finds the root disk: a seventh of the usual size, which an emulated processor feels. */
const PREPARE = `mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/etc/initramfs-tools/hooks"
printf 'MODULES=list\\nCOMPRESS=zstd\\n' >"$1/etc/initramfs-tools/conf.d/steppe-lab"
cat >"$1/etc/initramfs-tools/hooks/steppe-lab" <<'HOOK'
#!/bin/sh
[ "$1" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules virtio_pci virtio_blk ext4
HOOK
chmod 0755 "$1/etc/initramfs-tools/hooks/steppe-lab"`;

const CUSTOMIZE = `printf 'LABEL=root / ext4 defaults,noatime 0 1\\nLABEL=data /srv/data ext4 defaults,noatime 0 2\\n' >"$1/etc/fstab"
systemctl --root="$1" enable systemd-networkd.service
systemctl --root="$1" disable ${SWITCHED_OFF.join(" ")}
ln -sf /dev/null "$1/etc/systemd/system/serial-getty@ttyS0.service"`;

/** The recipe of a machine's root: that of the containers, and what a kernel of its own needs and offers. */
export function machineRecipe(containers: RootRecipe): RootRecipe {
  return {
    ...containers,
    packages: [...containers.packages, ...MACHINE_PACKAGES],
    prepare: PREPARE,
    customize: `${containers.customize}\n${CUSTOMIZE}`,
  };
}

/** Kernel and initial RAM disk are QEMU's to load, so they leave the root. */
const BUILD = `
folder=$1
shift
mmdebstrap "$@"
mv "$folder"/root/boot/vmlinuz-* "$folder/vmlinuz"
mv "$folder"/root/boot/initrd.img-* "$folder/initrd"
`;

async function machineFolder(): Promise<{ readonly recipe: RootRecipe; readonly folder: string }> {
  const recipe = machineRecipe(await rootRecipe());
  const folder = join(cacheDirectory(), "images", `machine-${recipe.codename}-${recipeHash(recipe)}`);
  return { recipe, folder };
}

function imageIn(folder: string): MachineImage {
  return { root: join(folder, "root.ext4"), kernel: join(folder, "vmlinuz"), initrd: join(folder, "initrd") };
}

/** @returns the machines' image if it is in the cache. */
export async function cachedMachineImage(): Promise<MachineImage | undefined> {
  const { folder } = await machineFolder();
  return await access(folder).then(
    () => imageIn(folder),
    () => undefined,
  );
}

/** Finds the machines' image in the cache or builds it, once. */
export async function ensureMachineImage(progress: Progress, signal?: AbortSignal): Promise<MachineImage> {
  const cached = await cachedMachineImage();
  if (cached !== undefined) return cached;
  const { recipe, folder } = await machineFolder();
  const temporary = `${folder}.tmp-${process.pid}`;
  await mkdir(join(folder, ".."), { recursive: true });
  await removeStale(join(folder, ".."));
  try {
    await mkdir(temporary, { mode: 0o700 });
    await withElapsed(progress, `building a ${recipe.codename} machine with a kernel (once)`, async () => {
      const root = join(temporary, "root");
      await runBuild(BUILD, [temporary], recipe, root, signal);
      await createDisk(imageIn(temporary).root, { sizeGiB: ROOT_GIB, label: "root", from: root }, signal);
      await rm(root, { recursive: true });
    });
    await rename(temporary, folder);
    return imageIn(folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
