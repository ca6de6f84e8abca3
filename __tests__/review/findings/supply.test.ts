import type { Json } from "../../../review/json";
import { readPlan } from "../../../review/source/plan";
import { planSubject } from "../../../review/subject";
import { smallFleet, spoil } from "../../helpers/fleet";
import { commitOf, found, foundIn, stackOf } from "./fleets";

/** What is found between two documents of one stack. */
const supply = (before: Json, after: Json) => found(stackOf(before), stackOf(after), "supply");
const taking = (source: string, version?: string): Json => ({
  terraform: { required_providers: { cloud: { source, ...(version !== undefined && { version }) } } },
});

describe("providers", () => {
  test.each([
    ["hashicorp/aws", "hashicorp/random", "warning"],
    ["hashicorp/aws", "acme/random", "blocking"],
  ])("%s, and %s beside it", (one, other, severity) => {
    const both = { terraform: { required_providers: { a: { source: one }, b: { source: other } } } };
    const single = { terraform: { required_providers: { a: { source: one } } } };
    expect(supply(single, both)).toEqual([`${severity} supply/provider-added required_providers.b`]);
    expect(supply(both, single)).toEqual([]);
  });

  test.each([
    ["5.0.0", "5.1.0", "notice"],
    ["5.1.0", "5.0.9", "warning"],
    ["5.1.0", "6.0.0", "warning"],
    ["5.1.0", ">= 5.1.0", "warning"],
    ["5.1.0", undefined, "warning"],
    ["5.9.0", "5.10.0", "notice"],
  ])("version %s becomes %s", (was, is, severity) => {
    expect(supply(taking("hashicorp/aws", was), taking("hashicorp/aws", is))).toEqual([
      `${severity} supply/provider-changed required_providers.cloud`,
    ]);
  });

  test("of the same source, however it is written", () => {
    expect(supply(taking("aws", "5.0.0"), taking("registry.terraform.io/hashicorp/aws", "5.0.0"))).toEqual([]);
    expect(supply(taking("hashicorp/aws"), taking("registry.example.com/hashicorp/aws"))).toEqual([
      "blocking supply/provider-changed required_providers.cloud",
    ]);
  });

  test("that another stack has already, and an upgrade in all stacks", () => {
    const nomad = (version: string) => ({
      terraform: { required_providers: { nomad: { source: "hashicorp/nomad", version } } },
    });
    const stacks = (version: string, ...names: readonly string[]) => ({
      stacks: names.flatMap((name) => stackOf(nomad(version), name).stacks),
    });
    expect(found(stacks("2.5.2", "a"), stacks("2.5.2", "a", "b"), "supply")).toEqual([]);
    expect(found(stacks("2.5.2", "a", "b"), stacks("2.5.3", "a", "b"), "supply")).toEqual([
      "notice supply/provider-changed required_providers.nomad",
    ]);
  });
});

describe("settings of a provider", () => {
  const nomad = (settings: Json, variable: Json = {}): Json => ({ provider: { nomad: [settings] }, variable });

  test("send requests elsewhere, also by way of a variable", () => {
    expect(supply(nomad({ address: "https://a" }), nomad({ address: "https://b" }))).toEqual([
      "blocking supply/provider-changed provider.nomad",
    ]);
    const by = (value: string) => nomad({ address: "${var.at}" }, { at: { default: value } });
    expect(supply(by("https://a"), by("https://b"))).toEqual(["blocking supply/provider-changed provider.nomad"]);
    expect(supply(by("https://a"), by("https://a"))).toEqual([]);
  });

  test("say another region", () => {
    const aws = (region: string) => ({ provider: { aws: { region } } });
    expect(supply(aws("eu-west-1"), aws("eu-west-2"))).toEqual(["warning supply/provider-changed provider.aws"]);
  });

  test("of a second one send requests elsewhere", () => {
    const second = { provider: { nomad: [{ address: "https://a" }, { alias: "b", address: "https://b" }] } };
    expect(supply(nomad({ address: "https://a" }), second)).toEqual([
      "blocking supply/provider-changed provider.nomad.b",
    ]);
  });

  test("follow from the servers of the fleet", () => {
    const hosts = (...names: readonly string[]) => spoil(smallFleet(), "regions.north.servers.hosts", names);
    expect(found(commitOf(hosts("n-1", "n-2", "n-3")), commitOf(hosts("n-2", "n-3", "n-1")), "supply")).toEqual([]);
    const elsewhere = spoil(smallFleet(), "tailnet.domain", "tail1.ts.net");
    expect(found(commitOf(smallFleet()), commitOf(elsewhere), "supply")).toContain(
      "blocking supply/provider-changed provider.nomad",
    );
  });
});

test("the backend is another, or goes", () => {
  const backend = (bucket: string) => ({ terraform: { backend: { s3: { bucket, key: "a" } } } });
  expect(supply(backend("a"), backend("b"))).toEqual(["blocking supply/backend-changed terraform.backend"]);
  expect(supply(backend("a"), {})).toEqual(["blocking supply/backend-changed terraform.backend"]);
  expect(supply(backend("a"), backend("a"))).toEqual([]);
  expect(supply({}, backend("a"))).toEqual([]);
});

test("one backend for all stacks of a fleet is one finding", () => {
  const at = (bucket: string) => commitOf({ ...smallFleet(), backend: { kind: "s3", bucket, region: "eu-central-1" } });
  expect(found(at("a-state"), at("b-state"), "supply")).toEqual(["blocking supply/backend-changed terraform.backend"]);
});

