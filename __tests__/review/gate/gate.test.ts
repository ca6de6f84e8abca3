import { formatProblem } from "../../../constructs/core/problems";
import { fleet as example } from "../../../fleets/example";
import { fleet as lab } from "../../../fleets/lab";
import type { Fleet } from "../../../model/types";
import { NOTHING, readAllowed } from "../../../review/gate/allowed";
import { gateProblems } from "../../../review/gate/gate";
import type { Allowed, Synthesized } from "../../../review/gate/types";
import type { Snapshot } from "../../../review/source/snapshot";
import { synthesizeFleet } from "../../helpers/synth";

type Document = Readonly<Record<string, unknown>>;

const terraform = (name: string, more: object = {}) => ({
  backend: { s3: { bucket: "states", key: `f/${name}.tfstate`, region: "eu-central-1" } },
  required_providers: {
    nomad: { source: "registry.terraform.io/hashicorp/nomad", version: "2.5.2" },
    aws: { source: "aws", version: "6.25.0" },
  },
  required_version: ">= 1.11.0",
  ...more,
});
const document = (name: string, more: Document = {}): Document => ({
  terraform: terraform(name),
  provider: { nomad: [{ address: "${var.nomad_address}", region: "east" }], aws: [{ region: "eu-central-1" }] },
  variable: { nomad_address: { type: "string", default: "https://east-1.example.ts.net:4646", nullable: false } },
  resource: {
    terraform_data: { m: { provisioner: [{ "remote-exec": { inline: ["true"], connection: { host: "m" } } }] } },
  },
  ...more,
});

function synthesized(documents: Readonly<Record<string, Document>>): Synthesized {
  const names = Object.keys(documents);
  const stacks = Object.fromEntries(
    names.map((name) => [
      name,
      {
        name,
        workingDirectory: `stacks/${name}`,
        synthesizedStackPath: `stacks/${name}/cdk.tf.json`,
        dependencies: [],
      },
    ]),
  );
  return {
    manifest: { stacks },
    entries: ["manifest.json", "fleet.json", ...names.map((name) => `stacks/${name}/cdk.tf.json`)]
      .map((path) => ({ path, kind: "file" as const }))
      .concat([]),
    stacks: names.map((name) => ({ name, document: documents[name]!, text: JSON.stringify(documents[name]) })),
  };
}
const snapshot = (documents: Readonly<Record<string, Document>>): Snapshot => ({
  stacks: Object.entries(documents).map(([name, one]) => ({ name, document: one, dependencies: [] })),
});
const BASE = { "f-site": document("f-site") };
const problems = (
  documents: Readonly<Record<string, Document>>,
  base: Readonly<Record<string, Document>> = BASE,
  allowed: Allowed = NOTHING,
) => gateProblems(snapshot(base), synthesized(documents), allowed).map(formatProblem);
/** Problems of the one stack, with these blocks in place of the base's. */
const of = (more: Document, base: Document = {}) =>
  problems({ "f-site": document("f-site", more) }, { "f-site": document("f-site", base) });
const provider = (block: object) => ({
  provider: { nomad: [{ address: "${var.nomad_address}", region: "east" }], ...block },
});
const resource = (type: string, body: object) => ({ resource: { [type]: { x: body } } });
const text = (value: string) => resource("terraform_data", { input: value });

