import type { Construct } from "constructs";
import { TerraformOutput, Testing } from "cdktf";
import { FastStack } from "../../constructs/nomad/fast-stack";
import { TailnetDns } from "../../constructs/tailnet/dns";
import { FederatedIdentity } from "../../constructs/tailnet/federated-identity";
import { federatedMachines, JoinIdentities } from "../../constructs/tailnet/join-identities";
import { TailnetPolicyFile } from "../../constructs/tailnet/policy-file";
import { TailnetProvider } from "../../constructs/tailnet/provider";
import { TailnetSettings } from "../../constructs/tailnet/settings";
import type { Fleet } from "../../model/types";
import { renderHcl } from "../../review/hcl/render";
import { smallFleet, spoil } from "../helpers/fleet";
import { describeWithTerraform, removeTerraformDirs, runTerraform, terraformDir } from "../helpers/terraform";

interface Document {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;
  readonly output?: Readonly<Record<string, { readonly value: unknown }>>;
  readonly import?: readonly { readonly to: string; readonly id: string }[];
  readonly removed?: readonly { readonly from: string; readonly lifecycle: { readonly destroy: boolean } }[];
}

afterAll(removeTerraformDirs);

function synthesize(define: (scope: Construct) => void): Document {
  const stack = new FastStack(Testing.app(), "tailnet");
  define(stack);
  if (!stack.node.findAll().some((node) => node instanceof TailnetProvider)) new TailnetProvider(stack, "tailscale");
  stack.prepareStack();
  return JSON.parse(Testing.synth(stack, true)) as Document;
}

/** Attributes of every resource, without metadata. */
function resources({ resource = {} }: Document): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(resource).flatMap(([type, byName]) =>
      Object.entries(byName).map(([name, { "//": _, ...attributes }]) => [`${type}.${name}`, attributes] as const),
    ),
  );
}

const withoutHash = (address: string) => address.replace(/_[0-9A-F]{8}$/, "");
const addresses = (document: Document) => Object.keys(resources(document)).map(withoutHash).sort();
const removed = ({ removed: blocks = [] }: Document) => blocks.map(({ from }) => withoutHash(from)).sort();

const parts = {
  nameservers: ["9.9.9.9"],
  searchPaths: ["corp.example.com"],
  splitDns: { "corp.example.com": ["10.0.0.53"] },
};

test("the provider has no setting: credentials come from the environment", () => {
  expect(synthesize(() => undefined)).toMatchObject({
    provider: { tailscale: [{}] },
    terraform: {
      required_providers: {
        tailscale: { source: "registry.terraform.io/tailscale/tailscale", version: "0.29.2" },
      },
    },
  });
});

describe("TailnetPolicyFile", () => {
  test("is the resource of its own name and never overwrites", () => {
    const document = synthesize((scope) => new TailnetPolicyFile(scope, "Policy", { acl: "{}" }));
    expect(resources(document)).toEqual({ "tailscale_acl.Policy": { acl: "{}" } });
    expect(document.import).toBeUndefined();
  });

  test("adopted it is imported, so that a plan shows the difference", () => {
    const document = synthesize((scope) => new TailnetPolicyFile(scope, "Policy", { acl: "{}", adopt: true }));
    expect(document.import).toEqual([{ to: "tailscale_acl.Policy", id: "acl" }]);
  });
});

