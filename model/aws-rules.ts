import type { Problem } from "../constructs/core/problems";
import { imageIdProblems, isAwsId, subnetIdProblems } from "./aws-ids";
import { awsMachineProblems } from "./aws-machine-rules";
import type { AwsSite } from "./aws-types";
import { awsZoneProblems } from "./aws-zone-rules";
import { loginProblems, publicKeyProblems, sshPortProblems } from "./cloud-ssh-rules";
import type { Fleet } from "./types";

/** Days that CloudWatch Logs can keep. @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Problems with a fleet's AWS sites and what is to be made there. */
export function awsProblems(fleet: Fleet): Problem[] {
  return [
    ...Object.entries(fleet.sites).flatMap(([name, site]) =>
      site.platform === "aws"
        ? [...siteProblems(`sites.${name}`, site), ...sshPortProblems(`sites.${name}.ssh.port`, site.ssh.port, fleet)]
        : [],
    ),
    ...awsMachineProblems(fleet),
  ];
}

function siteProblems(path: string, site: AwsSite): Problem[] {
  const problems: Problem[] = [];
  if (!/^[a-z]{2,4}(-[a-z]+)+-\d$/.test(site.awsRegion))
    problems.push({
      path: `${path}.awsRegion`,
      rule: "must be an AWS region",
      got: site.awsRegion,
      fix: "write it like eu-central-1",
    });
  else if (/^(cn|[a-z]{2}-iso[a-z]?)-/.test(site.awsRegion))
    problems.push({
      path: `${path}.awsRegion`,
      rule: "must be a region whose services end in amazonaws.com: machines look for theirs there",
      got: site.awsRegion,
      fix: "choose another region",
    });
  return [
    ...problems,
    ...awsZoneProblems(path, site),
    ...existingVpcProblems(path, site),
    ...imageProblems(path, site),
    ...loginProblems(`${path}.ssh.user`, site.ssh.user),
    ...publicKeyProblems(`${path}.ssh.authorizedKeys`, site.ssh.authorizedKeys),
    ...tagProblems(`${path}.tags`, site.tags ?? {}),
    ...retentionProblems(`${path}.flowLogs.retentionDays`, site.flowLogs?.retentionDays),
  ];
}

function existingVpcProblems(path: string, { vpcId, zones, egress, vpcEndpoints }: AwsSite): Problem[] {
  const problems: Problem[] = [];
  if (vpcId === undefined) {
    if (egress?.kind === "existing")
      problems.push({
        path: `${path}.egress.kind`,
        rule: "needs a VPC that has routes already",
        got: egress.kind,
        fix: "give vpcId, or leave egress out",
      });
  } else {
    if (!isAwsId("vpc", vpcId))
      problems.push({
        path: `${path}.vpcId`,
        rule: "must be the id of a VPC",
        got: vpcId,
        fix: "write it like vpc-0123456789abcdef0",
      });
    if (egress?.kind === "nat-gateway")
      problems.push({
        path: `${path}.egress.kind`,
        rule: "would change the routes of an existing VPC",
        got: egress.kind,
        fix: 'use { kind: "existing" }, and make the gateway where the VPC is made',
      });
    if (vpcEndpoints === true)
      problems.push({
        path: `${path}.vpcEndpoints`,
        rule: "would change the routes and names of an existing VPC",
        got: true,
        fix: "make the endpoints where the VPC is made",
      });
  }
  for (const [zone, { subnetId }] of Object.entries(zones)) {
    const at = `${path}.zones.${zone}.subnetId`;
    if (vpcId === undefined && subnetId !== undefined)
      problems.push({ path: at, rule: "is for an existing VPC", got: subnetId, fix: "give vpcId, or leave it out" });
    if (vpcId !== undefined && subnetId === undefined)
      problems.push({
        path: at,
        rule: "must name the zone's subnet, since vpcId names an existing VPC",
        fix: "add the id of the subnet with this cidr",
      });
    if (subnetId !== undefined) problems.push(...subnetIdProblems(at, subnetId));
  }
  return problems;
}

function imageProblems(path: string, { images, rootDevice }: AwsSite): Problem[] {
  const problems = Object.entries(images).flatMap(([architecture, image]) =>
    imageIdProblems(`${path}.images.${architecture}`, image),
  );
  if (rootDevice !== undefined && !/^\/dev\/[a-z0-9]+$/.test(rootDevice))
    problems.push({
      path: `${path}.rootDevice`,
      rule: "must be the name of a disk",
      got: rootDevice,
      fix: "copy RootDeviceName of the image",
    });
  return problems;
}

function tagProblems(path: string, tags: Readonly<Record<string, string>>): Problem[] {
  return Object.entries(tags).flatMap(([key, value]) => {
    const at = `${path}.${key}`;
    const problems: Problem[] = [];
    if (key === "Name" || key.startsWith("steppe:") || key.toLowerCase().startsWith("aws:"))
      problems.push({ path: at, rule: "is a tag that Steppe or AWS sets", got: value, fix: "choose another key" });
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key) || !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value))
      problems.push({
        path: at,
        rule: "must be letters, digits, spaces and _.:/=+-@, a key of at most 128, a value of at most 256",
        got: value,
      });
    return problems;
  });
}

function retentionProblems(path: string, days: number | undefined): Problem[] {
  if (days === undefined || RETENTION_DAYS.includes(days)) return [];
  return [{ path, rule: `must be one of ${RETENTION_DAYS.join(", ")}`, got: days }];
}
