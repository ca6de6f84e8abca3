import { Command } from "commander";
import { UserError } from "../../ops/errors";
import { plainContext } from "../../ops/terraform/context";
import { keyFingerprint, scanHostKeys } from "../../ops/terraform/reach";
import { fingerprintOf, trustProblems } from "../../ops/trust/problems";
import { needsJoinSecret } from "../../ops/trust/join-secret";
import { readPublicTrust, recordHostKeys, writePublicTrust } from "../../ops/trust/public";
import { initTrust, loadTrust, parseCertificate, renewTrust, type Trust, writeAuthKey } from "../../ops/trust/trust";
import type { SelectedFleet } from "../../ops/fleet";
import { confirmed } from "../confirm";
import { printWarnings, table } from "../print";
import {
  type Cli,
  type FleetOptions,
  fleetOf,
  optionsOf,
  secretInput,
  standardInput,
  withExamples,
  withFleet,
  withJson,
} from "../shared";

/** `steppe trust ...`: the fleet's CA, certificates, gossip key and management token, kept outside the repository. */
export function trustCommand(cli: Cli): Command {
  const trust = new Command("trust").description("the fleet's certificates and keys, kept outside the repository");
  for (const make of [initCommand, showCommand, renewCommand, authKeyCommand, hostKeyCommand])
    trust.addCommand(make(cli));
  return withExamples(trust, "trust init --fleet example", "trust show --fleet example");
}

function initCommand(cli: Cli): Command {
  const command = withFleet(new Command("init"))
    .description("make what the fleet lacks; running it again changes nothing")
    .option("--replace", "make a new trust although the repository names another one")
    .action(async (_options, self: Command) => {
      const options: FleetOptions & { replace?: boolean } = optionsOf(self);
      const chosen = fleetOf(cli, options);
      const { trust, made } = await initTrust(chosen.spec, {
        env: cli.env,
        project: cli.project,
        ...(chosen.committed !== undefined && { committed: chosen.committed }),
        replace: options.replace === true,
      });
      conclude(cli, chosen, trust, made);
    });
  return withExamples(command, "trust init --fleet example");
}

function renewCommand(cli: Cli): Command {
  const command = withFleet(new Command("renew"))
    .description("make all certificates anew; the next apply delivers them")
    .option("--authority", "renew the certificate of the CA too: same key, five more years")
    .action(async (_options, self: Command) => {
      const options: FleetOptions & { authority?: boolean } = optionsOf(self);
      const chosen = fleetOf(cli, options);
      const { trust, made } = await renewTrust(chosen.spec, {
        env: cli.env,
        project: cli.project,
        authority: options.authority === true,
      });
      conclude(cli, chosen, trust, made);
    });
  return withExamples(command, "trust renew --fleet example", "trust renew --authority --fleet example");
}

function showCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("show")))
    .description("fingerprints, subjects and ends of validity; never a secret")
    .action((_options, self: Command) => {
      const options = optionsOf(self);
      const chosen = fleetOf(cli, options);
      const trust = loadTrust(chosen.fleet.name, { env: cli.env, project: cli.project });
      const problems = trustProblems(trust, chosen.spec, new Date(), chosen.committed);
      const certificates = [
        ...(trust.ca.certificate === undefined ? [] : [described("ca", trust.ca.certificate)]),
        ...Object.entries(trust.certificates).map(([name, { certificate }]) => described(name, certificate)),
      ];
      const hostKeys = Object.entries(readPublicTrust(chosen.publicTrustPath)?.hostKeys ?? {});
      const authKeys = chosen.spec.identities
        .filter((identity) => identity.role !== "operator" && needsJoinSecret(identity))
        .map(({ name }) => ({ name, present: (trust.authKeys[name] ?? "") !== "" }));
      if (options.json === true) {
        const { fleet, generation, directory } = trust;
        cli.output.out(
          JSON.stringify(
            {
              fleet,
              generation,
              directory,
              certificates,
              authKeys: Object.fromEntries(authKeys.map(({ name, present }) => [name, present])),
              hostKeys: Object.fromEntries(hostKeys.map(([host, key]) => [host, keyFingerprint(key)])),
              problems,
            },
            undefined,
            2,
          ),
        );
        return;
      }
      cli.output.out(`fleet ${trust.fleet}, generation ${trust.generation}, in ${trust.directory}\n`);
      cli.output.out(
        table(
          cli.output,
          ["certificate", "subject", "ends", "SHA-256"],
          certificates.map(({ name, subject, notAfter, sha256 }) => [
            name,
            subject,
            notAfter.slice(0, 10),
            sha256.slice(0, 32),
          ]),
        ),
      );
      cli.output.out("");
      cli.output.out(
        table(
          cli.output,
          ["auth key", ""],
          authKeys.map(({ name, present }) => [name, present ? "present" : "missing"]),
        ),
      );
      if (hostKeys.length > 0) {
        cli.output.out("");
        const rows = hostKeys.map(([host, key]) => [host, key.split(" ")[0] ?? "", keyFingerprint(key)]);
        cli.output.out(table(cli.output, ["host", "key", "fingerprint"], rows));
      }
      printWarnings(problems, cli.output);
    });
  return withExamples(command, "trust show --fleet example", "trust show --fleet example --json");
}

