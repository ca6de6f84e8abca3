import { type Attributes, awsFleets, awsStack, ofType, theOnly } from "../../helpers/aws";
import { awsFleet, externalFleet, spoil } from "../../helpers/fleet";
import type { StackDocument } from "../../helpers/synth";
import type { Fleet } from "../../../model/types";

const spoilt = (...changes: readonly (readonly [path: string, value: unknown])[]) =>
  awsStack(changes.reduce<Fleet>((fleet, [path, value]) => spoil(fleet, path, value), externalFleet()));

const stack = awsStack(externalFleet());
const ACCESS = "regions.cloud.externalAccess";

/** Addresses of what a site has for external access, without the hash that cdktf adds. */
const accessIds = (of: StackDocument) =>
  Object.keys(of.resource ?? {}).flatMap((type) =>
    Object.keys(ofType(of, type))
      .filter((id) => id.startsWith("Access-"))
      .map((id) => `${type}.${id}`),
  );

/** A reference without hash: `aws_lb.Access-cloud.arn`. */
const plain = (reference: unknown) =>
  String(reference)
    .replace(/^\$\{(.*)\}$/, "$1")
    .replace("Machines_", "")
    .replace(/_[0-9A-F]{8}\./, ".");

/** Rules of security groups as lines: who is let where. */
function rules(of: StackDocument): string[] {
  const lines = (kind: "ingress" | "egress") =>
    Object.values(ofType(of, `aws_vpc_security_group_${kind}_rule`))
      .filter(({ security_group_id }) => plain(security_group_id).includes("Access-"))
      .map((rule) => {
        const group = plain(rule["security_group_id"]).split(/[_.]/).at(-2);
        const other =
          (rule["cidr_ipv4"] as string | undefined) ?? plain(rule["referenced_security_group_id"]).split(/[_.]/).at(-2);
        const ports = `${String(rule["ip_protocol"])} ${String(rule["from_port"])}-${String(rule["to_port"])}`;
        return kind === "ingress" ? `${other} > ${group}: ${ports}` : `${group} > ${other}: ${ports} (out)`;
      });
  return [...lines("ingress"), ...lines("egress")].sort();
}

describe("without external access", () => {
  test.each(Object.entries({ ...awsFleets(), default: awsFleet(), external: undefined }))(
    "site %s has nothing of it",
    (_, fleet) => {
      const plainSite = awsStack(fleet ?? spoil(spoil(externalFleet(), "globalAccess", undefined), ACCESS, undefined));
      expect(accessIds(plainSite)).toEqual([]);
      expect(Object.keys(plainSite.resource ?? {}).filter((type) => /aws_lb|route53/.test(type))).toEqual([]);
      expect(plainSite["output"]).toBeUndefined();
      for (const { vpc_security_group_ids } of Object.values(ofType(plainSite, "aws_instance")))
        expect(vpc_security_group_ids).toHaveLength(1);
    },
  );
});

