import { ofType, theOnly, type Attributes, awsFleets, awsStack, trustOf } from "../../helpers/aws";
import { poolUserData, serverUserData } from "../../../constructs/machine/user-data";
import { packUserData } from "../../../constructs/machine/user-data-size";
import { awsFleet, spoil } from "../../helpers/fleet";
import type { StackDocument } from "../../helpers/synth";

const fleets = awsFleets();
const stacks = {
  default: awsStack(fleets.default, { trust: trustOf(3) }),
  everything: awsStack(fleets.everything, { trust: trustOf(3) }),
  existing: awsStack(fleets.existing),
};
const spoilt = (path: string, value: unknown) => awsStack(spoil(awsFleet(), path, value));

/** What a policy allows: actions and resources, the latter without cdktf's hash. */
function allowed(policy: unknown): unknown {
  const { Statement } = JSON.parse(policy as string) as {
    Statement: { Effect: string; Action: string[]; Resource: string[] }[];
  };
  return Statement.map(({ Effect, Action, Resource }) => [
    Effect,
    Action,
    Resource.map((arn) => arn.replace(/_[0-9A-F]{8}/g, "")),
  ]);
}

const types = ({ resource = {} }: StackDocument) => Object.keys(resource);
const each = (stack: StackDocument, type: string): readonly Attributes[] => {
  const found = Object.values(ofType(stack, type));
  expect(found.length).toBeGreaterThan(0);
  return found;
};

describe.each(Object.entries(stacks))("exposure, site %s", (_, stack) => {
  test("from anywhere the tailnet's port alone", () => {
    const open = each(stack, "aws_vpc_security_group_ingress_rule").filter(
      (rule) => rule["referenced_security_group_id"] === undefined,
    );
    expect(
      open.map(({ ip_protocol, from_port, to_port, cidr_ipv4 }) => [ip_protocol, from_port, to_port, cidr_ipv4]),
    ).toEqual([["udp", 41641, 41641, "0.0.0.0/0"]]);
  });

  test("no group has rules inside, which would take the place of those outside", () => {
    const groups = each(stack, "aws_security_group");
    expect(groups.filter(({ ingress, egress }) => ingress !== undefined || egress !== undefined)).toEqual([]);
  });

  test("nothing is asked of AWS at plan time", () => {
    expect(stack["data"]).toBeUndefined();
  });

  test.each(["aws_instance", "aws_launch_template"])("%s wants IMDSv2, and answers the machine alone", (type) => {
    const limits = Object.entries(ofType(stack, type)).map(([id, { metadata_options }]) => {
      const { http_tokens, http_put_response_hop_limit, http_endpoint } = metadata_options as Attributes;
      return [id, http_endpoint, http_tokens, http_put_response_hop_limit];
    });
    expect(limits.length).toBeGreaterThan(2);
    expect(limits).toEqual(limits.map(([id]) => [id, "enabled", "required", id === "Pools_arm_Template" ? 2 : 1]));
  });

  test("every disk is encrypted", () => {
    const disks = [
      ...each(stack, "aws_instance").map(({ root_block_device }) => root_block_device as Attributes),
      ...each(stack, "aws_ebs_volume"),
      ...each(stack, "aws_launch_template").flatMap(({ block_device_mappings }) =>
        (block_device_mappings as { ebs: Attributes }[]).map(({ ebs }) => ebs),
      ),
    ];
    expect(disks.map(({ encrypted }) => String(encrypted))).toEqual(Array(10).fill("true"));
  });

  test("every resource that can be has the site's tags", () => {
    const tagged = Object.entries(stack.resource ?? {}).flatMap(([, byId]) => Object.values(byId));
    const wrong = tagged.filter(({ tags }) => tags !== undefined && (tags as Attributes)["steppe:site"] !== "cloud");
    expect(wrong).toEqual([]);
    expect(tagged.filter(({ tags }) => tags !== undefined).length).toBeGreaterThan(20);
  });

  test("machines may read their own secret, and those of a pool end their own lifecycle hooks", () => {
    const policies = Object.fromEntries(
      Object.entries(ofType(stack, "aws_iam_role_policy"))
        // The right to write snapshots: backups.test.
        .filter(([id]) => !/^Network_FlowLogs|_snapshots$/.test(id))
        .map(([id, { policy }]) => [id, allowed(policy)]),
    );
    const secret = (identity: string) => [
      [
        "Allow",
        ["secretsmanager:GetSecretValue"],
        [`\${aws_secretsmanager_secret.Machines_Secrets_${identity}_Secret.arn}`],
      ],
    ];
    const group = (pool: string) => [
      [
        "Allow",
        ["autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat"],
        [`\${aws_autoscaling_group.Machines_Pools_${pool}.arn}`],
      ],
    ];
    const pools = ["h100", "l4", "batch", "arm"];
    expect(policies).toEqual({
      "Servers-cloud_Role_own-secret": secret("server-cloud"),
      ...Object.fromEntries(pools.map((pool) => [`Pools_${pool}_Role_own-secret`, secret(`client-${pool}`)])),
      ...Object.fromEntries(pools.map((pool) => [`Pools_${pool}_Role_own-group`, group(pool)])),
    });
    expect(types(stack).filter((type) => /policy_attachment/.test(type))).toEqual([]);
  });

  test("only EC2 takes the machines' roles", () => {
    const roles = Object.entries(ofType(stack, "aws_iam_role")).filter(([id]) => !id.startsWith("Network"));
    const principals = roles.map(
      ([, role]) =>
        (JSON.parse(role["assume_role_policy"] as string) as { Statement: [{ Principal: unknown }] }).Statement[0]
          .Principal,
    );
    expect(principals).toEqual(Array(5).fill({ Service: "ec2.amazonaws.com" }));
  });
});

