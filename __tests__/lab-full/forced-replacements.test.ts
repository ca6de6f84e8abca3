import { forcesReplacement } from "../../review/change/replaced";
import type { Json } from "../../review/json";
import { describeWithTerraform, removeTerraformDirs, runTerraform, terraformDir } from "../helpers/terraform";

/** One argument of a resource, before and after. A path with a dot lies in a block. */
type Case = readonly [type: string, argument: string, before: unknown, after: unknown];

/** What resources need besides, by type. */
const NEEDED: Readonly<Record<string, Json>> = {
  aws_autoscaling_group: { launch_configuration: "a", max_size: 2, min_size: 1 },
  aws_ebs_volume: { availability_zone: "eu-central-1a", size: 40 },
  aws_iam_role: { assume_role_policy: "{}" },
  aws_instance: { ami: "ami-1", instance_type: "m5.large" },
  aws_route_table_association: { route_table_id: "a", subnet_id: "a" },
  aws_subnet: { cidr_block: "10.0.0.0/24", vpc_id: "a" },
  aws_volume_attachment: { device_name: "a", instance_id: "a", volume_id: "a" },
  aws_vpc: { cidr_block: "10.0.0.0/16" },
  nomad_csi_volume: volume({}),
  nomad_csi_volume_registration: volume({ external_id: "a" }),
  nomad_dynamic_host_volume: {
    name: "a",
    plugin_id: "mkdir",
    capability: [{ access_mode: "single-node-writer", attachment_mode: "file-system" }],
  },
  nomad_namespace: { name: "a" },
  nomad_node_pool: { name: "a" },
  nomad_variable: { path: "a", items: { a: "a" } },
};

function volume(more: Json): Json {
  const capability = [{ access_mode: "single-node-writer", attachment_mode: "file-system" }];
  return { name: "a", plugin_id: "a", volume_id: "a", capability, ...more };
}

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/";
const TOPOLOGIES = ["a", "b"].map((zone) => [{ required: [{ topology: [{ segments: { zone } }] }] }]);

const AWS: readonly Case[] = [
  ["aws_autoscaling_group", "name", "a", "b"],
  ["aws_autoscaling_group", "max_size", 3, 4],
  ["aws_ebs_volume", "availability_zone", "eu-central-1a", "eu-central-1b"],
  ["aws_ebs_volume", "encrypted", false, true],
  ["aws_ebs_volume", "final_snapshot", false, true],
  ["aws_ebs_volume", "kms_key_id", `${KEY}1`, `${KEY}2`],
  ["aws_ebs_volume", "size", 40, 30],
  ["aws_ebs_volume", "type", "gp3", "gp2"],
  ["aws_iam_role", "name", "a", "b"],
  ["aws_iam_role", "path", "/a/", "/b/"],
  ["aws_instance", "ami", "ami-1", "ami-2"],
  ["aws_instance", "associate_public_ip_address", false, true],
  ["aws_instance", "ebs_optimized", false, true],
  ["aws_instance", "instance_type", "m5.large", "m5.xlarge"],
  ["aws_instance", "key_name", "a", "b"],
  ["aws_instance", "private_ip", "10.0.0.4", "10.0.0.5"],
  ["aws_instance", "root_block_device.encrypted", false, true],
  ["aws_instance", "root_block_device.volume_size", 30, 40],
  ["aws_instance", "subnet_id", "a", "b"],
  ["aws_instance", "tenancy", "default", "dedicated"],
  ["aws_instance", "vpc_security_group_ids", ["a"], ["b"]],
  ["aws_instance", "user_data_base64", "YQ==", "Yg=="],
  ["aws_launch_template", "name", "aaa", "bbb"],
  ["aws_launch_template", "user_data", "YQ==", "Yg=="],
  ["aws_route_table_association", "subnet_id", "a", "b"],
  ["aws_route_table_association", "route_table_id", "a", "b"],
  ["aws_s3_bucket", "bucket", "aaaa", "bbbb"],
  ["aws_s3_bucket", "force_destroy", false, true],
  ["aws_s3_bucket", "object_lock_enabled", false, true],
  ["aws_secretsmanager_secret", "name", "a", "b"],
  ["aws_secretsmanager_secret", "recovery_window_in_days", 7, 14],
  ["aws_security_group", "description", "a", "b"],
  ["aws_security_group", "revoke_rules_on_delete", false, true],
  ["aws_subnet", "cidr_block", "10.0.0.0/24", "10.0.1.0/24"],
  ["aws_subnet", "map_public_ip_on_launch", false, true],
  ["aws_volume_attachment", "device_name", "a", "b"],
  ["aws_volume_attachment", "stop_instance_before_detaching", false, true],
  ["aws_vpc", "cidr_block", "10.0.0.0/16", "10.1.0.0/16"],
  ["aws_vpc", "enable_dns_hostnames", false, true],
];

