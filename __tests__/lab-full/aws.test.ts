import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { deployerPolicies, plannerPolicies, type PolicyDocument } from "../../constructs/platform/aws/permissions";
import { permissionSubject } from "../../constructs/platform/aws/permission-subject";
import { identitiesAt, secretsVariable } from "../../model/identities";
import { awsFleets, awsStack, trustOf } from "../helpers/aws";
import { AWS_PROVIDER, awsFiles, awsOverride } from "../helpers/aws-provider";
import { awsCallLog, type AwsCallLog } from "../helpers/aws-call-log";
import { forMoto } from "../helpers/aws-moto";
import { describeWithMoto, type Moto, motoProvider, secretValue, startMoto } from "../helpers/moto";
import { describeWithTerraform, removeTerraformDirs, runTerraform, terraformDir } from "../helpers/terraform";

const fleet = awsFleets().everything;
const identities = identitiesAt(fleet, "cloud");

/** What each identity's secrets are, by generation of the trust. Shape: `of-server-cloud-in-2`. */
const secretOf = (identity: string, generation: number) => `of-${identity}-in-${generation}`;

/**
 * What moto answers wrongly, so that a plan sees a change: attributes by type. A test holds that each is still so.
 *
 * - It forgets which groups a network interface has that an instance was made with.
 * - It answers a made-up queue and role for every lifecycle hook.
 */
const MOTO_DIFFERENCES = {
  aws_autoscaling_lifecycle_hook: ["notification_target_arn", "role_arn"],
  aws_instance: ["vpc_security_group_ids"],
};

interface Change {
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: object | null;
    readonly after: object | null;
  };
}

/** Attributes that a plan would change, by type of resource. */
function changedAttributes(changes: readonly Change[]): Record<string, string[]> {
  const found: Record<string, Set<string>> = {};
  for (const { type, change } of changes) {
    if (change.actions.join() === "no-op") continue;
    const [before, after] = [change.before ?? {}, change.after ?? {}] as Record<string, unknown>[];
    const keys = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
    const names = (found[type] ??= new Set([change.actions.join()].filter((action) => action !== "update")));
    for (const key of keys) if (JSON.stringify(before?.[key]) !== JSON.stringify(after?.[key])) names.add(key);
  }
  return Object.fromEntries(Object.entries(found).map(([type, names]) => [type, [...names].sort()]));
}