describe("AwsNetwork", () => {
  test("makes a VPC, a subnet per zone and one way out", () => {
    expect(ofType(stacks.default, "aws_subnet")).toMatchObject({
      "Network_eu-central-1a_Machines": { availability_zone: "eu-central-1a", cidr_block: "10.3.0.0/20" },
      "Network_eu-central-1b_Machines": { availability_zone: "eu-central-1b", cidr_block: "10.3.16.0/20" },
      "Network_eu-central-1c_Machines": { availability_zone: "eu-central-1c", cidr_block: "10.3.32.0/20" },
    });
    expect(theOnly(stacks.default, "aws_vpc")).toMatchObject({ cidr_block: "10.3.0.0/16", enable_dns_support: true });
    expect(Object.keys(theOnly(stacks.default, "aws_route"))).toEqual([
      "depends_on",
      "destination_cidr_block",
      "gateway_id",
      "route_table_id",
    ]);
    expect(types(stacks.default).filter((type) => /nat|eip|endpoint|flow_log/.test(type))).toEqual([]);
  });

  test("closes the default security group of its VPC", () => {
    const { ingress, egress } = theOnly(stacks.default, "aws_default_security_group");
    expect([ingress, egress]).toEqual([undefined, undefined]);
  });

  test("subnets of a further range wait for it", () => {
    const waits = each(stacks.everything, "aws_subnet").map(({ depends_on }) => String(depends_on));
    expect(waits).toHaveLength(6);
    expect(
      waits.filter((on) => !on.startsWith("aws_vpc_ipv4_cidr_block_association.Machines_Network_Range-10-4-0-0-20")),
    ).toEqual([]);
  });

  test("NAT: a gateway per zone in its own subnet, machines of a zone leave through their own", () => {
    const gateways = ofType(stacks.everything, "aws_nat_gateway");
    const routes = ofType(stacks.everything, "aws_route");
    for (const zone of ["eu-central-1a", "eu-central-1b", "eu-central-1c"]) {
      expect(gateways[`Network_Routes_${zone}_Nat`]?.["subnet_id"]).toContain(`Network_${zone}_Nat_`);
      expect(routes[`Network_Routes_${zone}_PrivateDefault`]?.["nat_gateway_id"]).toContain(`Routes_${zone}_Nat_`);
    }
    expect(Object.keys(gateways)).toHaveLength(3);
  });

  test.each([
    ["default", true],
    ["everything", false],
    ["existing", false],
  ] as const)("machines of site %s have public addresses: %s", (name, expected) => {
    expect(each(stacks[name], "aws_instance").map((machine) => machine["associate_public_ip_address"])).toEqual(
      Array(3).fill(expected),
    );
    const templates = each(stacks[name], "aws_launch_template").map(
      ({ network_interfaces }) => (network_interfaces as Attributes[])[0],
    );
    expect(templates.map((card) => card?.["associate_public_ip_address"])).toEqual(Array(4).fill(String(expected)));
  });

  test("an existing VPC is left as it is", () => {
    const network = Object.entries(stacks.existing.resource ?? {}).flatMap(([type, byId]) =>
      Object.keys(byId)
        .filter((id) => id.startsWith("Machines_Network"))
        .map(() => type),
    );
    expect([...new Set(network)].sort()).toEqual([
      "aws_cloudwatch_log_group",
      "aws_flow_log",
      "aws_iam_role",
      "aws_iam_role_policy",
      "aws_security_group",
      "aws_vpc_security_group_egress_rule",
      "aws_vpc_security_group_ingress_rule",
    ]);
    expect(each(stacks.existing, "aws_instance").map(({ subnet_id }) => subnet_id)).toEqual([
      "subnet-01234560",
      "subnet-01234561",
      "subnet-01234562",
    ]);
  });

  test("endpoints take HTTPS from the machines alone", () => {
    const rule = ofType(stacks.everything, "aws_vpc_security_group_ingress_rule")["Network_Endpoints_Https"];
    expect(rule).toMatchObject({ ip_protocol: "tcp", from_port: 443, to_port: 443 });
    expect(rule?.["referenced_security_group_id"]).toContain("aws_security_group.Machines_Network_Machines_");
    expect(each(stacks.everything, "aws_vpc_endpoint").map(({ service_name }) => service_name)).toEqual([
      "com.amazonaws.eu-central-1.s3",
      "com.amazonaws.eu-central-1.secretsmanager",
    ]);
  });

  test("flow logs may write into their own group", () => {
    const policy = ofType(stacks.everything, "aws_iam_role_policy")["Network_FlowLogs_Policy"];
    const arn = "${aws_cloudwatch_log_group.Machines_Network_FlowLogs_Group.arn}";
    expect(allowed(policy?.["policy"])).toEqual([
      ["Allow", ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [arn, `${arn}:*`]],
    ]);
  });
});

