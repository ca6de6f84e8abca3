import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../cli/main";
import { Checkout } from "./checkout";

/** Writes what `stacks.json` says, as cdktf would. */
const SYNTH = `
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
const out = process.env.CDKTF_OUTDIR;
const stacks = {};
for (const [name, { after, ...document }] of Object.entries(JSON.parse(readFileSync("stacks.json", "utf8")))) {
  mkdirSync(out + "/stacks/" + name, { recursive: true });
  writeFileSync(out + "/stacks/" + name + "/cdk.tf.json", JSON.stringify({
    terraform: { backend: { local: { path: "../../../state/" + name + ".tfstate" } } }, ...document,
  }));
  stacks[name] = { name, workingDirectory: "stacks/" + name, synthesizedStackPath: "stacks/" + name + "/cdk.tf.json", dependencies: after ?? [] };
}
writeFileSync(out + "/manifest.json", JSON.stringify({ stacks }));
`;

/** What a stack holds, besides its backend. */
export interface CheckoutStack {
  readonly after?: readonly string[];
  readonly [block: string]: unknown;
}

/** A checkout of the fleet `pilot` whose stacks a test writes itself. */
export class PlanCheckout extends Checkout {
  constructor() {
    super();
    writeFileSync(join(this.project, "scripts", "synth.mjs"), SYNTH);
  }

  /** What the fleet synthesizes from now on. */
  public synthesizes(stacks: Readonly<Record<string, CheckoutStack>>): void {
    writeFileSync(join(this.project, "stacks.json"), JSON.stringify(stacks));
  }

  public path(...parts: readonly string[]): string {
    return join(this.project, ...parts);
  }

  /** Makes a trust with all its secrets. */
  public async trusted(): Promise<void> {
    const output = { out: () => undefined, err: () => undefined, terminal: false };
    await main(["trust", "init"], { output, env: this.env, project: this.project });
    this.complete();
  }

  public json(...parts: readonly string[]): Record<string, unknown> {
    return JSON.parse(readFileSync(this.path(...parts), "utf8")) as Record<string, unknown>;
  }

  /** Serial of a stack's state; undefined where there is none. */
  public serial(stack: string): unknown {
    const path = this.path("state", `${stack}.tfstate`);
    return existsSync(path) ? this.json("state", `${stack}.tfstate`)["serial"] : undefined;
  }
}

/** A resource that holds a value. */
export const value = (input: string, more: object = {}): object => ({ terraform_data: { x: { input, ...more } } });
