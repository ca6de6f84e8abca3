import { examineReachability } from "../../../review/findings/reachability";
import type { Json } from "../../../review/json";
import { synthSubject } from "../../../review/subject";
import type { Fleet, Region } from "../../../model/types";
import { awsFleet, type Mutable } from "../../helpers/fleet";
import { synthesizeFleet } from "../../helpers/synth";
import { idsOf, saidOf } from "./subjects";

const ingress = (body: object) => ({
  aws_vpc_security_group_ingress_rule: {
    In: {
      security_group_id: "${aws_security_group.Web.id}",
      ip_protocol: "tcp",
      from_port: 443,
      to_port: 443,
      ...body,
    },
  },
});
const said = (before: Record<string, Record<string, Json>>, after: Record<string, Record<string, Json>>) =>
  saidOf(examineReachability, { resources: before }, { resources: after });

describe("security groups", () => {
  const office = ingress({ cidr_ipv4: "198.51.100.0/24" });

  test("opened to the internet block; to others they warn", () => {
    expect(said(office, ingress({ cidr_ipv4: "0.0.0.0/0" }))).toEqual([
      "blocking reachability/public: aws_vpc_security_group_ingress_rule.In lets in 0.0.0.0/0 on tcp 443, which it did not before",
    ]);
    expect(said(office, ingress({ cidr_ipv6: "::/0" }))[0]).toMatch(/^blocking/);
    expect(said(office, ingress({ cidr_ipv4: "198.51.0.0/16" }))[0]).toMatch(/^warning reachability\/public/);
  });

  test("wider by one port are told with that port", () => {
    expect(said(office, ingress({ cidr_ipv4: "198.51.100.0/24", to_port: 444 }))).toEqual([
      "warning reachability/public: aws_vpc_security_group_ingress_rule.In lets in 198.51.100.0/24 on tcp 444, which it did not before",
    ]);
  });

  test("narrower, or under another name, open nothing", () => {
    expect(said(office, ingress({ cidr_ipv4: "198.51.100.128/25" }))).toEqual([]);
    const renamed = { aws_vpc_security_group_ingress_rule: { Out: office.aws_vpc_security_group_ingress_rule.In } };
    expect(said(office, renamed)).toEqual([]);
    expect(said(office, ingress({ cidr_ipv4: "198.51.100.0/24", description: "office" }))).toEqual([]);
  });

  test("are read inline too, and of every protocol", () => {
    const group = (block: object) => ({
      aws_security_group: {
        Web: { ingress: [{ protocol: "tcp", from_port: 80, to_port: 80, cidr_blocks: ["10.0.0.0/8"], ...block }] },
      },
    });
    expect(said(group({}), group({ protocol: "-1", from_port: 0, to_port: 0 }))[0]).toContain(
      "10.0.0.0/8 on everything",
    );
    expect(said(group({}), group({ cidr_blocks: ["10.0.0.0/8", "0.0.0.0/0"] }))[0]).toMatch(/^blocking/);
    expect(said(group({}), group({ cidr_blocks: ["10.1.0.0/16"] }))).toEqual([]);
  });

  test("leave the tailnet's own port to everybody", () => {
    const open = ingress({ ip_protocol: "udp", from_port: 41641, to_port: 41641, cidr_ipv4: "0.0.0.0/0" });
    expect(said({}, open)[0]).toMatch(/^notice reachability\/public/);
    const wider = ingress({ ip_protocol: "udp", from_port: 41641, to_port: 41642, cidr_ipv4: "0.0.0.0/0" });
    expect(said(open, wider)[0]).toContain(
      "blocking reachability/public: aws_vpc_security_group_ingress_rule.In lets in 0.0.0.0/0 on udp 41642",
    );
  });
});

