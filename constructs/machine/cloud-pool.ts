import { clientIdentity } from "../../model/identities";
import { siteOf } from "../../model/names";
import type { Fleet, Pool } from "../../model/types";
import { driversOf } from "./agent-config";
import { awsNoticesCommand, awsSecretFiles, fetchAwsSecrets } from "./aws-files";
import { type BundleFile, file, script } from "./bundle-file";
import { fetchGcpSecrets, gcpGuestFiles, gcpSecretFiles, reloadGuestAgent } from "./gcp-files";
import { paths } from "./paths";
import { awsNotices } from "./shell/aws-notices";
import { gcpNotices } from "./shell/gcp-notices";
import { AWS_METADATA, GCP_METADATA, metadataLock, SYSTEM_SLICE } from "./shell/metadata-lock";
import { metadataLockUnit, noticesUnit, type Surroundings } from "./units";

const LOCK = "steppe-metadata-lock.service";

/** What a pool's machine in a cloud has beside what machines elsewhere have. */
export interface CloudPool {
  /** How its units run: told apart from tasks, and locked unless the pool lets tasks ask. */
  readonly around: Surroundings;
  readonly files: readonly BundleFile[];
  /** Step that gets the machine's secrets. */
  readonly fetchSecrets: string;
  /** Further step before the lock. */
  readonly beforeLock: readonly string[];
}

/** Of an on-prem pool nothing. */
export function cloudPool(fleet: Fleet, poolName: string): CloudPool | undefined {
  const pool = fleet.pools[poolName];
  if (pool === undefined) throw new RangeError(`no pool ${poolName} in fleet ${fleet.name}`);
  const site = siteOf(fleet, pool.site);
  const identity = clientIdentity(fleet, poolName);
  const locked = pool.taskMetadataAccess === undefined;
  const around: Surroundings = { slice: SYSTEM_SLICE, ...(locked ? { lock: LOCK } : {}) };
  switch (site.platform) {
    case "onprem":
      return undefined;
    case "aws":
      return {
        around,
        files: [
          ...awsSecretFiles,
          { ...script("notices", awsNotices), concern: "notices" },
          noticesFile({ cloud: "AWS", command: awsNoticesCommand(fleet, site, poolName) }, around),
          ...(locked ? lockFiles(metadataLock(AWS_METADATA), around) : []),
        ],
        fetchSecrets: fetchAwsSecrets(fleet.name, site, identity),
        beforeLock: [],
      };
    case "gcp": {
      const outlasting = { ...around, ...outlastedBy(pool) };
      return {
        around: outlasting,
        files: [
          ...gcpSecretFiles,
          { ...script("notices", gcpNotices), concern: "notices" },
          noticesFile({ cloud: "Google Cloud", command: `${paths.library}/notices` }, around),
          ...(locked ? [...gcpGuestFiles, ...lockFiles(metadataLock(GCP_METADATA), around)] : []),
        ],
        fetchSecrets: fetchGcpSecrets(fleet.name, site, identity),
        beforeLock: locked ? [reloadGuestAgent] : [],
      };
    }
  }
}

/**
 * Preemption begins with the end of all services. Docker stays until Nomad has drained, or tasks would end at once; its
 * containers' scopes stay with it.
 */
function outlastedBy(pool: Pool): Pick<Surroundings, "after"> {
  return driversOf(pool).includes("docker") ? { after: "docker.service" } : {};
}

function noticesFile(notices: { readonly cloud: string; readonly command: string }, around: Surroundings): BundleFile {
  return file(`${paths.units}/steppe-notices.service`, noticesUnit(notices, around), "notices");
}

function lockFiles(lock: string, around: Surroundings): readonly BundleFile[] {
  return [
    { ...script("metadata-lock", lock), concern: "lock" },
    file(`${paths.units}/${LOCK}`, metadataLockUnit(around), "lock"),
  ];
}

/** Brings what the scripts for clouds need, after the step that installs from the vendors' repositories. */
export const needCloudTools = `need curl curl
need nft nftables
`;

/** Before Nomad: tasks never run without the lock. Restarting it restarts Nomad. */
export const activateMetadataLock = `if [ -e ${paths.units}/${LOCK} ]; then
  systemctl enable --quiet ${LOCK}
  if [ -e "$changed/lock" ] || ! systemctl is-active --quiet ${LOCK}; then
    systemctl restart ${LOCK} || {
      journalctl -u ${LOCK} -n 3 --no-pager -o cat >&2
      exit 1
    }
  fi
fi
`;

/** After Nomad: there is nothing to drain before. */
export const activateNotices = `systemctl enable --quiet steppe-notices.service
if [ -e "$changed/notices" ]; then
  systemctl restart steppe-notices.service
else
  systemctl start steppe-notices.service
fi
`;