describe("AwsServers", () => {
  test("have stable names, a zone each, and leave image, type and user data alone", () => {
    const servers = ofType(stacks.default, "aws_instance");
    expect(Object.keys(servers)).toEqual([1, 2, 3].map((n) => `Servers-cloud_small-cloud-${n}_Machine`));
    expect(servers["Servers-cloud_small-cloud-2_Machine"]).toMatchObject({
      ami: "ami-0123456789abcdef0",
      instance_type: "m7i.large",
      maintenance_options: { auto_recovery: "default" },
      lifecycle: {
        ignore_changes: ["ami", "instance_type", "user_data", "user_data_base64", "associate_public_ip_address"],
      },
      user_data_base64: packUserData(serverUserData(fleets.default, "cloud", { host: "small-cloud-2" })),
      tags: {
        Name: "small-cloud-2",
        "steppe:fleet": "small",
        "steppe:role": "server",
        "steppe:region": "cloud",
        team: "platform",
      },
    });
    expect(servers["Servers-cloud_small-cloud-2_Machine"]?.["subnet_id"]).toContain("Network_eu-central-1b_Machines");
  });

  test("of ARM take the image of their architecture", () => {
    const arm = { count: 3, machineType: "m7g.large", architecture: "arm64" };
    expect(each(spoilt("regions.cloud.servers", arm), "aws_instance").map(({ ami }) => ami)).toEqual(
      Array(3).fill("ami-0fedcba9876543210"),
    );
  });

  test("begin with the first zone again", () => {
    const volumes = each(spoilt("regions.cloud.servers.count", 5), "aws_ebs_volume");
    expect(volumes.map(({ availability_zone }) => availability_zone)).toEqual(
      ["a", "b", "c", "a", "b"].map((zone) => `eu-central-1${zone}`),
    );
  });

  test("stay in the zones that the fleet names, whatever zones the site gets", () => {
    const fleet = spoil(awsFleet(), "regions.cloud.servers.zones", ["eu-central-1b", "eu-central-1c", "eu-central-1b"]);
    const zones = each(awsStack(fleet), "aws_ebs_volume").map(({ availability_zone }) => availability_zone);
    expect(zones).toEqual(["b", "c", "b"].map((zone) => `eu-central-1${zone}`));
  });

  test("have a data volume that survives them, and a snapshot that survives it", () => {
    for (const volume of each(stacks.default, "aws_ebs_volume"))
      expect(volume).toMatchObject({
        size: 40,
        type: "gp3",
        encrypted: true,
        final_snapshot: true,
        lifecycle: { prevent_destroy: true },
      });
    expect(each(stacks.default, "aws_volume_attachment").map((at) => at["stop_instance_before_detaching"])).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("that are disposable lose their data with the stack", () => {
    const volumes = each(stacks.everything, "aws_ebs_volume");
    expect(volumes.map(({ final_snapshot, lifecycle }) => [final_snapshot, lifecycle])).toEqual(
      Array(3).fill([false, undefined]),
    );
  });

  test.each([
    [undefined, ["aws_ebs_volume"]],
    [true, ["aws_ebs_volume"]],
    [false, []],
  ])("that are retired leave their data: keepData %s", (keepData, left) => {
    const stack = spoilt("regions.cloud.retired", { reason: "moved", ...(keepData === undefined ? {} : { keepData }) });
    const types = ["aws_instance", "aws_volume_attachment", "aws_ebs_volume"];
    expect(types.filter((type) => Object.keys(ofType(stack, type)).length > 0)).toEqual(left);
  });
});

describe("AwsPools", () => {
  const groups = ofType(stacks.default, "aws_autoscaling_group");
  const templates = ofType(stacks.default, "aws_launch_template");

  test("on demand: one type, from the newest template", () => {
    expect(groups["Pools_h100"]).toMatchObject({
      min_size: 2,
      max_size: 2,
      desired_capacity: 2,
      name: "small-h100",
      capacity_rebalance: false,
    });
    expect((groups["Pools_h100"]?.["launch_template"] as Attributes)["version"]).toMatch(
      /Pools_h100_Template_.*\.latest_version/,
    );
    expect(groups["Pools_h100"]?.["mixed_instances_policy"]).toBeUndefined();
  });

  test.each([
    ["l4", 1, ["g6.2xlarge", "g6.4xlarge"]],
    ["batch", 0, ["c7i.xlarge"]],
  ])("spot: %s", (pool, base, instanceTypes) => {
    expect(groups[`Pools_${pool}`]).toMatchObject({
      capacity_rebalance: true,
      mixed_instances_policy: {
        instances_distribution: {
          on_demand_base_capacity: base,
          on_demand_percentage_above_base_capacity: 0,
          spot_allocation_strategy: "capacity-optimized",
        },
        launch_template: { override: instanceTypes.map((instance_type) => ({ instance_type })) },
      },
    });
  });

  test("on demand with alternatives never takes spot machines", () => {
    const group = ofType(spoilt("pools.h100.alternativeTypes", ["c9i.xlarge"]), "aws_autoscaling_group")["Pools_h100"];
    expect(group).toMatchObject({
      capacity_rebalance: false,
      mixed_instances_policy: { instances_distribution: { on_demand_percentage_above_base_capacity: 100 } },
    });
  });

  test("with GPUs take the image that the pool names", () => {
    expect(templates["Pools_h100_Template"]).toMatchObject({ image_id: "ami-0aaaaaaaaaaaaaaa0" });
    expect(templates["Pools_l4_Template"]).toMatchObject({ image_id: "ami-0123456789abcdef0" });
  });

  test("take the image of their architecture, and the disk that the fleet says", () => {
    expect(templates["Pools_arm_Template"]).toMatchObject({
      image_id: "ami-0fedcba9876543210",
      block_device_mappings: [{ device_name: "/dev/xvda", ebs: { volume_size: 100, volume_type: "gp3" } }],
    });
    const own = ofType(spoilt("pools.arm.rootVolumeGiB", 200), "aws_launch_template")["Pools_arm_Template"];
    expect(own).toMatchObject({ block_device_mappings: [{ ebs: { volume_size: 200 } }] });
    expect(ofType(stacks.everything, "aws_launch_template")["Pools_arm_Template"]).toMatchObject({
      block_device_mappings: [{ device_name: "/dev/sda1" }],
    });
  });

  test("are born with their bundle", () => {
    expect(templates["Pools_h100_Template"]?.["user_data"]).toBe(
      packUserData(poolUserData(fleets.default, "h100", { generation: 3 })),
    );
  });

  test("are born again with a new generation of the trust: machines fetch their secrets once", () => {
    const of = (generation: number) =>
      ofType(awsStack(fleets.default, { trust: trustOf(generation) }), "aws_launch_template")["Pools_l4_Template"];
    expect(of(3)?.["user_data"]).toBe(of(3)?.["user_data"]);
    expect(of(4)?.["user_data"]).not.toBe(of(3)?.["user_data"]);
  });

  test("hand their tags to their machines", () => {
    expect(groups["Pools_h100"]?.["tag"]).toContainEqual({
      key: "steppe:pool",
      value: "h100",
      propagate_at_launch: true,
    });
    expect(groups["Pools_h100"]?.["tag"]).toContainEqual({ key: "team", value: "platform", propagate_at_launch: true });
  });

  test("are rolled, one machine in ten at most, and none is left without its hook", () => {
    for (const [id, group] of Object.entries(groups)) {
      expect(group["instance_refresh"]).toEqual({
        strategy: "Rolling",
        preferences: { min_healthy_percentage: 90, max_healthy_percentage: 100, skip_matching: true },
      });
      const hook = ofType(stacks.default, "aws_autoscaling_lifecycle_hook")[`${id}_Drain`];
      expect(hook?.["autoscaling_group_name"]).toContain(`${id}_`);
    }
  });

  test.each([
    [0, 60],
    [120, 180],
    [86_400, 7200],
  ])("hold a machine that is to go until it has drained: %d s", (drainSeconds, heartbeat) => {
    const hook = ofType(spoilt("pools.h100.drainSeconds", drainSeconds), "aws_autoscaling_lifecycle_hook")[
      "Pools_h100_Drain"
    ];
    expect(hook).toMatchObject({
      lifecycle_transition: "autoscaling:EC2_INSTANCE_TERMINATING",
      heartbeat_timeout: heartbeat,
      default_result: "CONTINUE",
    });
  });

  test.each(["pools.h100.retired", "sites.cloud.retired"])(
    "that are retired are emptied, and keep their hook: %s",
    (path) => {
      const stack = spoilt(path, { reason: "too old" });
      expect(ofType(stack, "aws_autoscaling_group")["Pools_h100"]).toMatchObject({
        min_size: 0,
        max_size: 0,
        desired_capacity: 0,
      });
      expect(ofType(stack, "aws_autoscaling_lifecycle_hook")).toHaveProperty(["Pools_h100_Drain"]);
    },
  );
});

describe("AwsMachines", () => {
  const deliveries = ofType(stacks.default, "terraform_data");

  test("deliver the bundle to servers by their names in the tailnet, one after the other, and to a new machine again", () => {
    const names = [1, 2, 3].map((n) => `small-cloud-${n}`);
    expect(Object.keys(deliveries).filter((id) => id.endsWith("_Delivery"))).toEqual(
      names.map((name) => `${name}_Delivery`),
    );
    const second = deliveries["small-cloud-2_Delivery"] as Attributes & { provisioner: Record<string, Attributes>[] };
    expect(second.provisioner.map((step) => Object.keys(step)[0])).toEqual([
      "remote-exec",
      "file",
      "file",
      "remote-exec",
    ]);
    for (const step of second.provisioner)
      expect(Object.values(step)[0]?.["connection"]).toMatchObject({
        host: "small-cloud-2.tail0.ts.net",
        user: "admin",
        port: 22,
        host_key: "ssh-ed25519 unknown",
      });
    expect(second["depends_on"]).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^aws_volume_attachment\..*small-cloud-2_Attachment/),
        expect.stringMatching(/^terraform_data\..*small-cloud-1_Delivery/),
      ]),
    );
    expect(second["triggers_replace"]).toMatchObject({
      machine: expect.stringMatching(/^\$\{aws_instance\..*small-cloud-2_Machine_[0-9A-F]+\.id\}$/),
      trust: "generation 3",
    });
  });

  test("refuse user data that EC2 would not take, all at once", () => {
    const noise = Array.from({ length: 4000 }, (_, index) => (index * 2_654_435_761).toString(36)).join("");
    const meta = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`m${index}`, noise.slice(index * 3000)]));
    const both = spoil(spoil(awsFleet(), "pools.l4.nodeMeta", meta), "pools.batch.nodeMeta", meta);
    expect(() => awsStack(both)).toThrow(/pools\.l4: has user data of \d{5} bytes[^]*pools\.batch: has user data/);
  });

  test("let machines that their cloud vouches for ask for a token, and give them the tailnet's name for them", () => {
    const join = {
      kind: "workload-identity",
      issuer: "https://abc.tokens.sts.global.api.aws",
      subject: "arn:aws:iam::1:role/x",
    };
    const stack = awsStack(spoil(awsFleet(), "pools.l4.join", join));
    expect(ofType(stack, "aws_iam_role_policy")["Pools_l4_Role_own-token"]).toBeDefined();
    expect(ofType(stacks.default, "aws_iam_role_policy")["Pools_l4_Role_own-token"]).toBeUndefined();
    expect(ofType(stack, "aws_launch_template")["Pools_l4_Template"]?.["user_data"]).toMatch(
      /^\$\{base64gzip\(local\.[\w-]+\)\}$/,
    );
  });
});

