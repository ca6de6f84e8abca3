/**
 * Stand-in for the metadata service of an AWS machine, version 2 alone: nothing is told without a token, and a token is given
 * to PUT alone.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
import { type Listening, listen, type Serve } from "./http";

/** Credentials of a role, as the metadata service gives them. */
export const ROLE = {
  name: "steppe-test-role",
  accessKeyId: "ASIATESTKEYID0000001",
  secretAccessKey: "wJalr/XUtnFEMI+K7MDENG/bPxRfiCYEXAMPLE01",
  token: "IQoJb3JpZ2luX2VjEXAMPLE+token/with==",
};

/** What it answers beside the truth. A slow one tells the truth after longer than anybody waits. */
export type Mood = "well" | "silent" | "slow" | "cut off" | "malformed" | "no token" | "failing";

export interface AwsMetadata extends Listening {
  /** Values by path below `/latest/`; what is not there is 404. Tests change them. */
  readonly values: Map<string, string | Buffer>;
  /** Requests, `PUT api/token 200`. */
  readonly asked: string[];
  mood: Mood;
}

const SLOW_MILLISECONDS = 8000;

/** Starts the stand-in of one instance, with the credentials of one role. */
export async function awsMetadata(instanceId = "i-0123456789abcdef0", serve: Serve = listen): Promise<AwsMetadata> {
  const roles = "meta-data/iam/security-credentials/";
  const values = new Map<string, string | Buffer>([
    [roles, ROLE.name],
    [
      `${roles}${ROLE.name}`,
      JSON.stringify(
        {
          Code: "Success",
          Type: "AWS-HMAC",
          AccessKeyId: ROLE.accessKeyId,
          SecretAccessKey: ROLE.secretAccessKey,
          Token: ROLE.token,
        },
        null,
        2,
      ),
    ],
    ["meta-data/instance-id", instanceId],
  ]);
  const asked: string[] = [];
  const token = "AQAEAStandInToken==";
  const server = await serve((incoming, _body, response) => {
    const path = (incoming.url ?? "").replace("/latest/", "");
    const answer = (status: number, text: string | Buffer = "") => {
      asked.push(`${incoming.method} ${path} ${status}`);
      const end = () => response.writeHead(status, { "content-type": "text/plain" }).end(text);
      if (standIn.mood === "slow") setTimeout(end, SLOW_MILLISECONDS).unref();
      else end();
    };
    if (standIn.mood === "silent") return void asked.push(`${incoming.method} ${path} -`);
    if (standIn.mood === "failing") return answer(503, "busy");
    if (path === "api/token") {
      const ttl = Number(incoming.headers["x-aws-ec2-metadata-token-ttl-seconds"]);
      if (standIn.mood === "no token") return answer(403);
      if (incoming.method !== "PUT" || !(ttl >= 1 && ttl <= 21_600)) return answer(400);
      response.setHeader("x-aws-ec2-metadata-token-ttl-seconds", ttl);
      return answer(200, token);
    }
    if (incoming.headers["x-aws-ec2-metadata-token"] !== token) return answer(401);
    if (standIn.mood === "malformed") return answer(200, '<html>"action": 17 \u0000 Terminate\n$(reboot)\n');
    const value = values.get(path);
    if (standIn.mood === "cut off") {
      asked.push(`${incoming.method} ${path} cut`);
      response.writeHead(200, { "content-length": "1000" }).write(value ?? "");
      return void setTimeout(() => response.destroy(), 20);
    }
    return value === undefined ? answer(404, "<?xml ...>404 - Not Found") : answer(200, value);
  });
  const standIn: AwsMetadata = { ...server, values, asked, mood: "well" };
  return standIn;
}
