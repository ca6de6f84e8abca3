import { paths } from "../../../constructs/machine/paths";
import { serverBundle } from "../../../constructs/machine/bundle";
import type { Fleet } from "../../../model/types";
import { type Attributes, ofType, theOnly } from "../../helpers/aws";
import { gcpExternalFleet, gcpFleet, spoil } from "../../helpers/fleet";
import { gcpFleets, gcpStack } from "../../helpers/gcp";
import type { StackDocument } from "../../helpers/synth";

const ACCESS = "regions.cloud.externalAccess";
type Change = readonly [path: string, value: unknown];
const changed = (...changes: readonly Change[]) =>
  changes.reduce<Fleet>((fleet, [path, value]) => spoil(fleet, path, value), gcpExternalFleet());
const spoilt = (...changes: readonly Change[]) => gcpStack(changed(...changes));
const stack = gcpStack(gcpExternalFleet());

/** Addresses of what a site has for external access, without the hash that cdktf adds. */
const accessIds = (of: StackDocument) =>
  Object.keys(of.resource ?? {}).flatMap((type) =>
    Object.keys(ofType(of, type))
      .filter((id) => id.startsWith("Access-"))
      .map((id) => `${type}.${id}`),
  );

/** A reference without hash: `google_compute_address.Access-cloud_Address.address`. */
const plain = (reference: unknown) =>
  String(reference)
    .replaceAll(/\$\{|\}/g, "")
    .replace("Machines_", "")
    .replace(/_[0-9A-F]{8}\./, ".");

/** Rules that let in, but for the tailnet's, as lines: from whom, to what, which ports. */
function rules(of: StackDocument): string[] {
  return Object.entries(ofType(of, "google_compute_firewall"))
    .filter(([, { allow }]) => allow !== undefined)
    .filter(([id]) => id !== "Network_Machines_Tailnet")
    .map(([, rule]) => {
      const [{ protocol, ports }] = rule["allow"] as [{ protocol: string; ports: string[] }];
      const to = (rule["destination_ranges"] as string[] | undefined)?.map(plain) ?? ["any address"];
      const from = (rule["source_ranges"] as string[]).join(" ");
      return `${from} > ${to.join(" ")} of ${String(rule["target_tags"])}: ${protocol} ${ports.join(" ")}`;
    });
}
const LOAD_BALANCER = "google_compute_address.Access-cloud_Address.address/32";
const CHECKED = "35.191.0.0/16 209.85.152.0/22 209.85.204.0/22 > any address of small-cloud-access: tcp 4649" as const;

describe("without external access", () => {
  test.each(Object.entries(gcpFleets()))("site %s has nothing of it", (_, fleet) => {
    const closed = gcpStack(fleet);
    expect(accessIds(closed)).toEqual([]);
    expect(rules(closed)).toEqual([]);
    expect(closed["output"]).toBeUndefined();
    for (const { tags } of Object.values(ofType(closed, "google_compute_instance")))
      expect(tags).toEqual(["small-cloud"]);
  });
});

