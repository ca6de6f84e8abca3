import { Command } from "commander";
import { tailnetDialect } from "../../model/names";
import { UserError } from "../../ops/errors";
import type { SelectedFleet } from "../../ops/fleet";
import { makeTailnetKey, MAX_EXPIRY_DAYS, type PlannedKey, planTailnetKeys } from "../../ops/secrets/tailnet-keys";
import { type AuthKeyRecord, authKeyProblems, tailnetKeys } from "../../ops/trust/auth-keys";
import { loadTrust, parseCertificate, type Trust, writeAuthKey } from "../../ops/trust/trust";
import { controlPlaneFor } from "../control-plane";
import { printWarnings, table } from "../print";
import { listVariables } from "./variable-list";
import { snapshotKeyCommand } from "./snapshot/key";
import { variableCommand } from "./variable";
import {
  type Cli,
  type FleetOptions,
  fleetOf,
  optionsOf,
  secretInput,
  wholeNumber,
  withExamples,
  withFleet,
  withJson,
} from "../shared";

/** Kinds of secrets that `secret put` can write, one command each. */
const KINDS = [tailnetKeyCommand, snapshotKeyCommand, variableCommand];

/** `steppe secret ...`: values that go straight to where they belong, past Terraform, arguments and screens. */
export function secretCommand(cli: Cli): Command {
  const put = new Command("put").description("write a secret to where it belongs, never through Terraform");
  for (const make of KINDS) put.addCommand(make(cli));
  withExamples(put, "secret put tailnet-key --missing --fleet example");
  const secret = new Command("secret").description("secrets of the fleet: which there are, and new ones");
  secret.addCommand(put);
  secret.addCommand(listCommand(cli));
  return withExamples(secret, "secret list --fleet example", "secret put tailnet-key --missing --fleet example");
}

interface KeyOptions extends FleetOptions {
  readonly missing?: boolean;
  readonly rotate?: boolean;
  readonly dryRun?: boolean;
  readonly fromStdin?: boolean;
  readonly expiryDays?: number;
}

function tailnetKeyCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("tailnet-key")))
    .description(
      "make the key by which machines of an identity join the tailnet, and write it into the trust: an auth key, or an OAuth client where the fleet says so",
    )
    .argument("[identity...]", "server-<region>, client-<pool> or operator")
    .option("--missing", "all that are missing or have expired")
    .option("--rotate", "replace keys that are there and valid")
    .option("--from-stdin", "take the value of one identity from standard input instead of making it")
    .option(
      "--expiry-days <n>",
      `days in which machines may join with it (default: ${MAX_EXPIRY_DAYS})`,
      wholeNumber("--expiry-days", 1),
    )
    .option("--dry-run", "say what would be made; asks nobody, changes nothing")
    .action(async (names: string[], _options, self: Command) => {
      const options: KeyOptions = optionsOf(self);
      const chosen = fleetOf(cli, options);
      checkOptions(chosen, names, options);
      const place = { env: cli.env, project: cli.project };
      const trust = loadTrust(chosen.fleet.name, place);
      const wanted = { identities: names, rotate: options.rotate === true };
      const plans = planTailnetKeys(chosen.spec, trust, wanted, new Date());
      const work = plans.filter(({ action }) => action !== "keep");
      if (options.fromStdin === true) return await record(cli, chosen, trust, plans, options);
      const records = new Map<string, AuthKeyRecord>();
      if (work.length > 0 && options.dryRun !== true) {
        const plane = await controlPlaneFor(cli, chosen);
        for (const plan of work) {
          const days = options.expiryDays ?? MAX_EXPIRY_DAYS;
          const made = await makeTailnetKey(plane, chosen.spec, plan, days, place);
          records.set(plan.identity.name, made);
          if (options.json !== true) cli.output.out(madeText(plan, made));
        }
      }
      if (options.json === true)
        cli.output.out(
          JSON.stringify(
            plans.map((plan) => asJson(plan, records)),
            null,
            2,
          ),
        );
      else conclude(cli, plans, options.dryRun === true);
    });
  return withExamples(
    command,
    "secret put tailnet-key --missing --fleet example     # what apply would complain about",
    "secret put tailnet-key client-h100 --rotate --fleet example",
    "secret put tailnet-key server-eu --from-stdin --fleet example < key.txt",
  );
}