const NOMAD: readonly Case[] = [
  ...(["nomad_csi_volume", "nomad_csi_volume_registration"] as const).flatMap((type): readonly Case[] => [
    [type, "capability", capability("single-node-writer"), capability("multi-node-multi-writer")],
    [type, "namespace", "a", "b"],
    [type, "parameters", { a: "a" }, { a: "b" }],
    [type, "plugin_id", "a", "b"],
    [type, "topology_request", TOPOLOGIES[0], TOPOLOGIES[1]],
    [type, "volume_id", "a", "b"],
  ]),
  ["nomad_csi_volume", "capacity_max", "3GiB", "2GiB"],
  ["nomad_csi_volume", "clone_id", "a", "b"],
  ["nomad_csi_volume", "snapshot_id", "a", "b"],
  ["nomad_csi_volume_registration", "context", { a: "a" }, { a: "b" }],
  ["nomad_csi_volume_registration", "external_id", "a", "b"],
  ["nomad_dynamic_host_volume", "name", "a", "b"],
  [
    "nomad_dynamic_host_volume",
    "node_id",
    "11111111-1111-1111-1111-111111111111",
    "21111111-1111-1111-1111-111111111111",
  ],
  ["nomad_dynamic_host_volume", "node_pool", "a", "b"],
  ["nomad_dynamic_host_volume", "parameters", { mode: "0700" }, { mode: "0750" }],
  ["nomad_namespace", "name", "a", "b"],
  ["nomad_namespace", "description", "a", "b"],
  ["nomad_node_pool", "name", "a", "b"],
  ["nomad_variable", "path", "a", "b"],
  ["nomad_variable", "items", { a: "a" }, { a: "b" }],
];

function capability(mode: string): readonly Json[] {
  return [{ access_mode: mode, attachment_mode: "file-system" }];
}

/** The arguments with one of them set. */
function withArgument(type: string, path: string, value: unknown): Json {
  const [name = "", inner] = path.split(".");
  return { ...NEEDED[type], [name]: inner === undefined ? value : [{ [inner]: value }] };
}

interface Schema {
  readonly version: number;
  readonly block: { readonly attributes: Json; readonly block_types?: Json };
}

/** Which of the cases the real provider would replace a resource for, by a state in which each has its earlier value. */
function replacedIn(source: string, provider: Json, cases: readonly Case[]): readonly string[] {
  const name = source.split("/")[1] as string;
  const resource: Record<string, Record<string, Json>> = {};
  cases.forEach(([type, argument, , after], index) => {
    resource[type] = { ...resource[type], [`c${index}`]: withArgument(type, argument, after) };
  });
  const directory = (files: Readonly<Record<string, unknown>>) =>
    terraformDir(Object.fromEntries(Object.entries(files).map(([file, json]) => [file, JSON.stringify(json)])), [
      source,
    ]);
  const terraform = { required_providers: { [name]: { source } }, backend: { local: { path: "test.tfstate" } } };
  const asked = directory({ "main.tf.json": { terraform } });
  runTerraform(asked, "init");
  const { provider_schemas: all } = JSON.parse(runTerraform(asked, "providers", "schema", "-json")) as {
    provider_schemas: Record<string, { resource_schemas: Record<string, Schema> }>;
  };
  const schemas = all[`registry.terraform.io/${source}`]?.resource_schemas ?? {};
  const instances = cases.map(([type, argument, before], index) => {
    const { version, block } = schemas[type] as Schema;
    const none = Object.fromEntries(Object.keys(block.attributes).map((key) => [key, null]));
    const noBlocks = Object.fromEntries(
      Object.keys(block.block_types ?? {})
        .filter((key) => key !== "timeouts")
        .map((key) => [key, []]),
    );
    const attributes = { ...none, ...noBlocks, ...withArgument(type, argument, before), id: `x${index}` };
    const of = { mode: "managed", type, name: `c${index}`, provider: `provider["registry.terraform.io/${source}"]` };
    return { ...of, instances: [{ schema_version: version, attributes }] };
  });
  const state = { version: 4, terraform_version: "1.11.0", serial: 1, lineage: "a", outputs: {}, resources: instances };
  const planned = directory({
    "main.tf.json": { terraform, provider: { [name]: provider }, resource },
    "test.tfstate": state,
  });
  runTerraform(planned, "init");
  runTerraform(planned, "plan", "-refresh=false", "-lock=false", "-out=plan.bin");
  const { resource_changes: changes } = JSON.parse(runTerraform(planned, "show", "-json", "plan.bin")) as {
    resource_changes: readonly {
      readonly name: string;
      readonly change: { readonly replace_paths?: readonly (readonly unknown[])[] };
    }[];
  };
  const forced = new Map(changes.map((change) => [change.name, change.change.replace_paths ?? []]));
  return cases
    .filter(([, argument], index) =>
      (forced.get(`c${index}`) ?? []).some(([first]) => first === argument.split(".")[0]),
    )
    .map(([type, argument]) => `${type}.${argument}`);
}

const expected = (cases: readonly Case[]) =>
  cases
    .filter(([type, argument]) => forcesReplacement(type, argument))
    .map(([type, argument]) => `${type}.${argument}`);

afterAll(removeTerraformDirs);

describeWithTerraform("AWS replaces what the review says", ["hashicorp/aws"], () => {
  test("argument by argument", () => {
    const keys = { access_key: "test", secret_key: "test", region: "eu-central-1" };
    const nobody = { skip_credentials_validation: true, skip_requesting_account_id: true };
    expect(replacedIn("hashicorp/aws", { ...keys, ...nobody }, AWS)).toEqual(expected(AWS));
  }, 120_000);
});

describeWithTerraform("Nomad replaces what the review says", ["hashicorp/nomad"], () => {
  test("argument by argument of volumes and names", () => {
    expect(replacedIn("hashicorp/nomad", { address: "http://127.0.0.1:9" }, NOMAD)).toEqual(expected(NOMAD));
  }, 60_000);
});
