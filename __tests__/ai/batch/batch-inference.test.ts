import { TerraformStack, Testing } from "cdktf";
import { type BatchFiles, mountsOf } from "../../../constructs/ai/batch/batch-files";
import { BatchInference, type BatchInferenceProps, EmbeddingJob } from "../../../constructs/ai/batch/batch-inference";
import { RegionProvider } from "../../../constructs/nomad/region-provider";
import type { Pool } from "../../../model/types";
import { fleetOf } from "../patterns/pattern";

const base = { name: "label", service: "chat", pool: "h100", input: { kind: "volume", volume: "hf-cache" } } as const;
const stack = () => new TerraformStack(Testing.app(), "batch");

test("says all that is out of its range at once", () => {
  const schedule = { cron: "@daily", input: "/in", output: "../out" };
  const make = () =>
    new BatchInference(stack(), "Label", {
      ...base,
      shards: 0,
      concurrency: 1.5,
      requestSeconds: 0,
      attempts: 21,
      schedule,
    });
  expect(make).toThrow(
    /shards: must be .* 1 to 1000, got 0\n.*concurrency: .*got 1\.5\n.*requestSeconds: .*\n.*attempts: .*1 to 20, got 21\n.*schedule\.input: must be a directory: relative, and without \.\., got "\/in".*\n.*schedule\.output: must be a directory/,
  );
});

test.each(["inbox", "inbox/done"])("refuses to write %s below what it reads", (output) => {
  const schedule = { cron: "@daily", input: "inbox", output };
  expect(() => new BatchInference(stack(), "Label", { ...base, schedule })).toThrow(
    "schedule.output: must be a directory outside of input",
  );
});

test("refuses requests without texts", () => {
  expect(() => new EmbeddingJob(stack(), "Embed", { ...base, model: "m", textsPerRequest: 0 })).toThrow(
    "textsPerRequest: must be a whole number from 1 to 2048, got 0",
  );
});

test("mounts one volume once, and one that is only read for reading", () => {
  const place = { group: "batch", task: "batch" };
  const input = { kind: "volume", volume: "tickets" } as const;
  const mounts = (output: BatchFiles) =>
    mountsOf({ name: "label", input, output }, place).map((mount) => [mount.volume, mount.destination, mount.readOnly]);
  expect(mounts({ ...input })).toEqual([["tickets", "/data", undefined]]);
  expect(mounts({ kind: "s3", bucket: "labels", region: "eu-central-1" })).toEqual([["tickets", "/input", true]]);
  expect(mounts({ kind: "volume", volume: "labels" })).toEqual([
    ["tickets", "/input", true],
    ["labels", "/output", undefined],
  ]);
});

test("says what files are to one who writes something else", () => {
  const input = { bucket: "acme-tickets" } as unknown as BatchInferenceProps["input"];
  expect(() => new BatchInference(stack(), "Label", { ...base, input })).toThrow(
    'input: must be files of a volume or of a bucket, got {"bucket":"acme-tickets"}; write { kind: "volume", volume } or',
  );
});

test("refuses a program by name alone, and a model without a name", () => {
  const runtime = { kind: "installed", command: "python3" } as const;
  expect(() => new EmbeddingJob(stack(), "Embed", { ...base, model: "", runtime })).toThrow(
    /runtime\.command: must be an absolute path, got "python3"; write where .*\n.*model: must name a model, got ""/,
  );
});

describe("files in a bucket", () => {
  const bucket = { kind: "s3", bucket: "acme-tickets", region: "eu-central-1" } as const;
  /** In a region's stack of the example fleet, whose AWS pools keep tasks from the metadata service unless it is opened. */
  const inRegion = (
    region: "eu-aws" | "eu-onprem",
    pool: string,
    props: Partial<BatchInferenceProps>,
    pools: Readonly<Record<string, Partial<Pool>>> = {},
  ) => {
    const services = { chat: { port: 8001, pools: [pool], callers: [pool] } };
    const fleet = fleetOf({ region, services });
    const changed = Object.fromEntries(
      Object.entries(fleet.pools).map(([name, found]) => [name, { ...found, ...pools[name] }]),
    );
    const scope = stack();
    const address = "https://nomad.example:4646";
    new RegionProvider(scope, "Region", { region, address, fleet: { ...fleet, pools: changed } });
    new BatchInference(scope, "Label", { name: "label", service: "chat", pool, input: bucket, ...props });
    return JSON.parse(Testing.synth(scope)) as { resource: { nomad_acl_policy?: Record<string, AclPolicyBody> } };
  };

  test("says all that is wrong with it at once", () => {
    const input = { ...bucket, bucket: "Acme", region: "EU", prefix: "/support", endpoint: "minio:9000" };
    const output = { ...bucket, credentials: { kind: "variable", path: "jobs label" } } as const;
    expect(() => new BatchInference(stack(), "Label", { ...base, input, output })).toThrow(
      /input\.bucket: must be the name .*got "Acme"; .*\n.*input\.region: must be a region, got "EU".*\n.*input\.prefix: must neither.*\n.*input\.endpoint: must be a URL .*got "minio:9000".*\n.*output\.credentials\.path: must be the path of a Nomad variable.*got "jobs label"/,
    );
  });

  test("does not repeat an endpoint with a password", () => {
    const input = { ...bucket, endpoint: "https://me:hunter2@minio:9000" };
    const make = () => new BatchInference(stack(), "Label", { ...base, input });
    expect(make).toThrow("input.endpoint: must be a URL with nothing but scheme, host and port; write it like");
    expect(make).not.toThrow("hunter2");
  });

  test("refuses a role where machines have none, or tasks do not get it", () => {
    const input = { ...bucket, credentials: { kind: "machine-role" } } as const;
    expect(() => inRegion("eu-onprem", "h100", { input })).toThrow(
      /input\.credentials\.kind: needs machines on AWS, but site frankfurt of pool h100 is not there, got "machine-role"; give credentials \{ kind: "variable", path: "nomad\/jobs\/label" \}/,
    );
    expect(() => inRegion("eu-aws", "l40s", { input })).toThrow(
      /input\.credentials\.kind: needs tasks that may ask the metadata service, which pool l40s keeps them from, got "machine-role"; give pools\.l40s\.taskMetadataAccess a reason/,
    );
    const open = { l40s: { taskMetadataAccess: { reason: "batches read a bucket as the machine" } } };
    expect(() => inRegion("eu-aws", "l40s", { input }, open)).not.toThrow();
  });

  test("may read a variable below another job's name by a policy, whose name no other region has", () => {
    const output = { ...bucket, credentials: { kind: "variable", path: "nomad/jobs/shared" } } as const;
    const policies = (region: "eu-aws" | "eu-onprem", pool: string, name: string) =>
      Object.values(inRegion(region, pool, { output, name }).resource.nomad_acl_policy ?? {});
    const [policy, ...others] = policies("eu-onprem", "h100", "label_it");
    expect(others).toEqual([]);
    expect(policy).toMatchObject({
      name: expect.stringMatching(/^eu-onprem-label-it-reads-[0-9a-f]{8}$/) as string,
      description: "Lets job label_it read the access key of a bucket",
      rules_hcl: expect.stringContaining('path "nomad/jobs/shared"') as string,
      job_acl: { namespace: "default", job_id: "label_it" },
    });
    expect(policies("eu-aws", "l40s", "label_it")[0]?.name).not.toBe(policy?.name);
    expect(policies("eu-onprem", "h100", "label-it")[0]?.name).not.toBe(policy?.name);
  });
});

interface AclPolicyBody {
  readonly name: string;
}
