import type { Fleet, Servers } from "../../../model/types";
import { readPlan } from "../../../review/source/plan";
import { planSubject } from "../../../review/subject";
import { awsFleet, gcpFleet, type Mutable, smallFleet, spoil } from "../../helpers/fleet";
import { commitOf, found, foundIn } from "./fleets";

const aws = { count: 3, machineType: "m7i.large" } as const;
const google = { count: 3, machineType: "n2-standard-2" } as const;

const cloud = (servers: Servers, fleet: Mutable<Fleet> = awsFleet()) =>
  commitOf(spoil(fleet, "regions.cloud.servers", servers));

test("servers whose bundle, image or type changes are not replaced", () => {
  const other = spoil(
    spoil(awsFleet(), "versions.nomad", "1.11.3"),
    "sites.cloud.images.amd64",
    "ami-0fedcba9876543219",
  );
  expect(
    found(
      cloud(aws),
      commitOf(spoil(other, "regions.cloud.servers", { ...aws, machineType: "m7i.xlarge" })),
      "quorum",
      "data",
    ),
  ).toEqual([]);
  const gcp = spoil(gcpFleet(), "regions.cloud.servers", { ...google, machineType: "n2-standard-4" });
  expect(found(commitOf(gcpFleet()), commitOf(gcp), "quorum", "data")).toEqual([]);
});

test.each([
  [1, 3, "warning"],
  [3, 5, "notice"],
  [5, 3, "warning"],
  [3, 1, "blocking"],
  [5, 1, "blocking"],
] as const)("%i servers become %i: one finding", (before, after, severity) => {
  expect(found(cloud({ ...aws, count: before }), cloud({ ...aws, count: after }), "quorum", "data", "removal")).toEqual(
    [`${severity} quorum/servers-changed regions.cloud`],
  );
});

test("servers of Google Cloud that go are one finding too", () => {
  expect(found(cloud(google, gcpFleet()), cloud({ ...google, count: 1 }, gcpFleet()), "quorum", "data")).toEqual([
    "blocking quorum/servers-changed regions.cloud",
  ]);
});

test("a server in another zone begins anew; two of three are too many", () => {
  const zones = (...letters: string[]) => cloud({ ...aws, zones: letters.map((letter) => `eu-central-1${letter}`) });
  expect(found(zones("a", "b", "c"), zones("a", "b", "b"), "quorum")).toEqual([
    "warning quorum/server-replaced regions.cloud",
  ]);
  expect(found(zones("a", "b", "c"), zones("a", "c", "b"), "quorum")).toEqual([
    "blocking quorum/server-replaced regions.cloud",
  ]);
});

test("a network that is made anew takes all servers along", () => {
  expect(
    found(
      commitOf(awsFleet()),
      commitOf(spoil(awsFleet(), "sites.cloud.networks", ["10.3.0.0/16", "10.4.0.0/20"])),
      "quorum",
    ),
  ).toEqual([]);
  const other = spoil(awsFleet(), "sites.cloud.networks", ["10.3.0.0/17"]);
  expect(found(commitOf(awsFleet()), commitOf(other), "quorum")).toEqual([
    "blocking quorum/server-replaced regions.cloud",
  ]);
});

describe("machines that exist", () => {
  /** The region with five servers. */
  const five = () => {
    const fleet = smallFleet();
    const north = fleet.sites["north"] as Mutable<Extract<Fleet["sites"][string], { platform: "onprem" }>>;
    for (const index of [4, 5])
      (north.hosts as Record<string, object>)[`n-${index}`] = {
        address: `10.1.0.3${index}`,
        hostKey: "ssh-ed25519 AAAA",
      };
    return spoil(fleet, "regions.north.servers.hosts", ["n-1", "n-2", "n-3", "n-4", "n-5"]);
  };
  const retired = (fleet: Fleet, ...hosts: string[]) =>
    hosts.reduce(
      (one, host) => spoil(one as Mutable<Fleet>, `sites.north.hosts.${host}.retired`, { reason: "old" }),
      fleet,
    );

  test("are retired: two of five are tolerated, two of three are not", () => {
    expect(found(commitOf(five()), commitOf(retired(five(), "n-4", "n-5")), "quorum", "removal")).toEqual([
      "warning quorum/server-removed regions.north",
    ]);
    expect(found(commitOf(smallFleet()), commitOf(retired(smallFleet(), "n-2", "n-3")), "quorum", "removal")).toEqual([
      "blocking quorum/server-removed regions.north",
    ]);
  });

  test("are deleted after they were retired", () => {
    const before = retired(five(), "n-4", "n-5");
    const after = spoil(five(), "regions.north.servers.hosts", ["n-1", "n-2", "n-3"]);
    expect(found(commitOf(before), commitOf(after), "quorum", "removal")).toEqual([]);
  });

  test("are deleted without", () => {
    const after = spoil(five(), "regions.north.servers.hosts", ["n-1", "n-2", "n-3"]);
    expect(found(commitOf(five()), commitOf(after), "quorum", "removal")).toEqual([
      "blocking quorum/server-removed regions.north",
    ]);
  });
});

