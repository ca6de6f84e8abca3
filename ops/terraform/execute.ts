import { createHash } from "node:crypto";
import { appendFileSync, chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { secretsVariable } from "../../model/identities";
import type { StateVersion } from "../../review/plan/plans-index";
import { type Finished, run } from "../process";
import { nomadFiles, redactor, secretPayload } from "../trust/secrets";
import { Messages } from "./messages";
import type { Json, Stack } from "./stack";
import type { Toolbox } from "./toolbox";

/** What one stack's plan would do. */
export interface PlannedChanges {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  readonly resources: readonly { readonly address: string; readonly action: string }[];
}

/** Terraform could not do its part for one stack. The message is what the user should see of its output. */
export class StackFailure extends Error {
  public override readonly name = "StackFailure";
}

/** Value of a secret variable while nothing is applied; a saved plan takes the real one in its place. */
export const PLACEHOLDER = "placeholder";

/** How a stack is planned. */
interface PlanSettings {
  /** Addresses of resources that are replaced although nothing of them changed. @default [] */
  readonly replace?: readonly string[];
  /** Ask providers what there is now. @default true */
  readonly refresh?: boolean;
  /** Plan to destroy all that the state has. @default false */
  readonly destroy?: boolean;
  /** Plan for these resources alone, and what they need. @default - for all */
  readonly target?: readonly string[];
}

/** Runs Terraform in one stack. Every line goes to the stack's log, none of it with a secret. */
export class StackRunner {
  public readonly log: string;
  private readonly redact: (text: string) => string;
  public readonly planFile: string;

  /** @param saved - absolute path of a plan file to apply. @default - that of the last plan of this stack */
  constructor(
    private readonly box: Toolbox,
    public readonly stack: Stack,
    saved?: string,
  ) {
    mkdirSync(box.run.logs, { recursive: true, mode: 0o700 });
    this.log = join(box.run.logs, `${stack.name}.log`);
    this.redact = redactor(box.run.trust);
    const data = box.run.dataDirectory(stack);
    mkdirSync(data, { recursive: true, mode: 0o700 });
    this.planFile = saved ?? join(data, "plan");
    writeFileSync(this.log, "", { mode: 0o600 });
    chmodSync(this.log, 0o600);
  }

  /** Installs providers and sets up the backend, unless nothing of that changed since the last time. */
  public async init(): Promise<void> {
    const { run: settings, tool, cliConfig } = this.box;
    const data = settings.dataDirectory(this.stack);
    const lock = join(this.stack.directory, ".terraform.lock.hcl");
    const savedLock = join(data, "lock.hcl");
    const stamp = join(data, "stamp");
    const inputs = createHash("sha256")
      .update(JSON.stringify([tool, this.stack.providers, this.stack.directory, this.terraformBlock()["backend"]]))
      .update(existsSync(cliConfig) ? readFileSync(cliConfig) : "")
      .digest("hex");
    if (!existsSync(lock) && existsSync(savedLock)) copyFileSync(savedLock, lock);
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === inputs) return;
    this.say("preparing");
    const result = await this.terraform(["init", "-input=false", "-no-color"], { prefix: false });
    if (result.code !== 0) throw new StackFailure(this.plainError(result));
    if (existsSync(lock)) copyFileSync(lock, savedLock);
    writeFileSync(stamp, inputs);
  }

  /**
   * Plans with placeholders for secrets, and keeps the plan for `apply`.
   *
   * @returns undefined when there is nothing to change.
   */
  public async plan(
    nomadAddress?: string,
    { replace = [], refresh = true, destroy = false, target = [] }: PlanSettings = {},
  ): Promise<PlannedChanges | undefined> {
    this.say("planning");
    const messages = new Messages(this.redact);
    const result = await this.terraform(
      [
        "plan",
        "-json",
        "-input=false",
        "-lock-timeout=60s",
        "-detailed-exitcode",
        `-out=${this.planFile}`,
        ...(destroy ? ["-destroy"] : this.replacements()),
        ...replace.map((address) => `-replace=${address}`),
        ...target.map((address) => `-target=${address}`),
        ...(refresh ? [] : ["-refresh=false"]),
      ],
      { env: this.variables(false, nomadAddress), messages },
    );
    if (existsSync(this.planFile)) chmodSync(this.planFile, 0o600);
    if (result.code === 0) return undefined;
    if (result.code !== 2) throw new StackFailure(messages.failure() ?? this.plainError(result));
    const { add = 0, change = 0, remove = 0 } = messages.changes ?? {};
    return {
      add,
      change,
      destroy: remove,
      resources: messages.planned.sort((a, b) => (a.address < b.address ? -1 : 1)),
    };
  }

  /** Flags that replace the deliveries to machines that shall take their bundle again. */
  private replacements(): string[] {
    const resources = (this.stack.document["resource"] ?? {}) as Record<
      string,
      Record<string, { readonly "//"?: { readonly metadata?: { readonly path?: string } } }>
    >;
    const paths = (this.box.run.redeliver ?? []).map((host) => `/${host}/Delivery`);
    return Object.entries(resources["terraform_data"] ?? {})
      .filter(([, resource]) => paths.some((path) => resource["//"]?.metadata?.path?.endsWith(path)))
      .map(([name]) => `-replace=terraform_data.${name}`);
  }

  /** The kept plan as a person reads it. */
  public async show(color: boolean): Promise<string> {
    const result = await this.terraform(["show", ...(color ? [] : ["-no-color"]), this.planFile], { prefix: false });
    return result.code === 0 ? result.stdout.trim() : this.plainError(result);
  }

  /** The kept plan as data. */
  public async planned(): Promise<Json> {
    return await this.json(this.planFile);
  }

  /** The state as data. */
  public async state(): Promise<Json> {
    return await this.json();
  }

  /** Which state the backend holds; undefined where there is none yet. */
  public async stateVersion(): Promise<StateVersion | undefined> {
    const result = await this.terraform(["state", "pull"], { prefix: false, silent: true });
    if (result.code !== 0) throw new StackFailure(this.plainError(result));
    if (result.stdout.trim() === "") return undefined;
    const { lineage = "", serial = 0 } = JSON.parse(result.stdout) as Partial<StateVersion>;
    return { lineage, serial };
  }

  /** Versions of the providers that are installed for it, by source. */
  public async providerVersions(): Promise<Readonly<Record<string, string>>> {
    const result = await this.terraform(["version", "-json"], { prefix: false, silent: true });
    if (result.code !== 0) throw new StackFailure(this.plainError(result));
    const { provider_selections: selected = {} } = JSON.parse(result.stdout.slice(result.stdout.indexOf("{"))) as {
      readonly provider_selections?: Readonly<Record<string, string>>;
    };
    return selected;
  }

  /** @see https://developer.hashicorp.com/terraform/internals/json-format */
  private async json(...file: readonly string[]): Promise<Json> {
    const result = await this.terraform(["show", "-json", ...file], { prefix: false, silent: true });
    if (result.code !== 0) throw new StackFailure(this.plainError(result));
    return JSON.parse(result.stdout) as Json;
  }

  /** Takes resources out of the state and leaves the things themselves alone. */
  public async forget(addresses: readonly string[]): Promise<void> {
    this.say(`forgetting ${addresses.length} resources`);
    const result = await this.terraform(["state", "rm", "-lock-timeout=60s", ...addresses], { prefix: false });
    if (result.code !== 0) throw new StackFailure(this.plainError(result));
  }

  /**
   * Applies the kept plan with the real secrets.
   *
   * @param secrets - false for a plan that makes nothing, and so needs none.
   */
  public async apply(nomadAddress?: string, { secrets = true }: { readonly secrets?: boolean } = {}): Promise<void> {
    this.say("applying");
    const messages = new Messages(this.redact, (text) => this.say(text));
    const result = await this.terraform(["apply", "-json", "-input=false", "-lock-timeout=60s", this.planFile], {
      env: this.variables(secrets, nomadAddress),
      messages,
    });
    if (result.code !== 0) throw new StackFailure(messages.failure() ?? this.plainError(result));
  }

  /** Adds a line to the stack's log. */
  public note(line: string): void {
    appendFileSync(this.log, `${this.redact(line)}\n`);
  }

  /** Takes known secrets out of text. */
  public clean(text: string): string {
    return this.redact(text);
  }

  private say(text: string): void {
    this.box.run.progress({ stack: this.stack.name, kind: "working", text: this.redact(text) });
  }

  private terraformBlock(): Record<string, unknown> {
    return (this.stack.document["terraform"] ?? {}) as Record<string, unknown>;
  }

  private terraform(
    args: readonly string[],
    options: {
      readonly prefix?: boolean;
      readonly env?: Readonly<Record<string, string>>;
      readonly messages?: Messages;
      /** Keep its output out of the log. @default false */
      readonly silent?: boolean;
    },
  ): Promise<Finished> {
    const { run: settings, tool, interrupts, cliConfig } = this.box;
    const prefix = options.prefix === false ? [] : settings.context.prefix;
    const argv = [...prefix, tool.command, `-chdir=${this.stack.directory}`, ...args];
    this.note(`$ ${tool.command} ${args[0]} (${new Date().toISOString()})`);
    return run(argv, {
      interrupts,
      env: {
        ...settings.env,
        CHECKPOINT_DISABLE: "1",
        TF_IN_AUTOMATION: "1",
        TF_INPUT: "0",
        TF_CLI_CONFIG_FILE: cliConfig,
        TF_DATA_DIR: settings.dataDirectory(this.stack),
        ...this.nomadEnvironment(),
        ...options.env,
      },
      onLine: (line) => {
        if (options.silent === true) return;
        if (options.messages === undefined) this.note(line);
        else for (const text of options.messages.read(line)) this.note(text);
      },
    });
  }

  private nomadEnvironment(): Record<string, string> {
    const { trust } = this.box.run;
    if (this.stack.nomadRegion === undefined || trust === undefined) return {};
    const files = nomadFiles(trust);
    return {
      NOMAD_CACERT: files.ca,
      NOMAD_CLIENT_CERT: files.certificate,
      NOMAD_CLIENT_KEY: files.key,
      ...(trust.managementToken !== undefined && { NOMAD_TOKEN: trust.managementToken }),
    };
  }

  private variables(real: boolean, nomadAddress: string | undefined): Record<string, string> {
    const { trust, spec } = this.box.run;
    const variables: Record<string, string> = {};
    for (const variable of this.stack.secretVariables) {
      const identity = spec.identities.find((candidate) => secretsVariable(candidate) === variable);
      if (real && (trust === undefined || identity === undefined))
        throw new StackFailure(`there is no secret for ${variable}`);
      variables[`TF_VAR_${variable}`] =
        real && trust !== undefined && identity !== undefined ? secretPayload(trust, identity) : PLACEHOLDER;
    }
    if (nomadAddress !== undefined) {
      // The provider needs it set even where its address is configured (hashicorp/terraform-provider-nomad#608).
      variables["NOMAD_ADDR"] = nomadAddress;
      if (this.stack.variables.includes("nomad_address")) variables["TF_VAR_nomad_address"] = nomadAddress;
    }
    return variables;
  }

  /** The part of plain output that says what went wrong. */
  private plainError({ stdout, stderr, code }: Finished): string {
    const text = this.redact(`${stdout}\n${stderr}`)
      .replace(/^[│╷╵] ?/gm, "")
      .trim();
    const start = text.search(/^Error: /m);
    const told = start < 0 ? text.split("\n").slice(-15).join("\n") : text.slice(start);
    return told.trim() === "" ? `${this.box.tool.command} ended with code ${code}` : told.trim();
  }
}
