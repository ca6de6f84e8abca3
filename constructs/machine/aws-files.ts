import { AWS_DRAIN_HOOK, awsGroupName, awsSecretName } from "../../model/aws-names";
import type { AwsSite } from "../../model/aws-types";
import type { MachineIdentity } from "../../model/identities";
import type { Fleet } from "../../model/types";
import { type BundleFile, file, script } from "./bundle-file";
import { paths } from "./paths";
import { aws } from "./shell/aws";
import { awsNotices } from "./shell/aws-notices";
import { awsSecrets } from "./shell/aws-secrets";
import { metadataLock, SYSTEM_SLICE } from "./shell/metadata-lock";
import { metadataLockUnit, noticesUnit, type Surroundings } from "./units";

const LOCK = "steppe-metadata-lock.service";

/** How units of a pool's machine on AWS run: told apart from tasks, and locked unless the pool lets tasks ask. */
export function awsSurroundings(fleet: Fleet, pool: string): Surroundings {
  return locked(fleet, pool) ? { slice: SYSTEM_SLICE, lock: LOCK } : { slice: SYSTEM_SLICE };
}

/** What a machine needs to get its secrets from AWS. */
export const awsSecretFiles: readonly BundleFile[] = [script("aws", aws), script("fetch-secrets", awsSecrets)];

/** What a pool's machine on AWS has beside what machines elsewhere have. */
export function awsPoolFiles(fleet: Fleet, site: AwsSite, pool: string): readonly BundleFile[] {
  const around = awsSurroundings(fleet, pool);
  const notices = { awsRegion: site.awsRegion, group: awsGroupName(fleet.name, pool), hook: AWS_DRAIN_HOOK };
  return [
    ...awsSecretFiles,
    { ...script("notices", awsNotices), concern: "notices" },
    file(`${paths.units}/steppe-notices.service`, noticesUnit(notices, around), "notices"),
    ...(locked(fleet, pool)
      ? [
          { ...script("metadata-lock", metadataLock), concern: "lock" as const },
          file(`${paths.units}/${LOCK}`, metadataLockUnit(around), "lock"),
        ]
      : []),
  ];
}

/** Brings what the scripts for AWS need, after the step that installs from the vendors' repositories. */
export const needAwsTools = `need curl curl
need nft nftables
`;

/**
 * Fetches a machine's secrets, once: later runs of the bundle bring them along or leave what is there. An operator's shell
 * could not fetch them, since it is shut out from the metadata service as tasks are.
 */
export function fetchSecrets(fleet: string, { awsRegion }: AwsSite, identity: MachineIdentity): string {
  return `if [ ! -s ${paths.incoming}/secrets ] && [ ! -s ${paths.tls}/key.pem ]; then
  ${paths.library}/fetch-secrets ${awsRegion} ${awsSecretName(fleet, identity)}
fi
`;
}

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

function locked(fleet: Fleet, pool: string): boolean {
  return fleet.pools[pool]?.taskMetadataAccess === undefined;
}
