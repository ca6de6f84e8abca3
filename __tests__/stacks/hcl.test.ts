import { fleet as example } from "../../fleets/example";
import { fleet as lab, workloads } from "../../fleets/lab";
import { stackNames } from "../../model/names";
import { renderHcl } from "../../review/hcl/render";
import { awsFleet, awsSite, gcpFleet, smallFleet, spoil } from "../helpers/fleet";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../helpers/synth";
import {
  describeWithTerraform,
  plan,
  type PlannedChange,
  removeTerraformDirs,
  terraformDir,
} from "../helpers/terraform";

const stacks = synthesizeFleet(lab, { workloads, trust: publicTrustOf(lab) });

/** Tailnets on Tailscale, whose DNS and settings are managed too. */
const splitDns = { "corp.example.com": ["10.0.0.53"], lan: ["10.0.0.1", "10.0.0.2"] };
const dns = { nameservers: ["9.9.9.9", "2620:fe::fe"], searchPaths: ["corp.example.com"], splitDns };
const settings = { httpsEnabled: true, devicesApprovalOn: false, devicesKeyDurationDays: 90 };
const tailnets = new Map<string, StackDocument>(
  Object.entries({
    "example-tailnet": example,
    "tailnet with DNS in parts": spoil(smallFleet(), "tailnet.dns", dns),
    "tailnet with the whole DNS": spoil(
      spoil(smallFleet(), "tailnet.dns", { ...dns, overrideLocalDns: true }),
      "tailnet.settings",
      settings,
    ),
  }).map(([name, fleet]) => [name, synthesizeFleet(fleet).get(stackNames.tailnet(fleet.name)) as StackDocument]),
);

/** Text longer than this is a bundle or a script: its digest says that it changed, its own tests say how. */
const READABLE = 300;

afterAll(removeTerraformDirs);

/** Sources as the registry of providers knows them: `hashicorp/nomad`. */
function providersOf(stack: StackDocument): string[] {
  const required = Object.values(stack.terraform.required_providers ?? {}) as { source: string }[];
  return required.map(({ source }) => source.replace("registry.terraform.io/", ""));
}

/** Job specs are compared as data: `jsonencode` and Steppe escape some characters differently. */
function comparable(changes: readonly PlannedChange[]): unknown {
  return changes.map((change) => {
    const after = change.after as { readonly jobspec?: string } | null;
    return typeof after?.jobspec === "string"
      ? { ...change, after: { ...after, jobspec: JSON.parse(after.jobspec) as unknown } }
      : change;
  });
}

// One stack of each kind; of the sites the one with a single server, which has everything in it.
test.each([
  ["lab-tailnet", Infinity], // its one long text is the policy, which is what a reader wants to see
  ["lab-site-dc-west", READABLE],
  ["lab-control", READABLE],
  ["lab-storage-east", READABLE],
  ["lab-jobs-east", READABLE],
])("%s as HCL", (name, hashLongText) => {
  expect(renderHcl(stacks.get(name) ?? {}, { hashLongText })).toMatchSnapshot();
});

/** What a reader of a site on AWS looks at first; the rest is in assertions. */
const TELLING = ["aws_autoscaling_group", "aws_ebs_volume", "aws_instance", "aws_launch_template"];

/** It changes with every change of a bundle, and with the compression that Node.js brings. */
function withoutUserData(byId: Readonly<Record<string, Record<string, unknown>>>) {
  return Object.fromEntries(
    Object.entries(byId).map(([id, { user_data: _, user_data_base64: __, ...rest }]) => [id, rest]),
  );
}

test("machines of a small AWS site as HCL", () => {
  const site = awsSite();
  const one = { "eu-central-1a": site.zones["eu-central-1a"]! };
  const fleet = spoil(spoil(awsFleet(), "sites.cloud.zones", one), "regions.cloud.servers.count", 1);
  for (const pool of ["h100", "batch", "arm"]) Reflect.deleteProperty(fleet.pools, pool);
  const { resource } = synthesizeFleet(fleet, { trust: publicTrustOf(fleet) }).get("small-site-cloud")!;
  const machines = Object.fromEntries(TELLING.map((type) => [type, withoutUserData(resource?.[type] ?? {})]));
  expect(renderHcl({ resource: machines }, { hashLongText: READABLE })).toMatchSnapshot();
});

/** The same of a site on Google Cloud. */
const TELLING_OF_GOOGLE = [
  "google_compute_disk",
  "google_compute_instance",
  "google_compute_region_instance_group_manager",
  "google_compute_region_instance_template",
];

test("machines of a small GCP site as HCL", () => {
  const fleet = spoil(gcpFleet(), "regions.cloud.servers.count", 1);
  for (const pool of ["h100", "batch", "arm"]) Reflect.deleteProperty(fleet.pools, pool);
  const { resource } = synthesizeFleet(fleet, { trust: publicTrustOf(fleet) }).get("small-site-cloud")!;
  const machines = Object.fromEntries(TELLING_OF_GOOGLE.map((type) => [type, resource?.[type] ?? {}]));
  // The scripts change with every bundle.
  const hcl = renderHcl({ resource: machines }, { hashLongText: READABLE }).replaceAll(
    /sha256:[0-9a-f]{64}/g,
    "sha256:…",
  );
  expect(hcl).toMatchSnapshot();
});

test("a bundle is in no snapshot as a whole", () => {
  const [full, hashed] = [undefined, READABLE].map((hashLongText) =>
    renderHcl(stacks.get("lab-site-dc-west") ?? {}, { hashLongText }),
  );
  expect(full).toContain("set -eu");
  expect(hashed).not.toContain("set -eu");
});

test("DNS and settings of a tailnet as HCL", () => {
  const { resource, ...stack } = tailnets.get("tailnet with the whole DNS")!;
  const managed = Object.entries(resource ?? {}).filter(([type]) => type !== "tailscale_acl");
  expect(renderHcl({ ...stack, resource: Object.fromEntries(managed) })).toMatchSnapshot();
});

describe.each([...stacks, ...tailnets])("%s", (name, stack) => {
  // A title of its own, so that a skipped one names stack and provider.
  describeWithTerraform(`HCL of ${name} on the real terraform`, providersOf(stack), () => {
    test("is valid, and plans the resource changes that the JSON plans", () => {
      const providers = providersOf(stack);
      const fromJson = plan(terraformDir({ "cdk.tf.json": JSON.stringify(stack) }, providers));
      const fromHcl = plan(terraformDir({ "main.tf": renderHcl(stack) }, providers));
      expect(fromJson.length).toBe(
        Object.values(stack.resource ?? {}).reduce((sum, byName) => sum + Object.keys(byName).length, 0),
      );
      expect(comparable(fromHcl)).toEqual(comparable(fromJson));
    }, 120_000);
  });
});