describe("AwsExternalAccess", () => {
  test("lets in the fleet's ranges alone, to one port, and from there to the servers alone", () => {
    expect(rules(stack)).toEqual([
      "198.51.100.0/24 > Balancer: tcp 4646-4646",
      "203.0.113.7/32 > Balancer: tcp 4646-4646",
      "Balancer > Servers: tcp 4646-4646",
      "Balancer > Servers: tcp 4646-4646 (out)",
      "Balancer > Servers: tcp 4649-4649",
      "Balancer > Servers: tcp 4649-4649 (out)",
    ]);
  });

  test("opens to everybody only what the fleet says", () => {
    const open = [ACCESS, { allowedCidrs: ["0.0.0.0/0"], fromAnywhere: { reason: "roaming" } }] as const;
    const from = (of: StackDocument) => rules(of).filter((rule) => rule.includes("0.0.0.0/0"));
    expect(from(stack)).toEqual([]);
    expect(from(spoilt(open))).toEqual(["0.0.0.0/0 > Balancer: tcp 4646-4646"]);
  });

  test("moves the port of the load balancer, not that of the servers", () => {
    const moved = spoilt([`${ACCESS}.port`, 443], ["regions.ohio.externalAccess.port", 443]);
    expect(theOnly(moved, "aws_lb_listener")).toMatchObject({ port: 443 });
    expect(theOnly(moved, "aws_lb_target_group")).toMatchObject({ port: 4646 });
    expect(rules(moved).slice(0, 3)).toEqual([
      "198.51.100.0/24 > Balancer: tcp 443-443",
      "203.0.113.7/32 > Balancer: tcp 443-443",
      "Balancer > Servers: tcp 4646-4646",
    ]);
  });

  test("passes TLS on: TCP in, TCP out, no certificate of its own", () => {
    const listener = theOnly(stack, "aws_lb_listener");
    expect(listener).toMatchObject({ protocol: "TCP", port: 4646 });
    expect(Object.keys(listener).filter((key) => /cert|ssl|alpn|mutual/.test(key))).toEqual([]);
    expect(theOnly(stack, "aws_lb_target_group")).toMatchObject({
      protocol: "TCP",
      port: 4646,
      target_type: "instance",
      preserve_client_ip: "false",
    });
    expect(Object.keys(stack.resource ?? {}).filter((type) => /acm|certificate/.test(type))).toEqual([]);
  });

  test("asks each server how it is, by Nomad's own path", () => {
    expect(theOnly(stack, "aws_lb_target_group")["health_check"]).toEqual({
      protocol: "HTTP",
      path: "/v1/agent/health",
      port: "4649",
      matcher: "200",
      interval: 10,
      timeout: 6,
      healthy_threshold: 2,
      unhealthy_threshold: 2,
    });
  });

  test("stands in every zone, sends to every server, and not before there is a way to the internet", () => {
    const balancer = theOnly(stack, "aws_lb");
    expect(balancer).toMatchObject({
      name: "nomad-small-cloud",
      load_balancer_type: "network",
      internal: false,
      enable_cross_zone_load_balancing: true,
      enable_deletion_protection: true,
    });
    expect((balancer["subnets"] as string[]).map(plain)).toEqual(
      ["a", "b", "c"].map((zone) => `aws_subnet.Network_eu-central-1${zone}_Machines.id`),
    );
    expect((balancer["security_groups"] as string[]).map(plain)).toEqual([
      "aws_security_group.Access-cloud_Firewall_Balancer.id",
    ]);
    expect(balancer["depends_on"]).toContainEqual(expect.stringContaining("aws_route.Machines_Network_Routes_Public"));
    const targets = Object.values(ofType(stack, "aws_lb_target_group_attachment"));
    expect(targets.map(({ target_id }) => plain(target_id))).toEqual(
      [1, 2, 3].map((n) => `aws_instance.Servers-cloud_small-cloud-${n}_Machine.id`),
    );
  });

  test("opens servers, and no machine of a pool", () => {
    for (const { vpc_security_group_ids } of Object.values(ofType(stack, "aws_instance")))
      expect((vpc_security_group_ids as string[]).map(plain)).toEqual([
        "aws_security_group.Network_Machines.id",
        "aws_security_group.Access-cloud_Firewall_Servers.id",
      ]);
    for (const template of Object.values(ofType(stack, "aws_launch_template")))
      expect(JSON.stringify(template)).not.toContain("Access-");
  });

  test("is not protected where its servers are disposable", () => {
    const stack = spoilt(["regions.cloud.servers.disposable", { reason: "a test fleet" }]);
    expect(theOnly(stack, "aws_lb")).toMatchObject({ enable_deletion_protection: false });
  });

  test("uses the public subnets of NAT gateways where machines have private ones", () => {
    const { sites } = awsFleets().everything;
    expect((theOnly(spoilt(["sites.cloud", sites["cloud"]]), "aws_lb")["subnets"] as string[]).map(plain)).toEqual(
      ["a", "b", "c"].map((zone) => `aws_subnet.Network_eu-central-1${zone}_Nat.id`),
    );
  });

  test("uses the subnets that the fleet names in a VPC with private ones", () => {
    const { sites } = awsFleets().existing;
    const named = spoilt(["sites.cloud", sites["cloud"]], [`${ACCESS}.subnetIds`, ["subnet-89abcdef"]]);
    expect(theOnly(named, "aws_lb")["subnets"]).toEqual(["subnet-89abcdef"]);
  });

  test.each([[`${ACCESS}.retired`], ["regions.cloud.retired"], ["sites.cloud.retired"]])(
    "leaves a bare load balancer that may be destroyed: %s",
    (path) => {
      const stack = spoilt(["globalAccess", undefined], [path, { reason: "everybody is in the tailnet now" }]);
      expect(accessIds(stack)).toEqual(["aws_lb.Access-cloud", "aws_security_group.Access-cloud_Firewall_Balancer"]);
      expect(theOnly(stack, "aws_lb")).toMatchObject({ enable_deletion_protection: false });
      expect(rules(stack)).toEqual([]);
    },
  );
});

