import { execFileSync } from "node:child_process";
import type { Moto } from "./moto";

/** An access key of moto's IAM. */
export interface AccessKey {
  readonly access_key_id: string;
  readonly secret_access_key: string;
}

/** What a batch job needs of its bucket, and no more. */
const POLICY = (bucket: string) => ({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: ["s3:ListBucket"], Resource: `arn:aws:s3:::${bucket}` },
    {
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      Resource: `arn:aws:s3:::${bucket}/*`,
    },
  ],
});

/** Makes a bucket and a user that may do what a batch job does; from then on moto refuses what is not signed by a key that may. */
const PROGRAM = `
import boto3, json, sys, urllib.request
url, bucket, policy = sys.argv[1:]
anyone = dict(endpoint_url=url, region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any")
boto3.client("s3", **anyone).create_bucket(Bucket=bucket)
iam = boto3.client("iam", **anyone)
iam.create_user(UserName="batch")
key = iam.create_access_key(UserName="batch")["AccessKey"]
iam.put_user_policy(UserName="batch", PolicyName="batch", PolicyDocument=policy)
plain = {"Content-Type": "text/plain"}
urllib.request.urlopen(urllib.request.Request(url + "/moto-api/reset-auth", b"0", plain, method="POST")).read()
print(json.dumps({"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}))
`;

const CLIENT = `
import boto3, sys
url, bucket, what, *key = sys.argv[1:]
s3 = boto3.client("s3", endpoint_url=url, region_name="us-east-1")
if what == "keys":
    print("\\n".join(item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])))
elif what == "get":
    sys.stdout.write(s3.get_object(Bucket=bucket, Key=key[0])["Body"].read().decode())
else:
    s3.put_object(Bucket=bucket, Key=key[0], Body=sys.stdin.buffer.read())
`;

/** A bucket of moto's that takes signed requests only. */
export class GuardedBucket {
  /** For whoever may use it. */
  public readonly key: AccessKey;

  /** @param python - has boto3. */
  constructor(
    private readonly python: string,
    private readonly moto: Pick<Moto, "url">,
    public readonly bucket: string,
  ) {
    const policy = JSON.stringify(POLICY(bucket));
    const made = execFileSync(python, ["-c", PROGRAM, moto.url, bucket, policy], { encoding: "utf8" });
    this.key = JSON.parse(made) as AccessKey;
  }

  public put(key: string, text: string): void {
    this.ask(text, "put", key);
  }
  public get(key: string): string {
    return this.ask("", "get", key);
  }
  /** Keys, sorted. */
  public keys(): readonly string[] {
    return this.ask("", "keys").split("\n").filter(Boolean);
  }

  private ask(input: string, ...what: readonly string[]): string {
    return execFileSync(this.python, ["-c", CLIENT, this.moto.url, this.bucket, ...what], {
      encoding: "utf8",
      input,
      env: { AWS_ACCESS_KEY_ID: this.key.access_key_id, AWS_SECRET_ACCESS_KEY: this.key.secret_access_key },
    });
  }
}