describe("firewalls of Google Cloud", () => {
  const rule = (body: object) => ({
    google_compute_firewall: {
      In: {
        network: "n",
        direction: "INGRESS",
        allow: [{ protocol: "tcp", ports: ["8000-8010"] }],
        source_ranges: ["10.0.0.0/8"],
        ...body,
      },
    },
  });

  test("opened are told", () => {
    const wider = rule({ allow: [{ protocol: "tcp", ports: ["8000-8011"] }] });
    expect(said(rule({}), wider)).toEqual([
      "warning reachability/opened: google_compute_firewall.In lets in 10.0.0.0/8 on tcp 8011, which it did not before",
    ]);
    expect(said(rule({}), rule({ source_ranges: ["0.0.0.0/0"] }))[0]).toMatch(/^blocking reachability\/public/);
    expect(said(rule({ disabled: true }), rule({}))).toHaveLength(1);
  });

  test("in another order open nothing", () => {
    const two = (...ports: string[]) => rule({ allow: [{ protocol: "tcp", ports }] });
    expect(said(two("80", "443"), two("443", "80"))).toEqual([]);
    expect(said(two("80", "443"), two("80"))).toEqual([]);
  });

  test("that keep others out must go on doing so", () => {
    const deny = rule({ allow: undefined, deny: [{ protocol: "all" }], source_ranges: ["0.0.0.0/0"] });
    expect(idsOf(examineReachability, { resources: deny }, {})).toEqual([
      "blocking reachability/public google_compute_firewall.In",
    ]);
    const described = rule({
      allow: undefined,
      deny: [{ protocol: "all" }],
      source_ranges: ["0.0.0.0/0"],
      description: "x",
    });
    expect(said(deny, described)).toEqual([]);
  });
});

describe("buckets and load balancers", () => {
  const guard = { bucket: "${aws_s3_bucket.Data.id}", block_public_acls: true, block_public_policy: true };
  const bucket = { aws_s3_bucket: { Data: { bucket: "data" } } };
  const guarded = (body: Json) => ({ ...bucket, aws_s3_bucket_public_access_block: { Guard: body } });

  test("that lose what kept the internet out block", () => {
    expect(said(guarded(guard), guarded({ ...guard, block_public_policy: false }))).toEqual([
      "blocking reachability/public: aws_s3_bucket_public_access_block.Guard no longer says block_public_policy = true, which kept it from the internet",
    ]);
    expect(said(guarded(guard), bucket)[0]).toMatch(/^blocking reachability\/public/);
    expect(said({ aws_lb: { Web: { internal: true } } }, { aws_lb: { Web: { internal: false } } })[0]).toMatch(
      /^blocking/,
    );
  });

  test("may go with their guard, or get one more", () => {
    expect(said(guarded(guard), {})).toEqual([]);
    expect(said(guarded(guard), guarded({ ...guard, ignore_public_acls: true }))).toEqual([]);
  });

  test("that listen on another port are told, new ones with all that is theirs are not", () => {
    const listener = (port: number) => ({
      aws_lb: { Web: { internal: false } },
      aws_lb_listener: { Http: { load_balancer_arn: "${aws_lb.Web.arn}", port } },
    });
    expect(said(listener(443), listener(80))).toEqual([
      "warning reachability/public: aws_lb_listener.Http listens on port 80 instead of 443",
    ]);
    expect(said({}, listener(443))).toEqual([]);
  });
});

describe("external access of a region", () => {
  const access = { allowedCidrs: ["198.51.100.0/24"], domain: "nomad.example.com" };
  const withAccess = (more?: object): Fleet => {
    const fleet = awsFleet();
    if (more !== undefined) (fleet.regions["cloud"] as Mutable<Region>).externalAccess = { ...access, ...more };
    return fleet;
  };
  const snapshot = (fleet: Fleet) => ({
    fleet,
    stacks: [...synthesizeFleet(fleet)].map(([name, document]) => ({ name, document, dependencies: [] })),
  });
  const found = (before: Fleet, after: Fleet) =>
    examineReachability(synthSubject(snapshot(before), snapshot(after))).map(
      ({ severity, id, resource, reason }) => `${severity} ${id}: ${resource} ${reason}`,
    );

  test("is one finding, with all that is made for it", () => {
    expect(found(withAccess(), withAccess({}))).toEqual([
      "warning reachability/public: regions.cloud.externalAccess lets 198.51.100.0/24 reach Nomad's API of the region from outside the tailnet, on port 4646",
    ]);
  });

  test("for more ranges is told with those, and for fewer not at all", () => {
    const more = withAccess({ allowedCidrs: ["198.51.100.0/24", "203.0.113.7/32"] });
    expect(found(withAccess({}), more)).toEqual([
      "warning reachability/public: regions.cloud.externalAccess lets 203.0.113.7/32 reach Nomad's API of the region from outside the tailnet, on port 4646",
    ]);
    expect(found(more, withAccess({}))).toEqual([]);
  });
});