describe("TailnetDns", () => {
  test("switches MagicDNS on and leaves all else as it is", () => {
    const document = synthesize((scope) => new TailnetDns(scope, "Dns"));
    expect(Object.values(resources(document))).toEqual([{ magic_dns: true }]);
    expect(addresses(document)).toEqual(["tailscale_dns_preferences.Dns_Preferences"]);
  });

  test("manages what is named, a resource for each part, MagicDNS after the nameservers", () => {
    const document = synthesize((scope) => new TailnetDns(scope, "Dns", parts));
    const nameservers = Object.keys(document.resource?.["tailscale_dns_nameservers"] ?? {})[0] ?? "";
    expect(Object.values(resources(document))).toEqual(
      expect.arrayContaining([
        { nameservers: ["9.9.9.9"] },
        { search_paths: ["corp.example.com"] },
        { domain: "corp.example.com", nameservers: ["10.0.0.53"] },
        { magic_dns: true, depends_on: [`tailscale_dns_nameservers.${nameservers}`] },
      ]),
    );
    expect(addresses(document)).toHaveLength(4);
  });

  test.each([true, false])("manages the whole DNS where overrideLocalDns is %s", (overrideLocalDns) => {
    const document = synthesize((scope) => new TailnetDns(scope, "Dns", { ...parts, overrideLocalDns }));
    expect(Object.values(resources(document))).toEqual([
      {
        magic_dns: true,
        override_local_dns: overrideLocalDns,
        nameservers: [{ address: "9.9.9.9" }],
        search_paths: ["corp.example.com"],
        split_dns: [{ domain: "corp.example.com", nameservers: [{ address: "10.0.0.53" }] }],
      },
    ]);
  });

  test.each([
    ["parts that are no longer named", {}, ["Configuration", "Nameservers", "SearchPaths"]],
    ["the whole, once it is managed by parts", parts, ["Configuration"]],
    [
      "the parts, once the whole is managed",
      { ...parts, overrideLocalDns: true },
      ["Nameservers", "Preferences", "SearchPaths", "Split_corpexamplecom"],
    ],
  ])("lets %s go without destroying, which would switch MagicDNS off", (_, props, names) => {
    const document = synthesize((scope) => new TailnetDns(scope, "Dns", props));
    expect(removed(document).map((address) => address.split(".Dns_")[1])).toEqual(names);
    expect(document.removed?.every(({ lifecycle }) => !lifecycle.destroy)).toBe(true);
  });

  test("lets go of the very address that the resource had", () => {
    const before = synthesize((scope) => new TailnetDns(scope, "Dns", parts));
    const after = synthesize((scope) => new TailnetDns(scope, "Dns", { ...parts, overrideLocalDns: true }));
    expect(after.removed?.map(({ from }) => from).sort()).toEqual(Object.keys(resources(before)).sort());
  });

  test.each([
    [parts, ["corp.example.com", "dns_nameservers", "dns_preferences", "dns_search_paths"]],
    [{ ...parts, overrideLocalDns: true }, ["dns_configuration"]],
  ])("of an adopted tailnet is imported: %j", (props, ids) => {
    const document = synthesize((scope) => new TailnetDns(scope, "Dns", { ...props, adopt: true }));
    expect(document.import?.map(({ id }) => id).sort()).toEqual(ids);
    expect(document.import?.map(({ to }) => to).sort()).toEqual(Object.keys(resources(document)).sort());
  });
});

describe("TailnetSettings", () => {
  test("manages what is named, false included", () => {
    const settings = {
      devicesApprovalOn: false,
      devicesKeyDurationDays: 90,
      aclsExternalLink: "https://a.example/${x}",
    };
    const document = synthesize((scope) => new TailnetSettings(scope, "Settings", { settings }));
    expect(Object.values(resources(document))).toEqual([
      { devices_approval_on: false, devices_key_duration_days: 90, acls_external_link: "https://a.example/$${x}" },
    ]);
  });
});

describe("FederatedIdentity", () => {
  const props = {
    issuer: "https://accounts.google.com",
    subject: "1234567890",
    tags: ["tag:nomad-client", "tag:nomad-pool-gpu"],
    description: "Joins client-gpu",
  } as const;

  test("may make auth keys with its tags and nothing else", () => {
    const document = synthesize((scope) => new FederatedIdentity(scope, "gpu", props));
    expect(Object.values(resources(document))).toEqual([{ ...props, scopes: ["auth_keys"] }]);
  });

  test("asks for an audience and further claims where they are given", () => {
    const further = { audience: "tailnet", claims: { "google.compute_engine.project_id": "example-*" } };
    const document = synthesize((scope) => new FederatedIdentity(scope, "gpu", { ...props, ...further }));
    expect(Object.values(resources(document))[0]).toMatchObject({
      audience: "tailnet",
      custom_claim_rules: { "google.compute_engine.project_id": "example-*" },
    });
  });

  test("refuses a claim that has a property of its own", () => {
    expect(() =>
      synthesize((scope) => new FederatedIdentity(scope, "gpu", { ...props, claims: { sub: "*" } })),
    ).toThrow('claims.sub: is a claim with a property of its own, got "*"; set subject instead');
  });
});

