/** What a policy allows, and on what. */
export interface Allowed {
  /** Shape: `secretsmanager:GetSecretValue`. */
  readonly actions: readonly string[];
  /** ARNs. */
  readonly resources: readonly string[];
}

/** What a policy allows where a condition holds. */
export interface AllowedIf extends Allowed {
  /** Shape: `{ StringEquals: { "aws:ResourceTag/steppe:fleet": "example" } }`. @default - always */
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy document that allows what is listed and nothing else. */
export function allow(...statements: readonly AllowedIf[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ actions, resources, condition }) => ({
      Effect: "Allow",
      Action: actions,
      Resource: resources,
      ...(condition === undefined ? {} : { Condition: condition }),
    })),
  });
}

/** A trust policy: one service of AWS may take the role. Shape of a service: `ec2.amazonaws.com`. */
export function assumedBy(service: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
  });
}

/** What everybody is denied but a few. */
export interface Denied extends Allowed {
  /** Letters and digits: shown where somebody is refused. */
  readonly sid: string;
  /** ARNs of the roles and users who are not: none for nobody. `tls`: whoever comes over TLS. */
  readonly unless: readonly string[] | "tls";
}

/** A resource's policy that takes away what others may have been given. A role's ARN stands for all its sessions. */
export function denyOthers(...statements: readonly Denied[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ sid, actions, resources, unless }) => ({
      Sid: sid,
      Effect: "Deny",
      Principal: "*",
      Action: actions,
      Resource: resources,
      ...(unless === "tls"
        ? { Condition: { Bool: { "aws:SecureTransport": "false" } } }
        : unless.length > 0
          ? { Condition: { ArnNotEquals: { "aws:PrincipalArn": unless } } }
          : {}),
    })),
  });
}

/** Part of AWS that a region belongs to, as ARNs name it. @see https://docs.aws.amazon.com/general/latest/gr/rande.html */
export function partitionOf(awsRegion: string): string {
  if (awsRegion.startsWith("cn-")) return "aws-cn";
  return awsRegion.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