describe("regions", () => {
  test("two lose servers at once", () => {
    const fleet = () => awsFleet();
    const before = fleet();
    const after = spoil(
      spoil(fleet(), "sites.north.hosts.n-2.retired", { reason: "old" }),
      "regions.north.servers.hosts",
      ["n-1", "n-2"],
    );
    const both = spoil(after, "regions.cloud.servers.count", 1);
    expect(found(commitOf(before), commitOf(both), "quorum")).toContain("blocking quorum/two-regions regions");
    expect(found(commitOf(before), commitOf(after), "quorum")).not.toContain("blocking quorum/two-regions regions");
  });

  test("by another name: one finding", () => {
    const after = smallFleet();
    const { south, ...others } = after.regions;
    after.regions = { ...others, south2: south! };
    after.pools["edge"] = { ...after.pools["edge"]!, region: "south2" };
    expect(found(commitOf(smallFleet()), commitOf(after), "quorum", "removal", "ids", "data")).toEqual([
      "blocking quorum/region-renamed regions.south",
    ]);
  });

  test("another one is the authoritative", () => {
    const after = spoil(spoil(smallFleet(), "regions.north.authoritative", false), "regions.south.authoritative", true);
    expect(found(commitOf(smallFleet()), commitOf(after), "quorum")).toEqual([
      "blocking quorum/authoritative-moved regions.south.authoritative",
    ]);
  });

  test("one comes", () => {
    expect(found(commitOf(smallFleet()), commitOf(awsFleet()), "quorum", "removal", "ids", "data")).toEqual([]);
  });

  test("one is retired", () => {
    const after = spoil(awsFleet(), "regions.cloud.retired", { reason: "moved" });
    expect(found(commitOf(awsFleet()), commitOf(after), "quorum", "removal", "ids", "data")).toEqual([]);
  });
});

describe("a plan, without a fleet", () => {
  const server = (index: number, actions: readonly string[]) => {
    const tags = { "steppe:fleet": "f", "steppe:role": "server", "steppe:region": "r", Name: `f-r-${index}` };
    return {
      address: `aws_instance.s${index}`,
      mode: "managed",
      type: "aws_instance",
      change: {
        actions,
        before: { tags, ami: "a" },
        after: actions.includes("create") ? { tags, ami: "b" } : null,
        replace_paths: [["ami"]],
      },
    };
  };
  const planOf = (changes: readonly ReturnType<typeof server>[]) => {
    const resources = changes.map(({ type, change }) => ({ type, values: change.before }));
    const document = {
      format_version: "1.2",
      resource_changes: changes,
      prior_state: { values: { root_module: { resources } } },
    };
    const read = readPlan("s", document) as Extract<ReturnType<typeof readPlan>, { plan: unknown }>;
    return planSubject([read.plan]);
  };
  const keep = ["no-op"];
  const replace = ["delete", "create"];

  test("counts servers by their tags", () => {
    expect(foundIn(planOf([server(1, replace), server(2, keep), server(3, keep)]), "quorum")).toEqual([
      "warning quorum/server-replaced regions.r",
    ]);
    expect(foundIn(planOf([server(1, replace), server(2, replace), server(3, keep)]), "quorum")).toEqual([
      "blocking quorum/server-replaced regions.r",
    ]);
    expect(foundIn(planOf([server(1, ["delete"]), server(2, keep), server(3, keep)]), "quorum")).toEqual([
      "warning quorum/server-removed regions.r",
    ]);
    expect(foundIn(planOf([server(1, keep), server(2, ["update"])]), "quorum")).toEqual([]);
  });
});