describe("JoinIdentities", () => {
  const join = (subject: string) => ({ kind: "workload-identity", subject }) as const;
  const fleet = [
    ["sites.cloud", { platform: "gcp", project: "example", gcpRegion: "europe-west4", networks: ["10.3.0.0/24"] }],
    ["regions.cloud", { site: "cloud", servers: { count: 3, machineType: "n2-standard-2" }, join: join("111") }],
    ["pools.cloud", { ...smallFleet().pools["gpu"], site: "cloud", hosts: undefined, count: 2, join: join("222") }],
    ["pools.keyed", { ...smallFleet().pools["gpu"], site: "cloud", hosts: undefined, count: 2 }],
    ["pools.gone", { ...smallFleet().pools["gpu"], site: "cloud", retired: { reason: "done" }, join: join("333") }],
  ].reduce<Fleet>((changed, [path, value]) => spoil(changed, path as string, value), smallFleet());
  const define = (site: string) => synthesize((scope) => new JoinIdentities(scope, "Join", { fleet, site }));

  test("are those of the site's servers and pools in service that join by workload identity", () => {
    expect(federatedMachines(fleet, "cloud").map(({ name }) => name)).toEqual(["server-cloud", "client-cloud"]);
    expect(federatedMachines(fleet, "north")).toEqual([]);
  });

  test("know the issuer and the tags of each", () => {
    const document = define("cloud");
    expect(addresses(document)).toEqual([
      "tailscale_federated_identity.Join_client-cloud",
      "tailscale_federated_identity.Join_server-cloud",
    ]);
    expect(Object.values(resources(document))).toContainEqual({
      issuer: "https://accounts.google.com",
      subject: "111",
      scopes: ["auth_keys"],
      tags: ["tag:nomad-server", "tag:nomad-server-cloud"],
      description: "Joins server-cloud",
    });
  });

  test("ask for no provider where there are none", () => {
    const stack = new FastStack(Testing.app(), "site");
    new JoinIdentities(stack, "Join", { fleet, site: "north" });
    expect(Testing.synth(stack)).not.toContain("tailscale");
  });

  test("are found by the name of the identity", () => {
    const document = synthesize((scope) => {
      const identities = new JoinIdentities(scope, "Join", { fleet, site: "cloud" });
      expect(identities.of("client-keyed")).toBeUndefined();
      new TerraformOutput(scope, "id", { value: identities.of("client-cloud")?.clientId });
    });
    expect(document.output?.["id"]?.value).toMatch(
      /^\$\{tailscale_federated_identity\.Join_client-cloud_[0-9A-F]{8}\.id\}$/,
    );
  });
});

describeWithTerraform("an adopted tailnet on the real provider", ["tailscale/tailscale"], () => {
  test.each([[parts], [{ ...parts, overrideLocalDns: true }]])(
    "is valid as JSON and as HCL: %j",
    (dns) => {
      const document = synthesize((scope) => {
        new TailnetPolicyFile(scope, "Policy", { acl: "{}", adopt: true });
        new TailnetDns(scope, "Dns", { ...dns, adopt: true });
        new TailnetSettings(scope, "Settings", { settings: { httpsEnabled: true }, adopt: true });
        new FederatedIdentity(scope, "gpu", {
          issuer: "https://accounts.google.com",
          subject: "1234567890",
          claims: { email: "gpu@*" },
          tags: ["tag:nomad-pool-gpu"],
          description: "Joins client-gpu",
        });
      });
      const forms = { "cdk.tf.json": JSON.stringify(document), "main.tf": renderHcl(document) };
      for (const [name, text] of Object.entries(forms)) {
        const directory = terraformDir({ [name]: text }, ["tailscale/tailscale"]);
        runTerraform(directory, "init", "-backend=false");
        expect(runTerraform(directory, "validate", "-json")).toContain('"valid": true');
      }
    },
    60_000,
  );
});
