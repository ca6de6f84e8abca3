import { formatProblem } from "../../constructs/core/problems";
import { clientIdentity, serverIdentity } from "../../model/identities";
import type { JoinMethod } from "../../model/tailnet-types";
import type { Fleet, Pool, Site } from "../../model/types";
import { validateFleet } from "../../model/validate";
import { awsSite, gcpSite, smallFleet, spoil } from "../helpers/fleet";

const aws: Site = awsSite();
const gcp: Site = gcpSite();
const onprem = smallFleet().sites["south"] as Site;

/** The small fleet with one pool more, at a site of the given kind. */
function withPool(site: Site, pool: Partial<Pool>): Fleet {
  const fleet = site === onprem ? smallFleet() : spoil(smallFleet(), "sites.cloud", site);
  const machineType = site === aws ? "m7i.large" : "n2-standard-2";
  const place = site === onprem ? { site: "south", hosts: ["s-2"] } : { site: "cloud", count: 2, machineType };
  const extended = spoil(fleet, "sites.south.hosts.s-2", { address: "10.2.0.12" });
  return spoil(extended, "pools.extra", {
    region: "south",
    hardware: { cpuMHz: 2000, memoryMiB: 2048 },
    ...place,
    ...pool,
  });
}

const problemsOf = (fleet: Fleet) => validateFleet(fleet).map(formatProblem);
const identity = (subject: string, issuer?: string): JoinMethod => ({
  kind: "workload-identity",
  subject,
  ...(issuer === undefined ? {} : { issuer }),
});

describe("how machines join", () => {
  test.each<[string, Site, JoinMethod]>([
    ["an OAuth client on-prem", onprem, { kind: "oauth-client" }],
    ["an OAuth client on AWS", aws, { kind: "oauth-client" }],
    ["an auth key on GCP", gcp, { kind: "auth-key" }],
    ["a workload identity on GCP with Google's own issuer", gcp, identity("1234567890")],
    ["a workload identity of GCP's own making", gcp, { kind: "workload-identity" }],
    ["a workload identity on AWS", aws, identity("arn:aws:iam::1:role/gpu", "https://abc.tokens.sts.global.api.aws")],
  ])("accepts %s", (_, site, join) => {
    expect(problemsOf(withPool(site, { join }))).toEqual([]);
  });

  test.each<[string, Site, JoinMethod, string]>([
    [
      "a workload identity on-prem",
      onprem,
      identity("x"),
      'pools.extra.join.kind: site south is on-prem, where nobody vouches for a machine, got "workload-identity"; use { kind: "auth-key" } or { kind: "oauth-client" }',
    ],
    [
      "AWS without an issuer",
      aws,
      identity("arn:aws:iam::1:role/gpu"),
      "pools.extra.join.issuer: must be given on AWS: each account has its own; turn on outbound identity federation in IAM and give the token issuer URL that it shows",
    ],
    [
      "AWS without a subject",
      aws,
      { kind: "workload-identity", issuer: "https://abc.tokens.sts.global.api.aws" },
      "pools.extra.join.subject: must be the subject of the machines' identity token; give the ARN of the machines' role",
    ],
    [
      "an issuer that is no https URL",
      aws,
      identity("arn:aws:iam::1:role/gpu", "http://issuer"),
      'pools.extra.join.issuer: must be an https URL, got "http://issuer"',
    ],
    [
      "an empty subject",
      gcp,
      identity(""),
      `pools.extra.join.subject: must be the subject of the machines' identity token, got ""; give the service account's unique id`,
    ],
    [
      "everybody as subject",
      gcp,
      identity("*"),
      `pools.extra.join.subject: lets in everybody to whom the issuer gives a token, got "*"; give the service account's unique id`,
    ],
  ])("refuses %s", (_, site, join, problem) => {
    expect(problemsOf(withPool(site, { join }))).toEqual([problem]);
  });

  test.each(["oauth-client", "workload-identity"])("refuses %s with headscale, for servers and pools", (kind) => {
    const headscale = spoil(
      withPool(gcp, { join: { kind, subject: "1" } as JoinMethod }),
      "tailnet.dialect",
      "headscale",
    );
    const fleet = spoil(headscale, "regions.north.join", { kind: "oauth-client" });
    const fix = '; use { kind: "auth-key" }';
    const rule = "headscale has neither OAuth clients nor federated identities that make keys";
    expect(problemsOf(spoil(fleet, "tailnet.tagOwners", ["ops@"]))).toEqual([
      `regions.north.join.kind: ${rule}, got "oauth-client"${fix}`,
      `pools.extra.join.kind: ${rule}, got "${kind}"${fix}`,
    ]);
  });

  test("warns of spot machines that stay behind as devices", () => {
    const found = validateFleet(withPool(gcp, { spot: true, ephemeral: false }));
    expect(found.map(({ path, severity }) => [path, severity])).toEqual([["pools.extra.ephemeral", "warning"]]);
  });
});

describe("identities", () => {
  test("say how the machine joins; servers are never ephemeral, spot machines are unless told otherwise", () => {
    const fleet = spoil(withPool(gcp, { spot: true }), "regions.north.join", { kind: "oauth-client" });
    expect(serverIdentity(fleet, "north")).toMatchObject({ join: { kind: "oauth-client" }, ephemeral: false });
    expect(clientIdentity(fleet, "extra")).toMatchObject({ join: { kind: "auth-key" }, ephemeral: true });
    expect(clientIdentity(spoil(fleet, "pools.extra.ephemeral", false), "extra")).toMatchObject({ ephemeral: false });
    expect(clientIdentity(fleet, "gpu")).toMatchObject({ ephemeral: false });
  });
});
