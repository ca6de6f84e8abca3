import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Command } from "commander";
import { UserError } from "../../ops/errors";
import { quoted } from "../../ops/trust/directory";
import { type Cli, fleetOf, optionsOf, stacksOf, withExamples, withFleet } from "../shared";

/** `steppe backend init`: makes the place where states live. */
export function backendCommand(cli: Cli): Command {
  const init = withFleet(new Command("init"))
    .description("make the place of the fleet's states: a local directory, or the commands that make a bucket")
    .action(async (_options, self: Command) => {
      const chosen = fleetOf(cli, optionsOf(self));
      const { backend } = chosen.fleet;
      if (backend.kind === "local") {
        const directories = new Set(
          (await stacksOf(cli, chosen)).flatMap((stack) =>
            stack.backend.path === undefined ? [] : [dirname(stack.backend.path)],
          ),
        );
        for (const directory of directories) {
          mkdirSync(directory, { recursive: true, mode: 0o700 });
          cli.output.out(`states are kept in ${directory}`);
        }
        return;
      }
      throw new UserError(
        `a ${backend.kind === "s3" ? "S3" : "GCS"} bucket is made with your own credentials, not by Steppe`,
        [
          "run, where those are set up:",
          ...(backend.kind === "s3" ? s3Commands(backend) : gcsCommands(backend)).map((line) => `  ${line}`),
        ],
      );
    });
  const backend = new Command("backend")
    .description("where the states of the stacks live")
    .addCommand(withExamples(init, "backend init --fleet example"));
  return withExamples(backend, "backend init --fleet example");
}

/** Versioned, encrypted and private; the lock is a file in the bucket. */
function s3Commands({ bucket, region }: { bucket: string; region: string }): string[] {
  const name = quoted(bucket);
  // us-east-1 is the one region that must not be named as a location.
  const location = region === "us-east-1" ? "" : ` --create-bucket-configuration LocationConstraint=${region}`;
  return [
    `aws s3api create-bucket --bucket ${name} --region ${region}${location}`,
    `aws s3api put-bucket-versioning --bucket ${name} --versioning-configuration Status=Enabled`,
    `aws s3api put-public-access-block --bucket ${name} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`,
  ];
}

function gcsCommands({ bucket }: { bucket: string }): string[] {
  const url = quoted(`gs://${bucket}`);
  return [
    `gcloud storage buckets create ${url} --uniform-bucket-level-access --public-access-prevention`,
    `gcloud storage buckets update ${url} --versioning`,
  ];
}
