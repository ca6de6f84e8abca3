import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { secretsOf } from "../../ops/trust/secrets";
import { removeCheckouts } from "./checkout";
import { awsFleet } from "./fleet";
import { ServerCheckout } from "./server-checkout";
import { StandInNomad } from "./stand-ins/nomad-autopilot";

const nomads: StandInNomad[] = [];

/** Ends what {@link applied} started. For `afterEach`. */
export async function stopNomads(): Promise<void> {
  await Promise.all(nomads.splice(0).map(async (nomad) => await nomad.stop()));
}

/** For `afterAll`. */
export { removeCheckouts };

export const CLOUD = ["small-cloud-1", "small-cloud-2", "small-cloud-3"];
export const NORTH = ["n-1", "n-2", "n-3"];

export interface SiteOptions {
  /** @default "image-1" */
  readonly image?: string;
  /** Of what is no server's. @default "1" */
  readonly network?: string;
}

/** A site's stack as a synthesis leaves it, with Terraform's own resource in the place of a cloud's. */
function site(checkout: ServerCheckout, name: string, hosts: readonly string[], options: SiteOptions = {}): object {
  const { image = "image-1", network = "1" } = options;
  const at = (path: string) => ({ "//": { metadata: { path: `small-site-${name}/Machines/${path}` } } });
  const of = (id: string) => `\${terraform_data.${id}.id}`;
  const machine = (host: string) => ({
    [`${host}_Machine`]: {
      ...at(`Servers-${name}/${host}/Machine`),
      input: image,
      lifecycle: { ignore_changes: ["input"] },
    },
    [`${host}_Data`]: { ...at(`Servers-${name}/${host}/Data`), input: host },
    [`${host}_Attachment`]: {
      ...at(`Servers-${name}/${host}/Attachment`),
      triggers_replace: [of(`${host}_Machine`), of(`${host}_Data`)],
    },
    [`${host}_Target`]: { ...at(`Access-${name}/Target-${host}`), triggers_replace: of(`${host}_Machine`) },
    [`${host}_Delivery`]: {
      ...at(`${host}/Delivery`),
      triggers_replace: of(`${host}_Machine`),
      depends_on: [`terraform_data.${host}_Attachment`],
      provisioner: [{ "local-exec": { command: `sh ${join(checkout.project, "deliver")} ${host}` } }],
    },
  });
  const resources = hosts.map(machine).reduce((all, more) => ({ ...all, ...more }), {});
  return {
    terraform: { backend: { local: { path: `../../../state/small-site-${name}.tfstate` } } },
    variable: { [`secrets_server_${name}`]: { ephemeral: true, type: "string", default: "" } },
    resource: { terraform_data: { network: { input: network }, ...resources } },
  };
}

/** A checkout whose sites are applied, and a stand-in for the API of one region. */
export async function applied(region = "cloud", hosts = CLOUD, where = region) {
  const checkout = await ServerCheckout.make(awsFleet());
  const synthesizes = (options?: SiteOptions) =>
    checkout.synthesizes({ [`small-site-${where}`]: site(checkout, where, hosts, options) });
  /** What a delivery does: notes the host down, or as told. */
  const deliver = (script = "") =>
    writeFileSync(join(checkout.project, "deliver"), `echo "$1" >>${join(checkout.project, "delivered")}\n${script}\n`);
  checkout.env["STEPPE_FLEET"] = "pilot";
  synthesizes();
  deliver();
  const nomad = await StandInNomad.start(hosts, checkout.trust, region);
  nomads.push(nomad);
  expect({ code: await checkout.run("apply", "--yes"), said: checkout.errors }).toMatchObject({ code: 0 });
  Object.assign(checkout.env, nomad.env);
  const ids = (): Record<string, string> => {
    const state = JSON.parse(readFileSync(join(checkout.project, "state", `small-site-${where}.tfstate`), "utf8")) as {
      resources: { name: string; instances: { attributes: { id: string } }[] }[];
    };
    return Object.fromEntries(state.resources.map(({ name, instances }) => [name, instances[0]?.attributes.id ?? ""]));
  };
  const delivered = () => readFileSync(join(checkout.project, "delivered"), "utf8").trim().split("\n");
  const expectNoSecret = () => {
    const said = checkout.text + checkout.errors;
    expect(secretsOf(checkout.trust).filter(({ value }) => said.includes(value))).toEqual([]);
  };
  return { checkout, nomad, synthesizes, deliver, ids, delivered, expectNoSecret };
}

/** Names whose ids differ. */
export function changed(before: Record<string, string>, after: Record<string, string>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .sort();
}

export const ALL_OF = (host: string) => [`${host}_Attachment`, `${host}_Delivery`, `${host}_Machine`, `${host}_Target`];
export const replace = ["server", "replace", "small-cloud-2", "--yes"];
