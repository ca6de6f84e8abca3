import { type MachineIdentity, secretsVariable } from "../../model/identities";
import type { StackDocument } from "./synth";
import { runTerraform, terraformDir } from "./terraform";

/** What holds of an apply whatever the providers make up. */
export type Claim = readonly [claim: string, condition: string];

/** Made-up values by attribute, by type or address of resources. */
export type Shapes = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface MockApply {
  readonly stack: StackDocument;
  /** What is laid over it so that it runs here. */
  readonly override: string;
  /** Providers that make up their answers, by source, with the shapes that they check. */
  readonly providers: Readonly<Record<string, Shapes>>;
  /** Whose secrets the apply is given. */
  readonly identities: readonly MachineIdentity[];
  readonly claims: readonly Claim[];
  /** Made-up values of single resources, by address. @default {} */
  readonly values?: Shapes;
}

/** Address of the resource of a type whose id begins so, behind what all have in common. @throws Error when there is none, or more. */
export function addressIn({ resource }: StackDocument, type: string, begin: string): string {
  const found = Object.keys(resource?.[type] ?? {}).filter((id) =>
    id.replace(/^Machines_/, "").startsWith(`${begin}_`),
  );
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} begin with ${begin}`);
  return `${type}.${found[0]}`;
}

/**
 * Applies a stack with Terraform's own test command and mocked providers, and asks whether the claims hold.
 *
 * @returns what Terraform says.
 * @see https://developer.hashicorp.com/terraform/language/tests/mocking
 */
export function mockApply({ stack, override, providers, identities, claims, values = {} }: MockApply): string {
  const secrets = identities.map((identity) => `    ${secretsVariable(identity)} = "of ${identity.name}"\n`);
  const asserts = claims.map(
    ([claim, condition]) =>
      `  assert {\n    condition     = ${condition}\n    error_message = "not so: ${claim}"\n  }\n`,
  );
  const overrides = Object.entries(values).map(
    ([target, known]) => `override_resource {\n  target = ${target}\n  values = ${JSON.stringify(known)}\n}\n`,
  );
  const text = `${Object.entries(providers).map(mockProvider).join("")}${overrides.join("")}
run "an_apply" {
  command = apply
  variables {
${secrets.join("")}  }
${asserts.join("")}}
`;
  const files = {
    "cdk.tf.json": JSON.stringify(withoutProvisioners(stack)),
    "steppe_override.tf.json": override,
    "site.tftest.hcl": text,
  };
  const directory = terraformDir(files, Object.keys(providers));
  runTerraform(directory, "init", "-backend=false");
  return runTerraform(directory, "test", "-no-color");
}

function mockProvider([source, shapes]: readonly [string, Shapes]): string {
  const resources = Object.entries(shapes).map(
    ([type, defaults]) => `  mock_resource "${type}" {\n    defaults = ${JSON.stringify(defaults)}\n  }\n`,
  );
  return `mock_provider "${source.split("/")[1]}" {\n${resources.join("")}}\n`;
}

/** The stack without its deliveries: mocked machines answer no SSH. */
export function withoutProvisioners({ resource, ...stack }: StackDocument): StackDocument {
  const data = Object.entries(resource?.["terraform_data"] ?? {}).map(([id, { provisioner: _, ...rest }]) => [
    id,
    rest,
  ]);
  return { ...stack, resource: { ...resource, terraform_data: Object.fromEntries(data) } };
}
