// npm run generate: writes the bindings of a provider that npm has none for, from its committed schema. No network.
process.env["CHECKPOINT_DISABLE"] = "1"; // the generator would ask for news of Terraform as it is loaded
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import {
  ConstructsMakerProviderTarget,
  Language,
  type ProviderSchema,
  TerraformProviderConstraint,
} from "@cdktf/commons";
import { CodeMaker, TerraformProviderGenerator } from "@cdktf/provider-generator";
import { TAILSCALE_PROVIDER_VERSION } from "../model/versions";

/** In full: OpenTofu completes a short source with its own registry. */
const SOURCE = "registry.terraform.io/tailscale/tailscale";

interface Schema {
  readonly block: Block;
}

interface Block {
  readonly attributes?: Readonly<Record<string, { readonly sensitive?: boolean }>>;
  readonly block_types?: Readonly<Record<string, Schema>>;
}

/** Whether Terraform would keep a secret of such a resource in its state. */
function holdsSecret({ block: { attributes = {}, block_types = {} } }: Schema): boolean {
  return (
    Object.values(attributes).some(({ sensitive }) => sensitive === true) ||
    Object.values(block_types).some(holdsSecret)
  );
}

function withoutSecrets<T extends Schema>(types: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(types).filter(([, schema]) => !holdsSecret(schema)));
}

/** The strict compiler wants `override`, which the generator does not write. */
function withOverride(text: string): string {
  return text
    .replace(/^( {2}(?:protected|public))(?= synthesize(?:Hcl)?Attributes\(| [gs]et alias\()/gm, "$1 override")
    .replace(/^ *constructor\(protected terraformResource.*$/gm, (line) =>
      line.replace(/protected (?=terraformResource|terraformAttribute|wrapsSet)/g, "protected override "),
    );
}

/**
 * Makes the bindings of the Tailscale provider. Types that would put a secret into state get none.
 *
 * @param schemas - as `terraform providers schema -json` prints them.
 * @returns text by path. Shape: `acl/index.ts`.
 */
async function generateBindings(schemas: ProviderSchema): Promise<ReadonlyMap<string, string>> {
  const schema = schemas.provider_schemas?.[SOURCE];
  if (schema === undefined) throw new RangeError(`no schema of ${SOURCE}`);
  const generator = new TerraformProviderGenerator(new CodeMaker(), {
    provider_versions: { [SOURCE]: TAILSCALE_PROVIDER_VERSION },
    provider_schemas: {
      [SOURCE]: {
        provider: schema.provider,
        resource_schemas: withoutSecrets(schema.resource_schemas),
        data_source_schemas: withoutSecrets(schema.data_source_schemas),
      },
    },
  });
  const constraint = new TerraformProviderConstraint(`${SOURCE}@${TAILSCALE_PROVIDER_VERSION}`);
  generator.generate(new ConstructsMakerProviderTarget(constraint, Language.TYPESCRIPT));
  const scratch = mkdtempSync(join(tmpdir(), "steppe-bindings-"));
  try {
    await generator.save(scratch);
    const made = join(scratch, "providers", "tailscale");
    // Neither the indices, which would load every type, nor a page for each.
    const paths = readdirSync(made, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith("/index.ts"));
    return new Map(paths.sort().map((path) => [path, withOverride(readFileSync(join(made, path), "utf8"))]));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Writes the bindings into `gen/`, where those of types that have gone go, or into a new directory. */
async function regenerate(target?: string): Promise<void> {
  const gen = resolve(__dirname, "../gen/tailscale");
  const files = await generateBindings(JSON.parse(readFileSync(join(gen, "schema.json"), "utf8")) as ProviderSchema);
  const directory = target ?? gen;
  if (target === undefined)
    for (const entry of readdirSync(gen, { withFileTypes: true }))
      if (entry.isDirectory()) rmSync(join(gen, entry.name), { recursive: true });
  for (const [path, text] of files) {
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    writeFileSync(join(directory, path), text, { flag: "wx" });
  }
  process.stdout.write(`${files.size} files in ${directory}\n`);
}

void regenerate(process.argv[2]);
