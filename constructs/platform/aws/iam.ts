/** What a policy allows, and on what. */
export interface Allowed {
  /** Shape: `secretsmanager:GetSecretValue`. */
  readonly actions: readonly string[];
  /** ARNs. */
  readonly resources: readonly string[];
}

/** A policy document that allows what is listed and nothing else. */
export function allow(...statements: readonly Allowed[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ actions, resources }) => ({ Effect: "Allow", Action: actions, Resource: resources })),
  });
}

/** A trust policy: one service of AWS may take the role. Shape of a service: `ec2.amazonaws.com`. */
export function assumedBy(service: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
  });
}
