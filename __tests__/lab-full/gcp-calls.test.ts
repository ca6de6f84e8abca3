import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gcpPermissionSubject } from "../../constructs/platform/gcp/permission-subject";
import { deployerRoles, type GcpRole, plannerRoles } from "../../constructs/platform/gcp/permissions";
import { identitiesAt, secretsVariable } from "../../model/identities";
import type { Fleet } from "../../model/types";
import { trustOf } from "../helpers/aws";
import { spoil } from "../helpers/fleet";
import { gcpFleets, gcpStack } from "../helpers/gcp";
import { neededFor, rolesAllow } from "../helpers/gcp-call-permission";
import { KMS_KEY } from "../helpers/gcp-kinds";
import { GOOGLE_PROVIDER, googleOverride } from "../helpers/google-provider";
import { withoutProvisioners } from "../helpers/mock-apply";
import { type GoogleApis, startGoogleApis } from "../helpers/stand-ins/google-apis";
import type { StackDocument } from "../helpers/synth";
import { describeWithTerraform, removeTerraformDirs, runTerraformBeside, terraformDir } from "../helpers/terraform";

const { everything, existing } = gcpFleets();
const backups = { store: { kind: "gcs", operators: ["group:operators@example.com"], kmsKeyName: KMS_KEY } };

/** What sites there are, and what each becomes. */
const SITES: Readonly<Record<string, { readonly before: Fleet; readonly after: (before: Fleet) => Fleet }>> = {
  "a network of its own": {
    before: spoil(everything, "regions.cloud.backups", backups),
    after: (before) =>
      spoil(
        spoil(spoil(before, "sites.cloud.labels", { team: "other" }), "sites.cloud.flowLogs", undefined),
        "pools.arm.count",
        5,
      ),
  },
  "a network that exists": {
    before: spoil(existing, "regions.cloud.backups", { store: { kind: "gcs", bucket: "shared" } }),
    after: (before) => spoil(spoil(before, "regions.cloud.servers.dataVolumeGiB", 80), "pools.l4.rootVolumeGiB", 200),
  },
};

/** The stack with disks and buckets that a test may destroy. */
function unprotected(stack: StackDocument): StackDocument {
  return JSON.parse(
    JSON.stringify(stack, (key, value: unknown) => (key === "prevent_destroy" ? false : value)),
  ) as StackDocument;
}

/** What the provider asks for and goes on without. */
const UNNEEDED = ["storage.anywhereCaches.list", "storage.objects.list"];

describeWithTerraform(
  "a GCP site on the real provider, against a stand-in for Google that knows the roles",
  [GOOGLE_PROVIDER],
  () => {
    afterAll(removeTerraformDirs);

    describe.each(Object.entries(SITES))("%s", (_, { before, after }) => {
      const subject = gcpPermissionSubject(before);
      let roles: readonly GcpRole[] = deployerRoles(subject);
      let google: GoogleApis;
      let directory: string;

      const prepare = (fleet: Fleet, generation: number) => {
        const stack = withoutProvisioners(unprotected(gcpStack(fleet, { trust: trustOf(generation) })));
        writeFileSync(join(directory, "cdk.tf.json"), JSON.stringify(stack));
      };
      const refused = () => [
        ...new Set(
          google.calls
            .splice(0)
            .filter((call) => !rolesAllow(roles, call))
            .map((call) => neededFor(call).permission),
        ),
      ];

      beforeAll(async () => {
        google = await startGoogleApis((call) => rolesAllow(roles, call));
        directory = terraformDir(
          {
            "steppe_override.tf.json": googleOverride({ ...google.provider, batching: [{ enable_batching: false }] }),
            "secrets.auto.tfvars.json": JSON.stringify(
              Object.fromEntries(
                identitiesAt(before, "cloud").map((identity) => [secretsVariable(identity), `of ${identity.name}`]),
              ),
            ),
          },
          [GOOGLE_PROVIDER],
        );
        prepare(before, 1);
        await runTerraformBeside(directory, "init");
      }, 60_000);

      afterAll(() => google.stop());

      test("is made with the deployer's roles", async () => {
        await runTerraformBeside(directory, "apply", "-auto-approve", "-no-color");
        expect(google.calls.length).toBeGreaterThan(100);
        expect(refused()).toEqual([]);
        expect(google.paths().filter((path) => path.includes("/instances/"))).toHaveLength(3);
      }, 300_000);

      test("is read again with the planner's, and nothing is to be done", async () => {
        roles = plannerRoles(subject);
        const said = await runTerraformBeside(directory, "plan", "-no-color");
        expect(google.calls.every(({ method }) => method === "GET")).toBe(true);
        expect(refused()).toEqual([]);
        expect(said).toContain("No changes.");
      }, 120_000);

      test("is changed with the deployer's", async () => {
        roles = deployerRoles(subject);
        prepare(after(before), 2);
        await runTerraformBeside(directory, "apply", "-auto-approve", "-no-color");
        expect(google.calls.some(({ method }) => method === "PATCH")).toBe(true);
        expect(refused()).toEqual([]);
      }, 300_000);

      test("is removed with them, but for what its disks leave", async () => {
        await runTerraformBeside(directory, "destroy", "-auto-approve", "-no-color");
        expect(refused().filter((permission) => !UNNEEDED.includes(permission))).toEqual([]);
        const left = google.paths().filter((path) => !/\/global\/snapshots\/small-cloud-\d-data-[\d-]+$/.test(path));
        expect(left).toEqual([]);
      }, 300_000);
    });
  },
);
