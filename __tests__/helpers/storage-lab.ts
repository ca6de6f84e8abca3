import { join } from "node:path";
import { type Ran, eventually, nomad, on, operatorEnvironment, root, steppe } from "./lab";
import { BLOCK, DATA, EXPORT, NOBODY, SERVER, STORE, STORE_LAN, WORK } from "./storage-fleet";

const FLEET = join(root, "__tests__", "helpers", "storage-fleet.ts");
const TARGET = "iqn.2026-01.internal.lab:block";
const DEVICE = `/dev/disk/by-path/ip-${STORE_LAN}:3260-iscsi-${TARGET}-lun-1`;

/** Has a service start with the machine, after its data disk, as a storage appliance does. */
const serve = (unit: string) => `mkdir -p /etc/systemd/system/${unit}.service.d
printf '[Unit]\\nRequiresMountsFor=/srv/data\\n' >/etc/systemd/system/${unit}.service.d/lab.conf
systemctl daemon-reload
systemctl enable --quiet --now ${unit}`;

const EXPORT_DIRECTORY = `mkdir -p ${EXPORT}
chown ${NOBODY}:${NOBODY} ${EXPORT}
chmod 0750 ${EXPORT}
printf '[nfsd]\\ngrace-time=10\\nlease-time=10\\n' >/etc/nfs.conf.d/lab.conf
echo '/srv/data/export 100.64.0.0/10(rw,sync,no_subtree_check,no_root_squash,fsid=0)' >/etc/exports
${serve("nfs-server")}`;

/**
 * A disk that is written through: a target that acknowledges what it only has in memory loses it with its power, and the machine
 * that wrote it does not write it again.
 */
const EXPORT_DISK = `truncate -s 128M /srv/data/disk
cat >/etc/tgt/conf.d/lab.conf <<'END'
<target ${TARGET}>
  <backing-store /srv/data/disk>
    bsoflags sync
    write-cache off
  </backing-store>
</target>
END
${serve("tgt")}`;

/** Logs in for good, without a time after which writes fail, and keeps an ext4 on the disk. */
const ATTACH_DISK = `systemctl start iscsid
iscsiadm --mode discovery --type sendtargets --portal ${STORE_LAN} >/dev/null
iscsiadm --mode node --targetname ${TARGET} --op update --name node.session.timeo.replacement_timeout --value -1
iscsiadm --mode node --targetname ${TARGET} --login >/dev/null
udevadm settle
until test -b ${DEVICE}; do sleep 0.5; done
mkfs.ext4 -q ${DEVICE}
mkdir -p ${BLOCK}
mount ${DEVICE} ${BLOCK}`;

/** Prints mounts of volumes, and of NFS; what a kernel server mounts for itself is none. */
const MOUNTS = `awk '$3 ~ /^nfs4?$/ || $2 ~ /\\/(client\\/csi|task\\/data)\\// { print $2 }' /proc/mounts`;

export interface Allocation {
  readonly ID: string;
  readonly NodeName: string;
  readonly ClientStatus: string;
  readonly TaskStates: Readonly<Record<string, { readonly Restarts: number }>> | null;
}

interface Node {
  readonly ID: string;
  readonly Name: string;
  readonly Status: string;
  readonly SchedulingEligibility: string;
}

/** The fleet of storage-fleet.ts on its two machines, with its server and its initiator at work. */
export class StorageLab {
  /**
   * Boots the machines, sets their storage up and applies the whole fleet at once.
   *
   * @param withDisk - BLOCK is an ext4 on the disk that STORE serves; else a directory.
   */
  public static async up({ withDisk }: { readonly withDisk: boolean }): Promise<StorageLab> {
    const lab = new StorageLab();
    await steppe(["lab", "down"]);
    await succeed("lab", "up", "--fleet", FLEET, "--machine", STORE, WORK);
    lab.told("machines are up");
    await said(STORE, EXPORT_DIRECTORY);
    if (withDisk) {
      await said(STORE, EXPORT_DISK);
      await said(WORK, ATTACH_DISK);
    }
    lab.told("storage is set up");
    await lab.steppe("apply", "--yes");
    lab.told("fleet is applied");
    lab.env = operatorEnvironment(FLEET);
    return lab;
  }

  public static async down(): Promise<void> {
    await succeed("lab", "down");
  }

  private env: Readonly<Record<string, string>> = {};
  private readonly begun = performance.now();

  /** Prints how long something took. @param since - by performance.now(). @default - since the machines began to boot */
  public told(what: string, since = this.begun): void {
    process.stdout.write(`storage: ${what} after ${((performance.now() - since) / 1000).toFixed(1)} s\n`);
  }

  /** Runs a command about the fleet, which must end well. */
  public async steppe(...args: readonly string[]): Promise<{ readonly out: string; readonly err: string }> {
    return await succeed(...args, "--fleet", FLEET);
  }

