/** Stand-in for AWS Secrets Manager's `GetSecretValue`. It checks signatures as AWS does. */
import { ROLE } from "./aws-metadata";
import { checkSignature } from "./aws-signature";
import { type Listening, listen, type Serve } from "./http";

/** How an answer is spoilt; used up in order, before what is right is answered. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
}

export interface AwsSecretsManager extends Listening {
  readonly secrets: Map<string, string>;
  /** What is answered first, one request each. Tests push. */
  readonly refusals: Refusal[];
  /** Outcome of each request: `eu-central-1 <secret id> 200`, or why it was refused. */
  readonly asked: string[];
  /** Answers nothing. */
  silent: boolean;
}

const TARGET = "secretsmanager.GetSecretValue";

/** Starts the stand-in for a region. */
export async function awsSecretsManager(region: string, serve: Serve = listen): Promise<AwsSecretsManager> {
  const secrets = new Map<string, string>();
  const refusals: Refusal[] = [];
  const asked: string[] = [];
  const server = await serve((incoming, body, response) => {
    const answer = (status: number, text: string, note: string) => {
      asked.push(`${note} ${status}`);
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(text);
    };
    if (standIn.silent) return void asked.push("-");
    const refusal = refusals.shift();
    if (refusal !== undefined) return answer(refusal.status, refusal.body, "refused");
    const signature = checkSignature(incoming, body, ROLE.secretAccessKey);
    const wrong =
      typeof signature === "string"
        ? signature
        : signature.region !== region || signature.service !== "secretsmanager"
          ? `signed for ${signature.service} in ${signature.region}`
          : signature.accessKeyId !== ROLE.accessKeyId || incoming.headers["x-amz-security-token"] !== ROLE.token
            ? "another key or session"
            : undefined;
    if (wrong !== undefined)
      return answer(400, JSON.stringify({ __type: "InvalidSignatureException", message: wrong }), wrong);
    if (incoming.headers["x-amz-target"] !== TARGET)
      return answer(400, JSON.stringify({ __type: "UnknownOperationException" }), "unknown");
    const { SecretId } = JSON.parse(body) as { SecretId: string };
    const value = secrets.get(SecretId);
    const note = `${region} ${SecretId}`;
    if (value === undefined)
      return answer(400, JSON.stringify({ __type: "ResourceNotFoundException", Message: "can't find" }), note);
    return answer(200, JSON.stringify({ ARN: "arn:aws:x", Name: SecretId, SecretString: value }), note);
  });
  const standIn: AwsSecretsManager = { ...server, secrets, refusals, asked, silent: false };
  return standIn;
}
