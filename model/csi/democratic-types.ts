/** Storage with ZFS that democratic-csi manages: TrueNAS, or any machine with ZFS. By the driver's own names. */
export type DemocraticCsiOptions = {
  /** Version of the driver's image. @default "v1.9.4" */
  readonly version?: string;
} & (
  | {
      /** TrueNAS SCALE through its API alone. */
      readonly driver: "freenas-api-iscsi";
      readonly httpConnection: TrueNasConnection;
      readonly zfs: ZvolOptions;
      readonly iscsi: TrueNasIscsi;
    }
  | {
      readonly driver: "freenas-api-nfs";
      readonly httpConnection: TrueNasConnection;
      readonly zfs: DatasetOptions;
      readonly nfs: TrueNasNfs;
    }
  | {
      /** TrueNAS through its API, and ZFS over SSH. */
      readonly driver: "freenas-iscsi";
      readonly httpConnection: TrueNasConnection;
      readonly sshConnection: SshConnection;
      readonly zfs: ZvolOptions;
      readonly iscsi: TrueNasIscsi;
    }
  | {
      readonly driver: "freenas-nfs";
      readonly httpConnection: TrueNasConnection;
      readonly sshConnection: SshConnection;
      readonly zfs: DatasetOptions;
      readonly nfs: TrueNasNfs;
    }
  | {
      /** A machine with ZFS and targetcli, over SSH. */
      readonly driver: "zfs-generic-iscsi";
      readonly sshConnection: SshConnection;
      readonly zfs: ZvolOptions;
      readonly iscsi: TargetCliIscsi;
    }
  | {
      /** A machine with ZFS that exports its data sets itself (`sharenfs`), over SSH. */
      readonly driver: "zfs-generic-nfs";
      readonly sshConnection: SshConnection;
      readonly zfs: DatasetOptions;
      readonly nfs: ShareNfs;
    }
);

/** TrueNAS' API (version 2). The key is item `api_key` of the Nomad variable. */
export interface TrueNasConnection {
  /** Address or host name. */
  readonly host: string;
  /** @default "https" */
  readonly protocol?: "https" | "http";
  /** @default 443; 80 with `http` */
  readonly port?: number;
  /** A certificate that nobody vouches for will do. @default false */
  readonly allowInsecure?: boolean;
}

/** SSH to the storage. The private key is item `ssh_private_key` of the Nomad variable. The driver does not check host keys. */
export interface SshConnection {
  /** Address or host name. */
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  /** @default "root" */
  readonly username?: string;
  /** Another user than root, who may use sudo without a password. @default false */
  readonly sudo?: boolean;
}

/** Where volumes and snapshots go. */
interface Datasets {
  /** Data set that volumes are made in. Shape: `tank/nomad/volumes`. */
  readonly datasetParentName: string;
  /** Data set of snapshots that outlive their volume; beside the other, neither inside of it. Shape: `tank/nomad/snapshots`. */
  readonly detachedSnapshotsDatasetParentName: string;
}

/** ZFS volumes, for iSCSI. */
export interface ZvolOptions extends Datasets {
  /** Shape: `lz4`. @default - as the parent */
  readonly zvolCompression?: string;
  /** @default - as the parent */
  readonly zvolDedup?: "on" | "off" | "verify";
  /** Keeps the whole size free. @default false */
  readonly zvolEnableReservation?: boolean;
  /** @default "16K" */
  readonly zvolBlocksize?: "512" | "1K" | "2K" | "4K" | "8K" | "16K" | "64K" | "128K";
}

/** ZFS data sets, for NFS. */
export interface DatasetOptions extends Datasets {
  /** A volume cannot grow beyond its size. @default true */
  readonly datasetEnableQuotas?: boolean;
  /** Keeps the whole size free. @default false */
  readonly datasetEnableReservation?: boolean;
  /** Octal mode of a volume's directory. @default - as ZFS makes it */
  readonly datasetPermissionsMode?: string;
  /** Owner, by number. @default - as ZFS makes it */
  readonly datasetPermissionsUser?: number;
  /** Group, by number. @default - as ZFS makes it */
  readonly datasetPermissionsGroup?: number;
}

interface Iscsi {
  /** Portal that machines log in to. Shape: `10.20.2.5:3260`; without a port 3260. */
  readonly targetPortal: string;
  /** Before each target's name, which is the volume's; must not be another fleet's. @default "" */
  readonly namePrefix?: string;
  /** Behind each target's name. @default "" */
  readonly nameSuffix?: string;
}

/** Targets and extents of TrueNAS. */
export interface TrueNasIscsi extends Iscsi {
  /** Who may log in where; ids as TrueNAS' API gives them. */
  readonly targetGroups: readonly TrueNasTargetGroup[];
  /** Initiators without support for it are fooled. @default true */
  readonly extentInsecureTpc?: boolean;
  /** @default false */
  readonly extentXenCompat?: boolean;
  /** @default true */
  readonly extentDisablePhysicalBlocksize?: boolean;
  /** Bytes. @default 512 */
  readonly extentBlocksize?: 512 | 1024 | 2048 | 4096;
  /** What machines take it for. @default "SSD" */
  readonly extentRpm?: "Unknown" | "SSD" | "5400" | "7200" | "10000" | "15000";
  /** Warning threshold, percent; 0 for none. @default 0 */
  readonly extentAvailThreshold?: number;
}

export interface TrueNasTargetGroup {
  /** Id of the portal. */
  readonly targetGroupPortalGroup: number;
  /** Id of the group of initiators. */
  readonly targetGroupInitiatorGroup: number;
  /** The machines' side of CHAP is in their `/etc/iscsi/iscsid.conf`. @default "None" */
  readonly targetGroupAuthType?: "None" | "CHAP" | "CHAP Mutual";
  /** Id of the authorized access; with CHAP only. */
  readonly targetGroupAuthGroup?: number;
}

/** Targets of Linux' own iSCSI server. */
export interface TargetCliIscsi extends Iscsi {
  /** Beginning of the targets' names. Shape: `iqn.2026-01.com.example.storage`. */
  readonly basename: string;
  /**
   * Machines must know a password: items `chap_user` and `chap_password` of the Nomad variable, with `mutual` also
   * `chap_mutual_user` and `chap_mutual_password`. The machines' side of it is in their `/etc/iscsi/iscsid.conf`.
   *
   * @default - none
   */
  readonly chap?: "one-way" | "mutual";
  /** Space that a file system frees is given back to ZFS. @default true */
  readonly unmap?: boolean;
}

interface Nfs {
  /** Address or host name that machines mount from. */
  readonly shareHost: string;
}

/** Shares of TrueNAS. */
export interface TrueNasNfs extends Nfs {
  /** Networks that may mount. Shape: `["10.20.0.0/16"]`. @default [] - with no hosts either, all */
  readonly shareAllowedNetworks?: readonly string[];
  /** @default [] */
  readonly shareAllowedHosts?: readonly string[];
  /** Whom a machine's root is. @default "root" */
  readonly shareMaprootUser?: string;
  /** @default "root" */
  readonly shareMaprootGroup?: string;
}

/** Shares of ZFS itself. */
export interface ShareNfs extends Nfs {
  /** Value of the property `sharenfs`. Shape: `rw=@10.20.0.0/16,no_root_squash`. @default "on" - whoever gets there */
  readonly sharenfs?: string;
}