describe("GcpExternalAccess", () => {
  test("lets in the fleet's ranges through the load balancer, at one port, and Google's health checkers, to servers alone", () => {
    expect(rules(stack)).toEqual([
      `198.51.100.0/24 203.0.113.7/32 > ${LOAD_BALANCER} of small-cloud-access: tcp 4646`,
      CHECKED,
    ]);
    for (const { priority } of ["Callers", "Health"].map(
      (id) => ofType(stack, "google_compute_firewall")[`Access-cloud_Firewall_${id}`] as Attributes,
    ))
      expect(priority).toBeLessThan(1000);
  });

  test("opens to everybody only what the fleet says", () => {
    const open = [ACCESS, { allowedCidrs: ["0.0.0.0/0"], fromAnywhere: { reason: "roaming" } }] as const;
    expect(rules(stack).join()).not.toContain("0.0.0.0/0");
    expect(rules(spoilt(open))).toEqual([`0.0.0.0/0 > ${LOAD_BALANCER} of small-cloud-access: tcp 4646`, CHECKED]);
  });

  test("opens servers of the region, and no machine of a pool", () => {
    for (const { tags } of Object.values(ofType(stack, "google_compute_instance")))
      expect(tags).toEqual(["small-cloud", "small-cloud-access"]);
    for (const { tags } of Object.values(ofType(stack, "google_compute_region_instance_template")))
      expect(tags).toEqual(["small-cloud"]);
  });

  test("makes rules in the network's project, and all else in the site's", () => {
    const shared = spoilt(["sites.cloud", gcpFleets().existing.sites["cloud"]]);
    const projects = Object.fromEntries(
      Object.keys(shared.resource ?? {}).flatMap((type) =>
        Object.entries(ofType(shared, type))
          .filter(([id]) => id.startsWith("Access-"))
          .map(([, { project }]) => [type, project]),
      ),
    );
    expect(projects["google_compute_firewall"]).toBe("acme-network");
    expect(new Set(Object.values({ ...projects, google_compute_firewall: "acme-fleet" }))).toEqual(
      new Set(["acme-fleet"]),
    );
    expect(Object.values(ofType(shared, "google_compute_instance_group"))[0]).toMatchObject({
      network: "projects/acme-network/global/networks/shared",
    });
  });

  test("passes TCP on: no certificate, no proxy", () => {
    expect(theOnly(stack, "google_compute_forwarding_rule")).toMatchObject({
      name: "small-cloud-access",
      region: "europe-west4",
      load_balancing_scheme: "EXTERNAL",
      ip_protocol: "TCP",
      ports: ["4646"],
      labels: { team: "platform", "steppe-fleet": "small", "steppe-region": "cloud" },
    });
    expect(theOnly(stack, "google_compute_region_backend_service")).toMatchObject({
      load_balancing_scheme: "EXTERNAL",
      protocol: "TCP",
    });
    expect(Object.keys(stack.resource ?? {}).filter((type) => /proxy|certificate|url_map/.test(type))).toEqual([]);
  });

  test("is not there before its rules", () => {
    const waits = (theOnly(stack, "google_compute_forwarding_rule")["depends_on"] as string[]).map((id) =>
      id.replace(/_[0-9A-F]{8}$/, ""),
    );
    expect(waits).toEqual(
      expect.arrayContaining(
        ["Callers", "Health"].map((id) => `google_compute_firewall.Machines_Access-cloud_Firewall_${id}`),
      ),
    );
  });

  test("asks each server how it is, by Nomad's own path", () => {
    expect(theOnly(stack, "google_compute_region_health_check")).toMatchObject({
      region: "europe-west4",
      http_health_check: { port: 4649, request_path: "/v1/agent/health" },
      check_interval_sec: 10,
      timeout_sec: 6,
      healthy_threshold: 2,
      unhealthy_threshold: 2,
    });
    const [check] = theOnly(stack, "google_compute_region_backend_service")["health_checks"] as string[];
    expect(plain(check)).toBe("google_compute_region_health_check.Access-cloud_Health.self_link");
  });

  test("sends to every server, in a group of its zone", () => {
    const groups = ofType(stack, "google_compute_instance_group");
    expect(Object.values(groups).map(({ zone, instances }) => [zone, instances])).toEqual(
      ["a", "b", "c"].map((zone) => [`europe-west4-${zone}`, undefined]),
    );
    const backends = theOnly(stack, "google_compute_region_backend_service")["backend"] as Attributes[];
    expect(backends.map(({ group, balancing_mode }) => [plain(group), balancing_mode])).toEqual(
      ["a", "b", "c"].map((zone) => [
        `google_compute_instance_group.Access-cloud_Group-europe-west4-${zone}.self_link`,
        "CONNECTION",
      ]),
    );
    const members = Object.values(ofType(stack, "google_compute_instance_group_membership"));
    expect(members.map(({ zone, instance, instance_group }) => [zone, plain(instance), plain(instance_group)])).toEqual(
      [1, 2, 3].map((n) => [
        `europe-west4-${"abc"[n - 1]}`,
        `google_compute_instance.Servers-cloud_small-cloud-${n}_Machine.self_link`,
        `google_compute_instance_group.Access-cloud_Group-europe-west4-${"abc"[n - 1]}.name`,
      ]),
    );
  });

  test("takes a server that was made anew, and lets go of none that was only changed", () => {
    const members = Object.values(ofType(stack, "google_compute_instance_group_membership"));
    const triggers = members.map(({ lifecycle }) => (lifecycle as Attributes)["replace_triggered_by"] as string[]);
    expect(triggers.join()).not.toContain("${");
    expect(triggers.map((of) => of.map(plain))).toEqual(
      [1, 2, 3].map((n) => [`google_compute_instance.Servers-cloud_small-cloud-${n}_Machine.instance_id`]),
    );
  });

  test("puts several servers of a zone into one group", () => {
    const one = spoilt(["sites.cloud.zones", ["europe-west4-b"]], ["pools.h100.zones", undefined]);
    expect(Object.keys(ofType(one, "google_compute_instance_group"))).toEqual(["Access-cloud_Group-europe-west4-b"]);
    expect(Object.keys(ofType(one, "google_compute_instance_group_membership"))).toHaveLength(3);
  });

  test("keeps its address, unless the servers are disposable", () => {
    expect(theOnly(stack, "google_compute_address")).toMatchObject({
      name: "small-cloud-access",
      address_type: "EXTERNAL",
      region: "europe-west4",
      lifecycle: { prevent_destroy: true },
    });
    const disposable = spoilt(["regions.cloud.servers.disposable", { reason: "a test fleet" }]);
    expect(theOnly(disposable, "google_compute_address")).not.toHaveProperty("lifecycle");
  });

  test("moves its port, for callers, the firewall and the servers", () => {
    const moved = changed([`${ACCESS}.port`, 443]);
    expect(theOnly(gcpStack(moved), "google_compute_forwarding_rule")).toMatchObject({ ports: ["443"] });
    expect(rules(gcpStack(moved))[0]).toMatch(/: tcp 443$/);
    const opener = (fleet: Fleet) =>
      serverBundle(fleet, "cloud").files.find(({ path }) => path === `${paths.library}/access`)?.content;
    expect(opener(moved)).toContain('access-passthrough up "$address" 443 ||');
    expect(opener(gcpExternalFleet())).toContain('access-passthrough up "$address" 4646 ||');
  });

  test.each([[`${ACCESS}.retired`], ["regions.cloud.retired"], ["sites.cloud.retired"]])(
    "leaves a bare address that may be released: %s",
    (path) => {
      const retired = spoilt([path, { reason: "everybody is in the tailnet now" }]);
      expect(accessIds(retired)).toEqual(["google_compute_address.Access-cloud_Address"]);
      expect(theOnly(retired, "google_compute_address")).not.toHaveProperty("lifecycle");
      expect(rules(retired)).toEqual([]);
      for (const { tags } of Object.values(ofType(retired, "google_compute_instance")))
        expect(tags).toEqual(["small-cloud"]);
    },
  );
});

