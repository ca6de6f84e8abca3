/** Stand-in for EC2 Auto Scaling's actions on a lifecycle hook. It checks signatures as AWS does. */
import { ROLE } from "./aws-metadata";
import { checkSignature } from "./aws-signature";
import { type Listening, listen, type Serve } from "./http";

export interface AwsAutoScaling extends Listening {
  /** Calls with a right signature, by parameter. */
  readonly calls: Record<string, string>[];
  /** The role may not call it. */
  forbidden: boolean;
}

/** Starts the stand-in for a region. */
export async function awsAutoScaling(region: string, serve: Serve = listen): Promise<AwsAutoScaling> {
  const calls: Record<string, string>[] = [];
  const server = await serve((incoming, body, response) => {
    const signature = checkSignature(incoming, body, ROLE.secretAccessKey);
    const right = typeof signature !== "string" && signature.region === region && signature.service === "autoscaling";
    if (!right) return response.writeHead(403).end("<Code>SignatureDoesNotMatch</Code>");
    calls.push(Object.fromEntries(new URLSearchParams(body)));
    return standIn.forbidden
      ? response.writeHead(403).end("<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>")
      : response.end(`<${calls.at(-1)?.["Action"]}Response/>`);
  });
  const standIn: AwsAutoScaling = { ...server, calls, forbidden: false };
  return standIn;
}
