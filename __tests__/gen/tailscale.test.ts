import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import schemas from "../../gen/tailscale/schema.json";
import { TAILSCALE_PROVIDER_VERSION } from "../../model/versions";
import { type Blocks, blocksByType } from "../../review/hcl/blocks";
import { describeWithTerraform, removeTerraformDirs, runTerraform, terraformDir } from "../helpers/terraform";

const root = join(__dirname, "..", "..");
const gen = join(root, "gen", "tailscale");
const schema = schemas.provider_schemas["registry.terraform.io/tailscale/tailscale"];
const scratch = mkdtempSync(join(tmpdir(), "steppe-gen-"));

afterAll(() => {
  removeTerraformDirs();
  rmSync(scratch, { recursive: true });
});

interface Block {
  readonly attributes?: object;
  readonly block_types?: Readonly<Record<string, { readonly block: Block }>>;
}

/** Text of every generated file by path. */
function bindingsIn(directory: string): Record<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(directory, path), "utf8")]));
}

/** Without descriptions, which are the vendor's words. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const isText = (key: string, inner: unknown) => /^description(_kind)?$/.test(key) && typeof inner === "string";
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !isText(key, inner))
      .map(([key, inner]) => [key, shapeOf(inner)]),
  );
}

test("generating the bindings again changes nothing", () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--require", "tsx/cjs", join(root, "scripts", "generate-bindings.ts"), join(scratch, "again")],
    { cwd: root, encoding: "utf8" },
  );
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  expect(bindingsIn(join(scratch, "again"))).toEqual(bindingsIn(gen));
}, 60_000);

test("every type has a binding but those that would put a secret into state", () => {
  const folderOf = (type: string) => type.replace(/^tailscale_/, "").replaceAll("_", "-");
  const types = [
    "provider",
    ...Object.keys(schema.resource_schemas).map(folderOf),
    ...Object.keys(schema.data_source_schemas).map((type) => `data-tailscale-${folderOf(type)}`),
  ];
  const made = Object.keys(bindingsIn(gen)).map((path) => path.replace("/index.ts", ""));
  expect(types.filter((type) => !made.includes(type))).toEqual([
    "logstream-configuration",
    "oauth-client",
    "posture-integration",
    "tailnet-key",
    "webhook",
  ]);
  expect(made.filter((type) => !types.includes(type))).toEqual([]);
});

test("HCL for people knows which parts of a type are blocks", () => {
  const blocksOf = ({ block_types = {} }: Block): Blocks =>
    Object.fromEntries(Object.entries(block_types).map(([name, { block }]) => [name, blocksOf(block)]));
  const types: [string, { readonly block: Block }][] = [
    ...Object.entries(schema.resource_schemas),
    // The rest of a data source's blocks are what it answers.
    ["tailscale_devices", { block: { block_types: { filter: { block: {} } } } }],
  ];
  const withBlocks = types.map(([type, { block }]) => [type, blocksOf(block)] as const);
  expect(Object.fromEntries(withBlocks.filter(([, blocks]) => Object.keys(blocks).length > 0))).toEqual(
    Object.fromEntries(Object.entries(blocksByType).filter(([type]) => type.startsWith("tailscale_"))),
  );
});

describeWithTerraform("the schema on the real provider", ["tailscale/tailscale"], () => {
  test("is what the provider says of itself, but for descriptions", () => {
    const provider = { source: "tailscale/tailscale", version: TAILSCALE_PROVIDER_VERSION };
    const directory = terraformDir(
      { "main.tf.json": JSON.stringify({ terraform: { required_providers: { tailscale: provider } } }) },
      [provider.source],
    );
    runTerraform(directory, "init", "-backend=false");
    const said = JSON.parse(runTerraform(directory, "providers", "schema", "-json")) as unknown;
    expect(shapeOf(said)).toEqual(schemas);
  }, 60_000);
});
