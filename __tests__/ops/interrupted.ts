// Run by a test as a process of its own, so that it can be interrupted.
import { join } from "node:path";
import { apply } from "../../ops/terraform/deploy";
import { readStacks } from "../../ops/terraform/stack";
import { loadTrust } from "../../ops/trust/trust";

const project = process.argv[2] ?? "";
const spec = {
  fleet: "lab",
  domain: "steppe.test",
  regions: [{ name: "east", serverHosts: ["e1"] }],
  identities: [],
};
void apply(readStacks(join(project, "cdktf.out")), { spec, trust: loadTrust("lab", { project }), project }).then(
  (result) => process.stdout.write(JSON.stringify(result)),
);