function checkOptions({ fleet }: SelectedFleet, names: readonly string[], options: KeyOptions): void {
  const use = ["see ./steppe secret put tailnet-key --help"];
  if (names.length === 0 && options.missing !== true)
    throw new UserError("no identity is given", ["name identities, or give --missing for all that lack a key"]);
  if (names.length > 0 && options.missing === true)
    throw new UserError("--missing chooses the identities itself", ["leave out their names, or --missing"]);
  if (options.missing === true && options.rotate === true)
    throw new UserError("--rotate replaces keys that are there, and --missing makes those that are not", use);
  if (options.fromStdin === true && names.length !== 1)
    throw new UserError("--from-stdin takes the value of one identity", ["name one"]);
  if (options.fromStdin === true && options.expiryDays !== undefined)
    throw new UserError("--expiry-days is for keys that are made here; a given one has its own end", use);
  const days = options.expiryDays ?? 0;
  if (tailnetDialect(fleet) === "tailscale" && days > MAX_EXPIRY_DAYS)
    throw new UserError(
      `--expiry-days must be at most ${MAX_EXPIRY_DAYS}, which is what Tailscale allows, got ${days}`,
    );
}

async function record(
  cli: Cli,
  { spec }: SelectedFleet,
  trust: Trust,
  plans: readonly PlannedKey[],
  options: KeyOptions,
): Promise<void> {
  for (const plan of plans) {
    const { name } = plan.identity;
    const value = (await secretInput("the key", `./steppe secret put tailnet-key ${name} --from-stdin < file`)).trim();
    const isSame = value === trust.authKeys[name];
    if (plan.action === "keep" && !isSame)
      throw new UserError(`${name} has a valid key, and it is another one`, ["give --rotate to replace it"]);
    if (options.dryRun !== true && !isSame) {
      const created = new Date().toISOString();
      writeAuthKey(spec, name, value, { env: cli.env, project: cli.project, record: { created } });
    }
    const action = isSame ? "keep" : plan.action;
    if (options.json === true) cli.output.out(JSON.stringify([asJson({ ...plan, action }, new Map())], null, 2));
    else if (isSame) cli.output.out(`${name} has this key already`);
    else cli.output.out(options.dryRun === true ? `would record the key of ${name}` : `recorded the key of ${name}`);
    if (action === "replace" && options.json !== true) cli.output.out(ROTATION);
  }
}

const NOUNS = { "auth-key": "auth key", "oauth-client": "OAuth client" } as const;
const ROTATION =
  "rotation touches no machine: those that have joined stay, and the old key stays valid until it ends or is revoked";

function madeText({ identity, kind, tags, ephemeral, reusable }: PlannedKey, { id, expires }: AuthKeyRecord): string {
  const properties = [...(reusable ? ["reusable"] : []), ...(ephemeral ? ["ephemeral"] : []), ...tags];
  const end = expires === undefined ? "does not end" : `ends ${expires.slice(0, 10)}`;
  return `made the ${NOUNS[kind]} of ${identity.name}: ${id ?? ""}, ${end}; ${properties.join(", ")}`;
}