describeWithTerraform("an AWS site", [AWS_PROVIDER], () => {
  describeWithMoto("against moto", (path) => {
    let moto: Moto;
    let directory: string;
    let calls: AwsCallLog;
    const secrets = new Set<string>();

    /** Puts stack and secrets of a generation into the directory. */
    function prepare(generation: number): void {
      const stack = forMoto(awsStack(fleet, { trust: trustOf(generation) }));
      const files = awsFiles(stack, awsOverride(motoProvider(calls)));
      for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    }

    function giveSecrets(generation: number): void {
      const values = identities.map(
        (identity) => [secretsVariable(identity), secretOf(identity.name, generation)] as const,
      );
      for (const [, value] of values) secrets.add(value);
      writeFileSync(join(directory, "secrets.auto.tfvars.json"), JSON.stringify(Object.fromEntries(values)));
    }

    function planned(): readonly Change[] {
      runTerraform(directory, "plan", "-out=plan.bin");
      const text = runTerraform(directory, "show", "-json", "plan.bin");
      expectNoSecret(text);
      return (JSON.parse(text) as { resource_changes: Change[] }).resource_changes;
    }

    /** Calls since the last look that policies do not allow, whatever they are about. */
    function forbidden(policies: readonly PolicyDocument[]): readonly string[] {
      const allowed = new Set(policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action)));
      return calls.calls().filter((call) => !allowed.has(call) && call !== "sts:GetCallerIdentity");
    }

    const state = () => readFileSync(join(directory, "test.tfstate"), "utf8");

    function expectNoSecret(text: string): void {
      expect(secrets.size).toBeGreaterThan(0);
      const written = [...secrets].flatMap((value) => [value, Buffer.from(value).toString("base64").slice(0, 16)]);
      expect(written.filter((value) => text.includes(value))).toEqual([]);
    }

    beforeAll(async () => {
      moto = await startMoto(path, { "ami-0123456789abcdef0": "x86_64", "ami-0fedcba9876543210": "arm64" });
      calls = await awsCallLog(moto.url);
      directory = terraformDir({}, [AWS_PROVIDER]);
      prepare(1);
      runTerraform(directory, "init");
    }, 120_000);

    afterAll(async () => {
      await calls.stop();
      await moto.stop();
      removeTerraformDirs();
    });

    test("an apply without secrets fails by name and makes nothing", () => {
      expect(() => runTerraform(directory, "apply", "-auto-approve", "-no-color")).toThrow(
        "the secrets of client-h100 are missing",
      );
      const { resources } = JSON.parse(state()) as { resources: { instances: unknown[] }[] };
      expect(resources.flatMap(({ instances }) => instances)).toEqual([]);
    }, 180_000);

    test("an apply makes everything, and writes each identity's secrets into its own entry", async () => {
      giveSecrets(1);
      planned();
      expectNoSecret(runTerraform(directory, "apply", "-auto-approve", "-no-color"));
      expectNoSecret(state());
      for (const { name } of identities)
        expect(await secretValue(moto, "eu-central-1", `small/${name}`)).toBe(secretOf(name, 1));
      const firstBoots = [...state().matchAll(/"user_data(?:_base64)?": "([A-Za-z0-9+/=]{1000,})"/g)];
      expect(firstBoots.length).toBeGreaterThan(4);
      for (const [, packed = ""] of firstBoots) expectNoSecret(gunzipSync(Buffer.from(packed, "base64")).toString());
    }, 400_000);

    test("a second plan changes nothing but what moto answers wrongly", () => {
      calls.clear();
      expect(changedAttributes(planned())).toEqual(MOTO_DIFFERENCES);
      // The refresh of state reads what pull requests may not.
      expect(forbidden(plannerPolicies(permissionSubject(fleet)))).toEqual(["secretsmanager:GetSecretValue"]);
    }, 180_000);

    test("a plan without refresh calls nothing that whoever plans may not", () => {
      calls.clear();
      runTerraform(directory, "plan", "-refresh=false");
      expect(calls.calls()).toContain("sts:GetCallerIdentity");
      expect(forbidden(plannerPolicies(permissionSubject(fleet)))).toEqual([]);
    }, 180_000);

    test("a new generation of the trust writes the secrets again, rolls the pools, and replaces no server", async () => {
      prepare(2);
      giveSecrets(2);
      const changed = changedAttributes(planned());
      const expected = Object.entries(changed).filter(([type]) => !Object.hasOwn(MOTO_DIFFERENCES, type));
      expect(Object.fromEntries(expected)).toEqual({
        aws_autoscaling_group: expect.arrayContaining(["launch_template"]),
        aws_launch_template: ["default_version", "latest_version", "user_data"],
        aws_secretsmanager_secret_version: expect.arrayContaining(["delete,create", "secret_string_wo_version"]),
        terraform_data: expect.arrayContaining(["delete,create"]),
      });
      expect(changed["aws_instance"]).toEqual(MOTO_DIFFERENCES.aws_instance);
      expectNoSecret(runTerraform(directory, "apply", "-auto-approve", "-no-color"));
      expectNoSecret(state());
      for (const { name } of identities)
        expect(await secretValue(moto, "eu-central-1", `small/${name}`)).toBe(secretOf(name, 2));
    }, 400_000);

    test("a destroy leaves nothing", () => {
      expect(runTerraform(directory, "destroy", "-auto-approve", "-no-color")).toMatch(
        /Destroy complete! Resources: \d+ destroyed/,
      );
      expect((JSON.parse(state()) as { resources: unknown[] }).resources).toEqual([]);
      expect(forbidden(deployerPolicies(permissionSubject(fleet)))).toEqual([]);
    }, 400_000);
  });
});