describe("data sources", () => {
  const data = (type: string, body: Json = {}): Json => ({ data: { [type]: { a: body } } });

  test.each([
    ["external", "blocking"],
    ["http", "blocking"],
    ["terraform_remote_state", "blocking"],
    ["aws_secretsmanager_secret_version", "blocking"],
    ["aws_ami", "warning"],
  ])("%s comes", (type, severity) => {
    expect(supply({}, data(type))).toEqual([`${severity} supply/data-source data.${type}.a`]);
    expect(supply(data(type), data(type))).toEqual([]);
    expect(supply(data(type), {})).toEqual([]);
  });

  test("of a kind that runs something changes", () => {
    expect(supply(data("external", { program: ["a"] }), data("external", { program: ["b"] }))).toEqual([
      "blocking supply/data-source data.external.a",
    ]);
    expect(supply(data("aws_ami", { owners: ["a"] }), data("aws_ami", { owners: ["b"] }))).toEqual([]);
  });

  test("come as ephemeral resources and in checks", () => {
    expect(supply({}, { ephemeral: { vault_kv: { a: {} } }, check: { c: { data: { http: { b: {} } } } } })).toEqual([
      "blocking supply/data-source data.http.b",
      "blocking supply/data-source ephemeral.vault_kv.a",
    ]);
  });
});

test("modules come, and change", () => {
  const module = (source: string, version?: string): Json => ({
    module: { m: { source, ...(version !== undefined && { version }) } },
  });
  expect(supply({}, module("git::https://example.com/m"))).toEqual(["blocking supply/module module.m"]);
  expect(supply(module("a/b/c", "1.0.0"), module("a/b/c", "1.1.0"))).toEqual(["blocking supply/module module.m"]);
  expect(supply(module("a/b/c", "1.0.0"), module("a/b/c", "1.0.0"))).toEqual([]);
});

describe("provisioners", () => {
  const resource = (type: string, provisioner: unknown): Json => ({ resource: { [type]: { a: { provisioner } } } });

  test("run where the change is applied", () => {
    const local = (command: string) => resource("terraform_data", [{ "local-exec": { command } }]);
    expect(supply({}, local("true"))).toEqual(["blocking supply/provisioner terraform_data.a"]);
    expect(supply(local("true"), local("false"))).toEqual(["blocking supply/provisioner terraform_data.a"]);
    expect(supply(local("true"), local("true"))).toEqual([]);
    expect(
      supply({}, { removed: [{ from: "aws_instance.b", provisioner: [{ "local-exec": { command: "a" } }] }] }),
    ).toEqual(["blocking supply/provisioner aws_instance.b"]);
    expect(supply({}, resource("aws_instance", { "local-exec": { command: "a" } }))).toEqual([
      "blocking supply/provisioner aws_instance.a",
    ]);
  });

  test("run on a machine: those of the fleet's deliveries are no news", () => {
    const remote = [{ "remote-exec": { inline: ["a"], connection: { host: "203.0.113.9" } } }];
    expect(supply({}, resource("terraform_data", remote))).toEqual([]);
    expect(supply({}, resource("aws_instance", remote))).toEqual(["warning supply/provisioner aws_instance.a"]);
    const changed = spoil(smallFleet(), "versions.nomad", "1.11.3");
    expect(found(commitOf(smallFleet()), commitOf(changed), "supply")).toEqual([]);
  });

  test("connect to a machine that is not the fleet's", () => {
    const after = commitOf(smallFleet());
    const spoiled = JSON.parse(
      JSON.stringify(after).replaceAll('"host":"10.2.0.21"', '"host":"203.0.113.9"'),
    ) as typeof after;
    expect(found(commitOf(smallFleet()), spoiled, "supply").map((line) => line.split(".")[0])).toEqual([
      "blocking supply/provisioner terraform_data",
    ]);
  });
});

test("a plan's configuration, with modules in modules", () => {
  const inner = {
    resources: [
      { address: "data.external.x", mode: "data", type: "external", name: "x", expressions: {} },
      { address: "data.aws_ami.x", mode: "data", type: "aws_ami", name: "x", expressions: {} },
      { mode: "managed", type: "null_resource", name: "x", provisioners: [{ type: "local-exec", expressions: {} }] },
    ],
    module_calls: { far: { source: "acme/far/aws", module: {} }, near: { source: "./near" } },
  };
  const document = {
    format_version: "1.2",
    planned_values: {},
    configuration: {
      provider_config: {
        aws: { name: "aws", full_name: "registry.terraform.io/hashicorp/aws" },
        odd: { name: "odd", full_name: "registry.terraform.io/acme/odd", version_constraint: "1.0.0" },
      },
      root_module: { module_calls: { m: { source: "./m", module: inner } } },
    },
  };
  const read = readPlan("s", document) as Extract<ReturnType<typeof readPlan>, { plan: unknown }>;
  expect(foundIn(planSubject([read.plan]), "supply")).toEqual([
    "blocking supply/data-source module.m.data.external.x",
    "blocking supply/provisioner module.m.null_resource.x",
    "warning supply/module module.m.module.far",
    "warning supply/provider-added required_providers.odd",
  ]);
});

test.each([
  { terraform: 7 },
  { provider: [7, null], data: [], module: null, resource: { a: { b: { provisioner: 7 } } } },
])("odd documents are no harm: %j", (odd) => {
  expect(supply(odd as unknown as Json, odd as unknown as Json)).toEqual([]);
});
