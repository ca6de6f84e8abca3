import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Action of IAM that S3 asks for, by request: it names none. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html */
const S3_ACTIONS: Readonly<Record<string, string>> = {
  "DELETE /{}": "DeleteBucket",
  "DELETE /{}?encryption": "PutEncryptionConfiguration",
  "DELETE /{}?lifecycle": "PutLifecycleConfiguration",
  "DELETE /{}?ownershipControls": "PutBucketOwnershipControls",
  "DELETE /{}?policy": "DeleteBucketPolicy",
  "DELETE /{}?publicAccessBlock": "PutBucketPublicAccessBlock",
  "GET /{}?accelerate": "GetAccelerateConfiguration",
  "GET /{}?acl": "GetBucketAcl",
  "GET /{}?cors": "GetBucketCORS",
  "GET /{}?encryption": "GetEncryptionConfiguration",
  "GET /{}?lifecycle": "GetLifecycleConfiguration",
  "GET /{}?logging": "GetBucketLogging",
  "GET /{}?object-lock": "GetBucketObjectLockConfiguration",
  "GET /{}?ownershipControls": "GetBucketOwnershipControls",
  "GET /{}?policy": "GetBucketPolicy",
  "GET /{}?publicAccessBlock": "GetBucketPublicAccessBlock",
  "GET /{}?replication": "GetReplicationConfiguration",
  "GET /{}?requestPayment": "GetBucketRequestPayment",
  "GET /{}?tagging": "GetBucketTagging",
  "GET /{}?versioning": "GetBucketVersioning",
  "GET /{}?website": "GetBucketWebsite",
  "HEAD /{}": "ListBucket",
  "PUT /{}": "CreateBucket",
  "PUT /{}?encryption": "PutEncryptionConfiguration",
  "PUT /{}?lifecycle": "PutLifecycleConfiguration",
  "PUT /{}?ownershipControls": "PutBucketOwnershipControls",
  "PUT /{}?policy": "PutBucketPolicy",
  "PUT /{}?publicAccessBlock": "PutBucketPublicAccessBlock",
  "PUT /{}?tagging": "PutBucketTagging",
  "PUT /{}?versioning": "PutBucketVersioning",
};

/** Calls that Terraform made to AWS's APIs. */
export interface AwsCallLog {
  /** Where Terraform must send them. */
  readonly url: string;
  /** Each call once, in order of names, as the action of IAM that it needs: `ec2:RunInstances`. What is not known: as it came. */
  calls(): readonly string[];
  /** Forgets what was called. */
  clear(): void;
  stop(): Promise<void>;
}

/** Writes down what is asked of what answers for AWS at a URL. */
export async function awsCallLog(target: string): Promise<AwsCallLog> {
  const directory = mkdtempSync(join(tmpdir(), "steppe-aws-calls-"));
  const file = join(directory, "calls");
  writeFileSync(file, "");
  const child = spawn(process.execPath, [join(__dirname, "aws-call-proxy.cjs"), target, file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise<string>((done) =>
    child.stdout.once("data", (text: Buffer) => done(text.toString().trim())),
  );
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => {
      const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
      return [...new Set(lines.map(actionOf))].sort();
    },
    clear: () => writeFileSync(file, ""),
    stop: async () => {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill();
      await ended;
      rmSync(directory, { recursive: true });
    },
  };
}

function actionOf(call: string): string {
  const action = call.startsWith("s3 ") ? S3_ACTIONS[call.slice(3)] : undefined;
  return action === undefined ? call : `s3:${action}`;
}
