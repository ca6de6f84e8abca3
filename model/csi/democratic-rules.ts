import type { Problem } from "../../constructs/core/problems";
import type { DatasetOptions, DemocraticCsiOptions, TrueNasTargetGroup, ZvolOptions } from "./democratic-types";

const HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const DATASET = /^[A-Za-z0-9][A-Za-z0-9_.:-]*(\/[A-Za-z0-9_.:-]+)+$/;
/** What names of targets may hold, as part of an IQN. */
const AFFIX = /^[a-z0-9.:-]*$/;

/** Host and port of an iSCSI portal. */
export function portalOf(portal: string): { readonly host: string; readonly port: number } {
  const [host = "", port = "3260"] = portal.split(":");
  return { host, port: Number(port) };
}

/** Problems with the options of democratic-csi; paths as the options have them. */
export function democraticProblems(options: DemocraticCsiOptions): Problem[] {
  const hosts = {
    ...("httpConnection" in options ? { httpConnection: options.httpConnection } : {}),
    ...("sshConnection" in options ? { sshConnection: options.sshConnection } : {}),
  };
  return [
    ...Object.entries(hosts).flatMap(([name, { host, port }]) => [
      ...hostProblems(`${name}.host`, host),
      ...(port === undefined ? [] : portProblems(`${name}.port`, port)),
    ]),
    ...datasetProblems(options),
    ...shareProblems(options),
  ];
}

function hostProblems(path: string, host: string): Problem[] {
  if (HOST.test(host)) return [];
  return [{ path, rule: "must be an address or a host name", got: host, fix: "leave out protocol, port and path" }];
}

function portProblems(path: string, port: number): Problem[] {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return [];
  return [{ path, rule: "must be a whole number from 1 to 65535", got: port }];
}

function datasetProblems({ zfs }: DemocraticCsiOptions): Problem[] {
  const { datasetParentName: volumes, detachedSnapshotsDatasetParentName: snapshots } = zfs;
  const problems: Problem[] = Object.entries({
    datasetParentName: volumes,
    detachedSnapshotsDatasetParentName: snapshots,
  }).flatMap(([name, value]) =>
    DATASET.test(value)
      ? []
      : [
          {
            path: `zfs.${name}`,
            rule: "must be a data set below a pool",
            got: value,
            fix: "write it like tank/nomad/volumes",
          },
        ],
  );
  if (`${volumes}/`.startsWith(`${snapshots}/`) || `${snapshots}/`.startsWith(`${volumes}/`))
    problems.push({
      path: "zfs.detachedSnapshotsDatasetParentName",
      rule: `must not be ${volumes}, nor in it, nor hold it: the driver would take snapshots for volumes`,
      got: snapshots,
      fix: "name a data set beside it",
    });
  if ("datasetPermissionsMode" in zfs) problems.push(...modeProblems(zfs.datasetPermissionsMode));
  return [...problems, ...ownerProblems(zfs)];
}

function ownerProblems(zfs: DatasetOptions | ZvolOptions): Problem[] {
  const { datasetPermissionsUser, datasetPermissionsGroup }: Partial<DatasetOptions> = zfs;
  return Object.entries({ datasetPermissionsUser, datasetPermissionsGroup }).flatMap(([name, value]) =>
    value === undefined || (Number.isInteger(value) && value >= 0)
      ? []
      : [{ path: `zfs.${name}`, rule: "must be a whole number of at least 0", got: value }],
  );
}

function modeProblems(mode: string | undefined): Problem[] {
  if (mode === undefined || /^0[0-7]{3}$/.test(mode)) return [];
  const path = "zfs.datasetPermissionsMode";
  return [{ path, rule: "must be an octal mode of four digits", got: mode, fix: 'write it like "0770"' }];
}

function shareProblems(options: DemocraticCsiOptions): Problem[] {
  if (!("iscsi" in options)) return hostProblems("nfs.shareHost", options.nfs.shareHost);
  const { iscsi } = options;
  const { host, port } = portalOf(iscsi.targetPortal);
  const problems: Problem[] = [];
  if (!HOST.test(host) || portProblems("", port).length > 0 || iscsi.targetPortal.split(":").length > 2)
    problems.push({
      path: "iscsi.targetPortal",
      rule: "must be an address or a host name, and a port",
      got: iscsi.targetPortal,
      fix: "write it like 10.20.2.5:3260",
    });
  for (const name of ["namePrefix", "nameSuffix"] as const)
    if (!AFFIX.test(iscsi[name] ?? ""))
      problems.push({
        path: `iscsi.${name}`,
        rule: "must be small letters, digits, dots, colons and dashes: it is part of a target's name",
        got: iscsi[name],
      });
  if ("basename" in iscsi && !/^iqn\.\d{4}-\d{2}\.[a-z0-9.-]+(:[a-z0-9.:-]+)?$/.test(iscsi.basename))
    problems.push({
      path: "iscsi.basename",
      rule: "must be the beginning of an iSCSI name",
      got: iscsi.basename,
      fix: "write it like iqn.2026-01.com.example.storage",
    });
  if ("targetGroups" in iscsi) problems.push(...targetGroupProblems(iscsi.targetGroups));
  return problems;
}

function targetGroupProblems(groups: readonly TrueNasTargetGroup[]): Problem[] {
  if (groups.length === 0)
    return [{ path: "iscsi.targetGroups", rule: "must name a portal and initiators: nobody could log in", got: [] }];
  return groups.flatMap(({ targetGroupAuthType: type = "None", targetGroupAuthGroup: group }, index) =>
    (type === "None") === (group === undefined)
      ? []
      : [
          {
            path: `iscsi.targetGroups[${index}].targetGroupAuthGroup`,
            rule: type === "None" ? "is for CHAP only" : `is needed with ${type}`,
            got: group,
            fix: type === "None" ? "leave it out, or name CHAP" : "give the id of the authorized access",
          },
        ],
  );
}