describe("DNS", () => {
  test("the region's name leads to the load balancer", () => {
    const record = theOnly(stack, "google_dns_record_set");
    expect(record).toMatchObject({
      project: "acme-fleet",
      managed_zone: "example-com",
      name: "cloud.example.com.",
      type: "A",
      ttl: 60,
    });
    expect((record["rrdatas"] as string[]).map(plain)).toEqual(["google_compute_address.Access-cloud_Address.address"]);
  });

  test("is where the zone is", () => {
    const elsewhere = spoilt([`${ACCESS}.zone.project`, "acme-dns"]);
    expect(theOnly(elsewhere, "google_dns_record_set")).toMatchObject({ project: "acme-dns" });
  });

  test("a name whose zone is elsewhere has no record, and the address is told", () => {
    const stack = spoilt([`${ACCESS}.zone`, undefined]);
    expect(ofType(stack, "google_dns_record_set")).toEqual({});
    const { value } = (stack["output"] as Record<string, Attributes>)["external-access-cloud"] as Attributes;
    expect(plain(value)).toBe("google_compute_address.Access-cloud_Address.address");
  });
});

describe("names", () => {
  test("are those that Google takes, whatever the fleet's", () => {
    const [fleet, region] = ["f".repeat(20), "r".repeat(30)];
    const { cloud, ...others } = gcpExternalFleet().regions;
    const pools = Object.fromEntries(
      Object.entries(gcpFleet().pools).map(([name, pool]) => [
        name,
        pool.region === "cloud" ? { ...pool, region } : pool,
      ]),
    );
    const long = gcpStack({
      ...gcpExternalFleet(),
      name: fleet,
      regions: { ...others, [region]: cloud as Fleet["regions"][string] },
      pools,
    });
    const names = Object.keys(long.resource ?? {}).flatMap((type) =>
      Object.entries(ofType(long, type))
        .filter(([id]) => id.startsWith("Access-"))
        .flatMap(([, { name }]) => (type !== "google_dns_record_set" && typeof name === "string" ? [name] : [])),
    );
    expect(names).toHaveLength(9);
    for (const name of names) expect(name).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });
});

test("ids come from names: a changed one replaces what it stands for", () => {
  expect(accessIds(stack)).toMatchInlineSnapshot(`
   [
     "google_compute_address.Access-cloud_Address",
     "google_compute_firewall.Access-cloud_Firewall_Callers",
     "google_compute_firewall.Access-cloud_Firewall_Health",
     "google_compute_forwarding_rule.Access-cloud",
     "google_compute_instance_group.Access-cloud_Group-europe-west4-a",
     "google_compute_instance_group.Access-cloud_Group-europe-west4-b",
     "google_compute_instance_group.Access-cloud_Group-europe-west4-c",
     "google_compute_instance_group_membership.Access-cloud_Member-small-cloud-1",
     "google_compute_instance_group_membership.Access-cloud_Member-small-cloud-2",
     "google_compute_instance_group_membership.Access-cloud_Member-small-cloud-3",
     "google_compute_region_backend_service.Access-cloud_Servers",
     "google_compute_region_health_check.Access-cloud_Health",
     "google_dns_record_set.Access-cloud_Record",
   ]
  `);
});