describe("the gate lets pass", () => {
  test.each([
    ["the example fleet", example],
    ["the lab's fleet", lab],
  ])("%s against itself", (_what, fleet) => {
    const documents = Object.fromEntries(synthesizeFleet(fleet)) as unknown as Readonly<Record<string, Document>>;
    expect(Object.keys(documents).length).toBeGreaterThan(5);
    expect(problems(documents, documents)).toEqual([]);
  });

  test("a new pool with an identity of its own, and another version, of the example fleet", () => {
    const documents = (fleet: Fleet) =>
      Object.fromEntries(synthesizeFleet(fleet)) as unknown as Readonly<Record<string, Document>>;
    const { l40s } = example.pools;
    const changed: Fleet = {
      ...example,
      versions: { ...example.versions, tailscale: "1.98.10" },
      pools: { ...example.pools, ...(l40s && { "l40s-more": { ...l40s, description: "More of them" } }) },
    };
    const head = documents(changed);
    expect(JSON.stringify(head)).toContain("secrets_client_l40s_more");
    expect(problems(head, documents(example))).toEqual([]);
  });

  test("changed resources, a new stack of another region, its secrets, and a region's other server", () => {
    const west = document("f-west", {
      provider: { nomad: [{ address: "${var.nomad_address}", region: "west" }], aws: [{ region: "us-east-1" }] },
      variable: {
        nomad_address: {
          type: "string",
          default: "https://west-1.example.ts.net:4646",
          nullable: false,
          description: "x",
        },
        secrets_client_gpu: { ephemeral: true, type: "string", default: "" },
      },
      resource: {
        nomad_job: { a: { jobspec: '${jsonencode({"command" = "file(x)", "env" = "$${file(1)}"})}', json: true } },
      },
    });
    expect(problems({ ...BASE, "f-west": west })).toEqual([]);
  });

  test("what the base has, and what its list allows", () => {
    const data = { data: { aws_ami: { x: { owners: ["self"] } } }, output: { o: { value: '${file("a")}' } } };
    expect(of(data, data)).toEqual([]);
    const read = readAllowed({
      providers: [{ source: "hashicorp/google", version: "6.50.0" }],
      configurations: [{ source: "hashicorp/google", configuration: { project: "p" } }],
      dataSources: ["aws_ami"],
    });
    const allowed = "allowed" in read ? read.allowed : NOTHING;
    const added = {
      data: { aws_ami: { x: { owners: ["amazon"] } } },
      terraform: terraform("f-site", {
        required_providers: {
          ...terraform("f-site").required_providers,
          google: { source: "google", version: "6.50.0" },
        },
      }),
      provider: {
        ...provider({}).provider,
        aws: [{ region: "eu-central-1" }],
        google: [{ project: "p", region: "eu" }],
      },
    };
    expect(problems({ "f-site": document("f-site", added) }, BASE, allowed)).toEqual([]);
    expect(problems({ "f-site": document("f-site", added) })).toHaveLength(3);
  });
});

