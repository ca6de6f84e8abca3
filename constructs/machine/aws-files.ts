import { AWS_DRAIN_HOOK, awsGroupName, awsSecretName } from "../../model/aws-names";
import type { AwsSite } from "../../model/aws-types";
import type { MachineIdentity } from "../../model/identities";
import type { Fleet } from "../../model/types";
import { type BundleFile, script } from "./bundle-file";
import { paths } from "./paths";
import { aws } from "./shell/aws";
import { awsSecrets } from "./shell/aws-secrets";

/** What a machine needs to get its secrets from AWS. */
export const awsSecretFiles: readonly BundleFile[] = [script("aws", aws), script("fetch-secrets", awsSecrets)];

/** The watch of a pool's machine, with the scaling group that it talks to. */
export function awsNoticesCommand(fleet: Fleet, { awsRegion }: AwsSite, pool: string): string {
  return `${paths.library}/notices ${awsRegion} ${awsGroupName(fleet.name, pool)} ${AWS_DRAIN_HOOK}`;
}

/**
 * Fetches a machine's secrets, once: later runs of the bundle bring them along or leave what is there. An operator's shell
 * could not fetch them, since it is shut out from the metadata service as tasks are.
 */
export function fetchAwsSecrets(fleet: string, { awsRegion }: AwsSite, identity: MachineIdentity): string {
  return `if [ ! -s ${paths.incoming}/secrets ] && [ ! -s ${paths.tls}/key.pem ]; then
  ${paths.library}/fetch-secrets ${awsRegion} ${awsSecretName(fleet, identity)}
fi
`;
}
