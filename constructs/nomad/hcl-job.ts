import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { terraformLiteral } from "../core/literal";
import { assertValid, type Problem } from "../core/problems";
import { dependencies } from "./dependencies";
import { JobResource } from "./job-resource";

export interface HclJobProps {
  /** Path of a jobspec in HCL, as `nomad job run` takes it. */
  readonly file: string;
  /**
   * Values of the file's `variable` blocks, in HCL's or JSON's spelling where they are no text. Never a secret: Terraform keeps
   * them in its state.
   *
   * @default {}
   */
  readonly vars?: Readonly<Record<string, string>>;
  /** Let the file call `file()` and the like, on the machine that runs Terraform. @default false */
  readonly allowFs?: boolean;
  /** Return once the job is registered; else wait until its deployment is healthy. @default true - the provider's */
  readonly detach?: boolean;
  /** @default - the stack's readiness gate, which is always waited for */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * An existing jobspec in HCL, handed to the provider unchanged: for moving to typed jobs step by step. None of Steppe's rules
 * see what is in it; `./steppe import` prints it as a typed job, which they do.
 *
 * @see https://registry.terraform.io/providers/hashicorp/nomad/2.5.2/docs/resources/job#hcl2
 */
export class HclJob extends Construct {
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: JobResource;

  /** @throws ValidationError when the file cannot be read, is no jobspec, or does not declare a variable that is given. */
  constructor(scope: Construct, id: string, props: HclJobProps) {
    super(scope, id);
    const { file, vars = {}, allowFs } = props;
    const text = this.read(file);
    assertValid(this.node.path, problemsOf(file, text, vars));
    this.resource = new JobResource(this, "Resource", {
      jobspec: terraformLiteral(text),
      hcl2: { vars: { ...vars }, ...(allowFs === undefined ? {} : { allowFs }) },
      detach: props.detach,
      dependsOn: dependencies(this, props.dependsOn),
    });
  }

  private read(file: string): string {
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be read";
      assertValid(this.node.path, [
        { path: "file", rule: why, got: file, fix: "give a path from the directory in which the program runs" },
      ]);
      throw error;
    }
  }
}

const declaration = /^\s*variable\s+"?([A-Za-z_][\w-]*)"?\s*\{/gm;
const declarations = /^\s*variables\s*\{/m;

function problemsOf(file: string, text: string, vars: Readonly<Record<string, string>>): Problem[] {
  const problems: Problem[] = [];
  if (!/^\s*job\s+("[^"]*"|[A-Za-z_][\w-]*)\s*\{/m.test(text)) {
    const fix = file.endsWith(".json") ? "read it with ./steppe import, and use NomadJob" : "name a jobspec in HCL";
    problems.push({ path: "file", rule: "must hold a job block", got: basename(file), fix });
  }
  if (declarations.test(text)) return problems;
  const declared = [...text.matchAll(declaration)].map(([, name = ""]) => name);
  for (const name of Object.keys(vars)) {
    if (declared.includes(name)) continue;
    problems.push({
      path: `vars.${name}`,
      rule: `must be a variable of ${basename(file)}`,
      fix: declared.length === 0 ? "remove it: the file declares none" : `use one of: ${declared.join(", ")}`,
    });
  }
  return problems;
}