  /** Runs a command about the fleet, however it ends. */
  public async attempt(...args: readonly string[]): Promise<Ran> {
    return await steppe([...args, "--fleet", FLEET]);
  }

  /** Asks Nomad. It would read a body from a pipe that nobody closes. */
  public async api<T>(path: string): Promise<T> {
    return JSON.parse((await nomad(this.env, `operator api ${path} </dev/null`, SERVER)).out || "null") as T;
  }

  public async drain(host: string, change: "-enable -deadline 60s" | "-disable"): Promise<void> {
    const how = change === "-disable" ? change : `${change} -detach -ignore-system`;
    endedWell(await nomad(this.env, `node drain ${how} -yes ${(await this.nodeOf(host))?.ID}`, SERVER));
  }

  public async nodeOf(host: string): Promise<Node | undefined> {
    return ((await this.api<readonly Node[] | null>("/v1/nodes")) ?? []).find(({ Name }) => Name === host);
  }

  public async ready(host: string): Promise<void> {
    await eventually(240, `${host} is ready`, async () => {
      const node = await this.nodeOf(host);
      return node?.Status === "ready" && node.SchedulingEligibility === "eligible";
    });
  }

  public async running(job: string): Promise<readonly Allocation[]> {
    const all = (await this.api<readonly Allocation[] | null>(`/v1/job/${job}/allocations`)) ?? [];
    return all.filter(({ ClientStatus }) => ClientStatus === "running");
  }

  /** The one allocation of a job that runs. */
  public async onlyOne(job: string): Promise<Allocation> {
    const [found, ...others] = await this.running(job);
    if (found === undefined || others.length > 0)
      throw new Error(`${job} has ${found === undefined ? "no allocation" : "several allocations"} that run`);
    return found;
  }

  /** The last line that a writer has fsynced everywhere. */
  public async acknowledged(job: string): Promise<number> {
    const { host, path } = await this.noteOf(job, "acknowledged");
    return Number(await said(host, `cat ${path}`));
  }

  /** Waits until a writer has come as far as a line. */
  public async writes(job: string, line: number, seconds = 240): Promise<void> {
    await this.comesTo(job, "acknowledged", line, seconds);
  }

  /** Waits until a reader has seen a line. */
  public async sees(job: string, line: number, seconds = 240): Promise<void> {
    await this.comesTo(job, "seen", line, seconds);
  }

  /** The directory of the dynamic host volume. */
  public async notes(): Promise<string> {
    const found = await this.api<readonly { readonly Name: string; readonly ID: string }[]>("/v1/volumes?type=host");
    return `${DATA}/nomad/host_volumes/${found.find(({ Name }) => Name === "notes")?.ID ?? "none"}`;
  }

  private async noteOf(job: string, file: "acknowledged" | "seen") {
    const { ID, NodeName } = await this.onlyOne(job);
    return { host: NodeName, path: `${DATA}/nomad/alloc/${ID}/alloc/${file}` };
  }

  /** Looks on the machine itself, which takes seconds to log in to. */
  private async comesTo(job: string, file: "acknowledged" | "seen", line: number, seconds: number): Promise<void> {
    await eventually(seconds, `${job} runs`, async () => (await this.running(job)).length === 1);
    const { host, path } = await this.noteOf(job, file);
    const look = `n=$(cut -d " " -f 1 ${path} 2>/dev/null || :); [ "\${n:-0}" -ge ${line} ]`;
    const { code } = await on(host, `timeout ${seconds} sh -c 'until ${look}; do sleep 1; done'`);
    if (code !== 0) throw new Error(`after ${seconds} s still not: ${job} has ${file} line ${line}`);
  }
}

function endedWell(ran: Ran): Ran {
  expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
  return ran;
}

const succeed = async (...args: readonly string[]) => endedWell(await steppe(args));

/** What a script prints that ends well. */
export async function said(host: string, script: string): Promise<string> {
  const { code, out, err } = await on(host, `set -eu\n${script}`);
  expect({ host, code, err: code === 0 ? "" : err }).toEqual({ host, code: 0, err: "" });
  return out.trim();
}

/** Mounts of volumes in a machine's own mount table, and of NFS. */
export async function mountsIn(host: string): Promise<readonly string[]> {
  return (await said(host, MOUNTS)).split("\n").filter(Boolean);
}

/** Lines of a writer in a directory. */
export async function linesIn(host: string, directory: string) {
  const lines = (await said(host, `cat ${directory}/log`)).split("\n").map((line) => line.split(" "));
  return lines.map(([number, node = ""]) => ({ number: Number(number), node }));
}

/** Lines up to the last one that are not there. */
export function missing(last: number, lines: readonly { readonly number: number }[]): readonly number[] {
  const there = new Set(lines.map(({ number }) => number));
  return Array.from({ length: last }, (_, index) => index + 1).filter((line) => !there.has(line));
}
