/**
 * Settings of the metadata service. Tokens are required (IMDSv2), so that a request forged through a service on the machine gets
 * nothing; an answer that may take one hop only does not reach a container behind a bridge.
 *
 * @param taskAccess - tasks may ask too: their answer takes a second hop.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
export function metadataOptions(taskAccess: boolean) {
  return {
    httpEndpoint: "enabled",
    httpTokens: "required",
    httpPutResponseHopLimit: taskAccess ? 2 : 1,
    instanceMetadataTags: "disabled",
  } as const;
}