describe("the gate refuses", () => {
  const required = (providers: object) => ({
    terraform: terraform("f-site", { required_providers: { ...terraform("f-site").required_providers, ...providers } }),
  });

  test.each<[string, Document, string]>([
    [
      "a provider of somebody else",
      required({ evil: { source: "evil/evil", version: "1.0.0" } }),
      'required_providers.evil: is a provider that is not on the list, got "evil/evil 1.0.0"',
    ],
    [
      "another source under a known name",
      required({ nomad: { source: "evil/nomad", version: "2.5.2" } }),
      "required_providers.nomad: is a provider that is not on the list",
    ],
    [
      "another registry",
      required({ nomad: { source: "evil.example/hashicorp/nomad", version: "2.5.2" } }),
      "required_providers.nomad: is a provider",
    ],
    [
      "another version",
      required({ aws: { source: "hashicorp/aws", version: "6.26.0" } }),
      "required_providers.aws: is a provider",
    ],
    [
      "a provider that a type implies",
      resource("external_thing", {}),
      "external_thing.x: implies provider hashicorp/external",
    ],
    [
      "a provider that a resource names",
      resource("terraform_data", { provider: "external.a" }),
      "terraform_data.x: implies provider hashicorp/external",
    ],
    [
      "a provider in a list of blocks",
      { terraform: [terraform("f-site"), { required_providers: [{ evil: { source: "e/e" } }] }] },
      "required_providers.evil: is a provider",
    ],
    [
      "another address",
      { provider: { nomad: [{ address: "http://evil:4646", region: "east" }] } },
      "provider.nomad.address: is not what the base has",
    ],
    [
      "endpoints",
      { provider: { aws: [{ region: "eu-central-1", endpoints: [{ sts: "http://evil" }] }] } },
      "provider.aws.endpoints",
    ],
    ["a profile", { provider: { aws: { region: "eu-central-1", profile: "admin" } } }, "provider.aws.profile"],
    [
      "a role",
      { provider: { aws: [{ region: "eu-central-1", assume_role: [{ role_arn: "x" }] }] } },
      "provider.aws.assume_role",
    ],
    ["a region that is an address", { provider: { aws: [{ region: "x.evil.example/" }] } }, "provider.aws.region"],
    [
      "an address in a variable's default",
      { variable: { nomad_address: { type: "string", default: "https://evil.example:4646", nullable: false } } },
      "variable.nomad_address: is a variable that the base does not have like this",
    ],
    [
      "a variable of the environment",
      { variable: { github_token: { type: "string" } } },
      "variable.github_token: is a variable",
    ],
    [
      "a secret that a plan would keep",
      { variable: { secrets_server_east: { type: "string" } } },
      "variable.secrets_server_east: is a variable",
    ],
    [
      "another backend",
      { terraform: terraform("f-site", { backend: { http: { address: "http://evil" } } }) },
      "terraform.backend: is not what the base has",
    ],
    ["another stack's state", { terraform: terraform("other") }, "terraform.backend: is not what the base has"],
    [
      "two backends",
      { terraform: [terraform("f-site"), { backend: { local: {} } }] },
      "terraform.backend: is not what the base has",
    ],
    [
      "terraform cloud",
      { terraform: terraform("f-site", { cloud: { organization: "evil" } }) },
      "terraform.cloud: has no place",
    ],
    ["a module", { module: { m: { source: "git::https://evil.example/m" } } }, "module.m: is a module"],
    [
      "an external data source",
      { data: { external: { x: { program: ["sh"] } } } },
      "data.external.x: is a data source",
    ],
    [
      "an external data source in lists",
      { data: [{ external: [{ x: [{ program: ["sh"] }] }] }] },
      "data.external.x: is a data source",
    ],
    [
      "another program's state",
      { data: { terraform_remote_state: { x: { backend: "s3" } } } },
      "data.terraform_remote_state.x: is a data source",
    ],
    [
      "an ephemeral resource",
      { ephemeral: { aws_secretsmanager_secret_version: { x: { secret_id: "s" } } } },
      "ephemeral.aws_secretsmanager_secret_version.x: is an ephemeral resource",
    ],
    ["an import", { import: [{ to: "aws_s3_bucket.x", id: "secret-bucket" }] }, "import: takes over something"],
    [
      "a check with data",
      { check: { c: { data: { http: { x: { url: "http://evil" } } } } } },
      "check.c: has a data source",
    ],
    [
      "a block nobody knows",
      { action: { aws_lambda_invoke: { x: {} } } },
      "action: is no block of a synthesized stack",
    ],
    [
      "a program on the runner",
      resource("terraform_data", { provisioner: [{ "local-exec": { command: "id" } }] }),
      "provisioner local-exec: runs a program",
    ],
    [
      "a program on the runner, in an object",
      resource("terraform_data", { provisioner: { "local-exec": [{ command: "id" }] } }),
      "provisioner local-exec: runs a program",
    ],
    [
      "a program when something is removed",
      { removed: [{ from: "a.b", provisioner: [{ "local-exec": { when: "destroy" } }] }] },
      "removed a.b: provisioner local-exec",
    ],
    [
      "a provisioner the base does not have",
      resource("terraform_data", { provisioner: [{ file: { content: "x" } }] }),
      "provisioner file: is of a kind",
    ],
    ["a function that reads a file", text('${file("/etc/passwd")}'), "resource.terraform_data.x.input: calls file"],
    ["the same among comments", text('${ length( file /* x */\n ("/etc/passwd")) }'), "calls file"],
    ["the same in its namespace", text('${core::filebase64("a")}'), "calls core::filebase64"],
    ["the same in a directive", text('%{ if fileexists("a") }x%{ endif }'), "calls fileexists"],
    ["the same in a text of an expression", text('${"a ${templatefile("x", {})} b"}'), "calls templatefile"],
    ["the same in a key", resource("terraform_data", { input: { '${pathexpand("~")}': 1 } }), "calls pathexpand"],
    ["text that becomes such a call", text("${templatestring(local.a, {})}"), "calls templatestring"],
    [
      "a function of a provider",
      text("${provider::terraform::decode_tfvars(1)}"),
      "calls provider::terraform::decode_tfvars",
    ],
    ["an expression in a heredoc", text('${<<E\n${file("a")}\nE\n}'), "cannot be read as a template"],
    ["an expression in locals", { locals: { a: '${fileset(".", "*")}' } }, "locals.a: calls fileset"],
    [
      "an upload of a file",
      resource("aws_s3_object", { source: "/etc/passwd" }),
      "aws_s3_object.x: source: reads files",
    ],
    [
      "a job that reads files",
      resource("nomad_job", { hcl2: [{ allow_fs: true }] }),
      "nomad_job.x: allow_fs: reads files",
    ],
  ])("%s", (_what, more, message) => {
    const found = of(more);
    expect(found.filter((line) => line.startsWith("f-site: ") && line.includes(message))).not.toEqual([]);
  });

  test("a file that is sent, where the base sends files of its own text", () => {
    const sends = (block: object) =>
      resource("terraform_data", { provisioner: [{ file: { ...block, destination: "/x" } }] });
    expect(of(sends({ content: "b" }), sends({ content: "a" }))).toEqual([]);
    expect(of(sends({ source: "/etc/passwd" }), sends({ content: "a" }))).toHaveLength(1);
  });

  test("everything at once", () => {
    const bad = { data: { external: { x: {} } }, module: { m: { source: "x" } }, ...text('${file("a")}') };
    expect(of(bad).length).toBeGreaterThanOrEqual(4);
  });

  test.each([
    ["a link", { path: "stacks/f-site/x", kind: "link" }, "is a link"],
    [
      "Terraform's own settings",
      { path: "stacks/f-site/.terraformrc", kind: "file" },
      "would choose what Terraform runs",
    ],
    ["a lock file", { path: "stacks/f-site/.terraform.lock.hcl", kind: "file" }, "would choose what Terraform runs"],
    ["an override", { path: "stacks/f-site/a_override.tf.json", kind: "file" }, "would override"],
    ["another document", { path: "stacks/f-site/b.tf", kind: "file" }, "would be read by Terraform"],
    ["values of variables", { path: "stacks/f-site/x.auto.tfvars", kind: "file" }, "would set variables"],
    ["anything else", { path: "stacks/f-site/notes", kind: "file" }, "is nothing that a synthesis writes"],
    [
      "a directory within a stack",
      { path: "stacks/f-site/modules", kind: "directory" },
      "is nothing that a synthesis writes",
    ],
  ] as const)("%s beside the documents", (_what, entry, message) => {
    const head = synthesized(BASE);
    const found = gateProblems(snapshot(BASE), { ...head, entries: [...head.entries, entry] }, NOTHING);
    expect(found.map(formatProblem)).toEqual([expect.stringContaining(`${entry.path}: ${message}`)]);
  });

  test("stacks that lie elsewhere, and names that are paths", () => {
    const head = synthesized(BASE);
    const stacks = {
      "f-site": { name: "f-site", workingDirectory: "../..", synthesizedStackPath: "/etc/x", dependencies: [] },
      "../x": {},
    };
    expect(gateProblems(snapshot(BASE), { ...head, manifest: { stacks } }, NOTHING).map(formatProblem)).toEqual([
      expect.stringContaining("manifest.json: f-site: workingDirectory: must be stacks/f-site"),
      expect.stringContaining("manifest.json: f-site: synthesizedStackPath: must be stacks/f-site/cdk.tf.json"),
      expect.stringContaining("manifest.json: ../x: is no name of a stack"),
    ]);
  });

  test("a key that is there twice", () => {
    const head = synthesized(BASE);
    const [stack] = head.stacks;
    const twice = `{"data":{"external":{}},${stack!.text.slice(1, -1)},"d\\u0061ta":{}}`;
    const found = gateProblems(snapshot(BASE), { ...head, stacks: [{ ...stack!, text: twice }] }, NOTHING);
    expect(found.map(formatProblem)).toEqual([
      expect.stringContaining('has a key twice, which hides one of the values, got "data"'),
    ]);
  });

  test("a list that is none", () => {
    expect(readAllowed({ dataSource: [], modules: "x", providers: [{}] })).toMatchObject({
      problems: [{ path: "dataSource" }, { path: "modules" }, { path: "providers[0]" }],
    });
  });
});