function authKeyCommand(cli: Cli): Command {
  const command = withFleet(new Command("auth-key"))
    .description("record the auth key or OAuth client secret of one identity, read from standard input")
    .argument("<identity>", "server-<region> or client-<pool>")
    .action(async (identity: string, _options, self: Command) => {
      const chosen = fleetOf(cli, optionsOf(self));
      const key = await secretInput("the auth key", `./steppe trust auth-key ${identity} < file`);
      const changed = writeAuthKey(chosen.spec, identity, key, { env: cli.env, project: cli.project });
      cli.output.out(
        changed ? `recorded the auth key of ${identity}` : `the auth key of ${identity} is recorded already`,
      );
    });
  return withExamples(command, "trust auth-key server-east --fleet example < key.txt");
}

interface HostKeyOptions extends FleetOptions {
  readonly key?: string;
  readonly yes?: boolean;
}

function hostKeyCommand(cli: Cli): Command {
  const command = withFleet(new Command("host-key"))
    .description("record SSH host keys of on-prem machines in the public trust file")
    .argument("<host...>", "names of hosts in the fleet")
    .option("--key <line>", "the key itself, for one host; - reads standard input")
    .option("--yes", "record what the machine shows without asking")
    .action(async (hosts: string[], _options, self: Command) => {
      const options: HostKeyOptions = optionsOf(self);
      const chosen = fleetOf(cli, options);
      const keys: Record<string, string> = {};
      if (options.key !== undefined && hosts.length > 1) throw new UserError("--key is for one host");
      for (const host of hosts) {
        const at = addressOf(chosen, host);
        keys[host] =
          options.key === undefined
            ? await askedKey(cli, host, at, options.yes === true)
            : options.key === "-"
              ? await standardInput()
              : options.key;
      }
      const changed = recordHostKeys(chosen.publicTrustPath, keys);
      cli.output.out(
        changed ? `recorded in ${chosen.publicTrustPath}; commit it` : `${chosen.publicTrustPath} is as it should be`,
      );
    });
  return withExamples(
    command,
    "trust host-key gpu-1 gpu-2 --fleet example",
    'trust host-key gpu-1 --key "ssh-ed25519 AAAA..." --fleet example',
  );
}

function addressOf({ fleet }: SelectedFleet, host: string): { address: string; port: number } {
  const sites = Object.values(fleet.sites).flatMap((site) => (site.platform === "onprem" ? [site] : []));
  for (const { hosts, ssh } of sites) {
    const found = hosts[host];
    if (found !== undefined) return { address: found.address, port: ssh?.port ?? 22 };
  }
  throw new UserError(`fleet ${fleet.name} has no on-prem host ${host}`, [
    `use one of: ${sites.flatMap(({ hosts }) => Object.keys(hosts)).join(", ")}`,
  ]);
}

async function askedKey(
  cli: Cli,
  host: string,
  { address, port }: { address: string; port: number },
  yes: boolean,
): Promise<string> {
  const [key] = await scanHostKeys(address, port, "ed25519", { context: plainContext, env: cli.env });
  if (key === undefined)
    throw new UserError(`${host} (${address}:${port}) shows no ed25519 host key`, [
      "give it with --key; it is in /etc/ssh/ssh_host_ed25519_key.pub of the machine",
    ]);
  const fingerprint = keyFingerprint(key);
  cli.output.err(`${host} (${address}:${port}) shows ${fingerprint}`);
  if (!yes && !(await confirmed(`Is that what ${host} shows on its console?`)))
    throw new UserError(`the host key of ${host} was not confirmed`, [
      "compare it on the machine: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub, then give --yes or --key",
    ]);
  return key;
}

function conclude(cli: Cli, chosen: SelectedFleet, trust: Trust, made: readonly string[]): void {
  const written = writePublicTrust(chosen.publicTrustPath, trust, chosen.spec);
  for (const name of made) cli.output.out(`made ${name}`);
  cli.output.out(
    made.length === 0 && !written
      ? `the trust of fleet ${trust.fleet} is complete, generation ${trust.generation}; nothing changed`
      : `generation ${trust.generation}, in ${trust.directory}; keep a copy of it in a safe place`,
  );
  if (written) cli.output.out(`wrote ${chosen.publicTrustPath}; commit it`);
  printWarnings(trustProblems(trust, chosen.spec, new Date()), cli.output);
}

function described(name: string, pem: string) {
  const certificate = parseCertificate(pem);
  return {
    name,
    subject: certificate.subject,
    names: certificate.subjectAltName?.split(", ") ?? [],
    notAfter: new Date(certificate.validTo).toISOString(),
    sha256: fingerprintOf(pem),
  };
}
