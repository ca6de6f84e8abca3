import { App, Testing, TerraformStack } from "cdktf";
import { NomadJob } from "../../constructs/nomad/job";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { NOMAD_PROVIDER_SCALING_VERSION, NOMAD_PROVIDER_VERSION } from "../../model/versions";

const job = {
  id: "web",
  groups: {
    web: {
      scaling: { min: 1, max: 3 },
      tasks: { web: { driver: "exec", config: { command: "/usr/bin/web" } } },
    },
  },
} as const;

function synthesized(preserveCounts?: boolean) {
  const stack = new TerraformStack(new App({ outdir: "unused" }), "jobs");
  new RegionProvider(stack, "nomad", { region: "east", address: "https://nomad.example:4646" });
  new NomadJob(stack, "Web", { job, ...(preserveCounts === undefined ? {} : { preserveCounts }) });
  const document = JSON.parse(Testing.synth(stack)) as {
    readonly terraform: { readonly required_providers: { readonly nomad: { readonly version: string } } };
    readonly resource: { readonly nomad_job: Readonly<Record<string, { readonly preserve_counts?: boolean }>> };
  };
  const [resource] = Object.values(document.resource.nomad_job);
  return { version: document.terraform.required_providers.nomad.version, preserved: resource?.preserve_counts };
}

test("a job whose counts are kept needs a provider that can", () => {
  expect(synthesized(true)).toEqual({ version: NOMAD_PROVIDER_SCALING_VERSION, preserved: true });
});

test("another leaves provider and resource as they are", () => {
  expect(synthesized()).toEqual({ version: NOMAD_PROVIDER_VERSION, preserved: undefined });
});