function conclude(cli: Cli, plans: readonly PlannedKey[], isDry: boolean): void {
  if (plans.length === 0) cli.output.out("no key is missing");
  for (const { identity, kind, action, record: known, tags } of plans) {
    const end = known?.expires === undefined ? "" : `, ends ${known.expires.slice(0, 10)}`;
    if (action === "keep") cli.output.out(`kept the ${NOUNS[kind]} of ${identity.name}${end}; --rotate replaces it`);
    else if (isDry) cli.output.out(`would ${action} the ${NOUNS[kind]} of ${identity.name}: ${tags.join(", ")}`);
  }
  const replaced = plans.filter(({ action }) => action === "replace");
  if (replaced.length === 0) return;
  cli.output.out(ROTATION);
  for (const { identity, record: known } of replaced)
    if (known?.id !== undefined && !isDry) cli.output.out(`the old one of ${identity.name} was ${known.id}`);
}

function asJson(
  { identity, kind, action, tags, ephemeral, reusable, record: known }: PlannedKey,
  made: ReadonlyMap<string, AuthKeyRecord>,
) {
  const about = made.get(identity.name) ?? (action === "keep" ? known : undefined);
  return { identity: identity.name, kind, action, tags, ephemeral, reusable, ...about };
}

interface ListOptions extends FleetOptions {
  readonly variables?: boolean;
  readonly region?: string;
}

interface SecretRow {
  readonly secret: string;
  readonly of: string;
  readonly kind: string;
  readonly state: string;
  /** ISO 8601. */
  readonly created?: string;
  readonly expires?: string;
}

function listCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("list")))
    .description("which secrets there are, since when and until when; never a value")
    .option(
      "--variables",
      "which Nomad variables the fleet's jobs read, and whether they are there, as their regions say",
    )
    .option("--region <region>", "with --variables: only this Nomad region")
    .action(async (_options, self: Command) => {
      const options: ListOptions = optionsOf(self);
      const chosen = fleetOf(cli, options);
      if (options.variables === true) return await listVariables(cli, chosen, options);
      if (options.region !== undefined)
        throw new UserError("--region is for --variables: what else there is, is the fleet's");
      const { fleet, spec } = chosen;
      const trust = loadTrust(fleet.name, { env: cli.env, project: cli.project });
      const now = new Date();
      const rows = [
        ...tailnetKeys(trust, spec.identities, now).map(({ identity, kind, state, record: known }): SecretRow => {
          return { secret: "tailnet key", of: identity, kind, state, ...known };
        }),
        ...rowsOfTrust(trust),
      ];
      if (options.json === true) {
        cli.output.out(JSON.stringify(rows, null, 2));
        return;
      }
      const day = (time: string | undefined) => time?.slice(0, 10) ?? "";
      cli.output.out(
        table(
          cli.output,
          ["secret", "of", "kind", "state", "recorded", "ends"],
          rows.map(({ secret, of, kind, state, created, expires }) => [
            secret,
            of,
            kind,
            state,
            day(created),
            day(expires),
          ]),
        ),
      );
      printWarnings(authKeyProblems(trust, spec.identities, now), cli.output);
    });
  return withExamples(
    command,
    "secret list --fleet example",
    "secret list --fleet example --json",
    "secret list --variables --fleet example    # what is missing for the jobs, and how to write it",
  );
}

function rowsOfTrust(trust: Trust): SecretRow[] {
  const stateOf = (value: string | undefined) => (value === undefined ? "missing" : "present");
  const ended = (certificate: string) => new Date(parseCertificate(certificate).validTo).toISOString();
  return [
    { secret: "CA key", of: trust.fleet, kind: "P-256 key", state: stateOf(trust.ca.key) },
    ...Object.entries(trust.certificates).map(([of, { certificate }]) => {
      return { secret: "certificate key", of, kind: "P-256 key", state: "present", expires: ended(certificate) };
    }),
    { secret: "gossip key", of: trust.fleet, kind: "32 bytes", state: stateOf(trust.gossipKey) },
    { secret: "management token", of: trust.fleet, kind: "UUID", state: stateOf(trust.managementToken) },
    ...Object.keys(trust.snapshotKeys).map((of) => {
      return { secret: "snapshot key", of, kind: "S3 access key", state: "present" };
    }),
  ];
}