describe("DNS", () => {
  const records = (of: StackDocument) => ofType(of, "aws_route53_record");
  const global = (of: StackDocument) => records(of)["Access-cloud_GlobalRecord"];

  test("the region's name and the fleet's lead to the load balancer while it knows a healthy server", () => {
    expect(Object.keys(records(stack))).toEqual(["Access-cloud_GlobalRecord", "Access-cloud_Record"]);
    for (const { alias } of Object.values(records(stack))) {
      expect(alias).toMatchObject({ evaluate_target_health: true });
      expect(plain((alias as Attributes)["name"])).toBe("aws_lb.Access-cloud.dns_name");
    }
    expect(records(stack)["Access-cloud_Record"]).toMatchObject({ name: "cloud.example.com", type: "A" });
  });

  test("by latency: each region says where it is", () => {
    expect(global(stack)).toMatchObject({
      name: "nomad.example.com",
      zone_id: "Z0123456789ABCDEFGHIJ",
      set_identifier: "small-cloud",
      latency_routing_policy: { region: "eu-central-1" },
    });
  });

  test.each([
    ["cloud", "ohio", "PRIMARY"],
    ["ohio", "cloud", "SECONDARY"],
  ])("by failover from %s to %s: cloud is %s", (primary, secondary, type) => {
    const record = global(spoilt(["globalAccess.routing", { failover: { primary, secondary } }]));
    expect(record).toMatchObject({ failover_routing_policy: { type } });
    expect(record?.["latency_routing_policy"]).toBeUndefined();
  });

  test("a name whose zone is elsewhere has no record", () => {
    const stack = spoilt([`${ACCESS}.zone`, undefined], ["globalAccess", undefined]);
    expect(records(stack)).toEqual({});
    expect(stack["output"]).toMatchObject({ "external-access-cloud": { value: expect.stringContaining(".dns_name") } });
  });
});

test("ids come from names: a changed one replaces what it stands for", () => {
  expect(accessIds(stack)).toMatchInlineSnapshot(`
   [
     "aws_lb.Access-cloud",
     "aws_lb_listener.Access-cloud_Listener",
     "aws_lb_target_group.Access-cloud_Targets",
     "aws_lb_target_group_attachment.Access-cloud_Target-small-cloud-1",
     "aws_lb_target_group_attachment.Access-cloud_Target-small-cloud-2",
     "aws_lb_target_group_attachment.Access-cloud_Target-small-cloud-3",
     "aws_route53_record.Access-cloud_GlobalRecord",
     "aws_route53_record.Access-cloud_Record",
     "aws_security_group.Access-cloud_Firewall_Balancer",
     "aws_security_group.Access-cloud_Firewall_Servers",
     "aws_vpc_security_group_egress_rule.Access-cloud_Firewall_ToApi",
     "aws_vpc_security_group_egress_rule.Access-cloud_Firewall_ToHealth",
     "aws_vpc_security_group_ingress_rule.Access-cloud_Firewall_Api",
     "aws_vpc_security_group_ingress_rule.Access-cloud_Firewall_From-198-51-100-0-24",
     "aws_vpc_security_group_ingress_rule.Access-cloud_Firewall_From-203-0-113-7-32",
     "aws_vpc_security_group_ingress_rule.Access-cloud_Firewall_Health",
   ]
  `);
});