describe("AwsSecrets", () => {
  test("has an entry per identity, written through write-only arguments", () => {
    expect(Object.values(ofType(stacks.default, "aws_secretsmanager_secret")).map(({ name }) => name)).toEqual(
      ["client-arm", "client-batch", "client-h100", "client-l4", "server-cloud"].map((identity) => `small/${identity}`),
    );
    expect(ofType(stacks.default, "aws_secretsmanager_secret_version")["Secrets_client-l4_Value"]).toMatchObject({
      secret_string_wo: "${var.secrets_client_l4}",
      secret_string_wo_version: 3,
    });
    for (const value of each(stacks.default, "aws_secretsmanager_secret_version"))
      expect(value["secret_string"]).toBeUndefined();
  });

  test("takes its values from ephemeral variables", () => {
    const variables = Object.entries(stacks.default.variable ?? {});
    expect(variables.map(([name, { ephemeral }]) => [name, ephemeral])).toEqual(
      ["client_arm", "client_batch", "client_h100", "client_l4", "server_cloud"].map((name) => [
        `secrets_${name}`,
        true,
      ]),
    );
  });

  test("nothing is made before the gate has let an apply through", () => {
    const waits = Object.entries(stacks.everything.resource ?? {})
      .filter(([type]) => type !== "terraform_data")
      .flatMap(([, byId]) => Object.values(byId).map(({ depends_on }) => depends_on as string[]));
    expect(waits.length).toBeGreaterThan(80);
    expect(
      waits.filter((on) => !on.some((address) => address.startsWith("terraform_data.Machines_Secrets_Gate"))),
    ).toEqual([]);
  });

  test("without a trust is of generation 0", () => {
    const versions = each(stacks.existing, "aws_secretsmanager_secret_version").map(
      (value) => value["secret_string_wo_version"],
    );
    expect(versions).toEqual(Array(5).fill(0));
  });

  test("no machine boots before its secret is there", () => {
    for (const machine of each(stacks.default, "aws_instance"))
      expect(machine["depends_on"]).toContainEqual(
        expect.stringContaining("aws_secretsmanager_secret_version.Machines_Secrets_server-cloud_Value"),
      );
    expect(ofType(stacks.default, "aws_autoscaling_group")["Pools_l4"]?.["depends_on"]).toContainEqual(
      expect.stringContaining("aws_secretsmanager_secret_version.Machines_Secrets_client-l4_Value"),
    );
  });
});

test("ids come from names: a changed one replaces what it stands for", () => {
  const ids = Object.entries(stacks.everything.resource ?? {}).flatMap(([type, byId]) =>
    Object.keys(byId).map((id) => `${type}.${id}`),
  );
  expect(
    ids.filter((id) => !/Pools_(l4|batch|arm)|eu-central-1[bc]|small-cloud-[23]|client-(l4|batch|arm)/.test(id)),
  ).toMatchSnapshot();
});
