import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { secretsOf } from "../../ops/trust/secrets";
import { removeCheckouts } from "../helpers/checkout";
import { awsFleet } from "../helpers/fleet";
import { ServerCheckout } from "../helpers/server-checkout";
import { StandInNomad } from "../helpers/stand-ins/nomad-autopilot";
import { describeWithTerraform } from "../helpers/terraform";

jest.setTimeout(90_000);

const nomads: StandInNomad[] = [];
afterEach(async () => {
  await Promise.all(nomads.splice(0).map(async (nomad) => await nomad.stop()));
});
afterAll(removeCheckouts);

const CLOUD = ["small-cloud-1", "small-cloud-2", "small-cloud-3"];
const NORTH = ["n-1", "n-2", "n-3"];

interface SiteOptions {
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
async function applied(region = "cloud", hosts = CLOUD, where = region) {
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
function changed(before: Record<string, string>, after: Record<string, string>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .sort();
}

const ALL_OF = (host: string) => [`${host}_Attachment`, `${host}_Delivery`, `${host}_Machine`, `${host}_Target`];
const replace = ["server", "replace", "small-cloud-2", "--yes"];

describeWithTerraform("steppe server replace", [], () => {
  test("replaces one server and no other, with its volume, and says so", async () => {
    const { checkout, nomad, ids, delivered, expectNoSecret } = await applied();
    const before = ids();
    expect(await checkout.run(...replace)).toBe(0);
    expect(changed(before, ids())).toEqual(ALL_OF("small-cloud-2"));
    expect(delivered().slice(3)).toEqual(["small-cloud-2"]);
    expect(checkout.errors).toContain(
      "server small-cloud-2 of region cloud is replaced by a new machine\n  now    voter, healthy, Raft id 00000001-",
    );
    expect(checkout.text).toMatch(
      /^server small-cloud-2 is replaced: a healthy voter of region cloud after \d+ s\nRaft id 00000001-\S+, 100\.64\.0\.2:4647, as before\n$/,
    );
    expect(nomad.requests.filter((request) => request.startsWith("PUT"))).toEqual([]);
    expectNoSecret();
  });

  test("has a leader hand on leadership first, and prints what was done as JSON", async () => {
    const { checkout, nomad, ids } = await applied();
    const before = ids();
    expect(await checkout.run("server", "replace", "small-cloud-1", "--yes", "--json")).toBe(0);
    expect(changed(before, ids())).toEqual(ALL_OF("small-cloud-1"));
    expect(nomad.the("small-cloud-2").leader).toBe(true);
    expect(checkout.errors).toContain("small-cloud-1 led region cloud: leadership goes to small-cloud-2");
    expect(JSON.parse(checkout.text)).toEqual({
      server: "small-cloud-1",
      region: "cloud",
      stack: "small-site-cloud",
      kind: "replace",
      image: {},
      changes: expect.objectContaining({ add: 4, change: 0, destroy: 4 }),
      before: expect.objectContaining({ name: "small-cloud-1", leader: true }),
      after: expect.objectContaining({ name: "small-cloud-1", leader: false, healthy: true, voter: true }),
      seconds: expect.any(Number),
      log: join(checkout.project, "state", "logs", "small-site-cloud.log"),
    });
  });

  test("goes on where leadership cannot be handed on", async () => {
    const { checkout, nomad } = await applied();
    nomad.refusesTransfer = true;
    expect(await checkout.run("server", "replace", "small-cloud-1", "--yes")).toBe(0);
    expect(checkout.errors).toContain("could not hand that on (HTTP 500 leadership transfer failed)");
  });

  test("replaces a server that is down, or that Autopilot has given up", async () => {
    const { checkout, nomad, deliver } = await applied();
    const comesBack = () => {
      if (existsSync(join(checkout.project, "back"))) nomad.servers = whole;
    };
    const whole = nomad.servers;
    nomad.beforeAnswer = comesBack;
    deliver(`touch ${join(checkout.project, "back")}`);
    nomad.servers = whole.map((server, index) => ({ ...server, healthy: index !== 1 }));
    expect(await checkout.run(...replace)).toBe(0);
    expect(checkout.errors).toContain("now    voter, not healthy");
    rmSync(join(checkout.project, "back"));
    nomad.servers = whole.filter((_, index) => index !== 1);
    expect(await checkout.run(...replace)).toBe(0);
    expect(checkout.errors).toContain("now    not known to Autopilot");
  });

  test("refuses while others are not well, all at once, and changes nothing", async () => {
    const { checkout, nomad, ids, expectNoSecret } = await applied();
    const before = ids();
    nomad.the("small-cloud-1").healthy = false;
    nomad.the("small-cloud-3").voter = false;
    expect(await checkout.run(...replace)).toBe(1);
    expect(checkout.errors).toContain(
      [
        "error: region cloud could not go on without server small-cloud-2: nothing was changed",
        "  - region cloud: small-cloud-1: is not healthy; bring small-cloud-1 back first",
        "  - region cloud: small-cloud-3: is not a voter yet; wait until Autopilot has promoted it",
        '  give --allow-outage "<reason>" to replace it all the same',
      ].join("\n"),
    );
    expect(ids()).toEqual(before);
    nomad.isAway = true;
    expect(await checkout.run(...replace)).toBe(1);
    expect(checkout.errors).toContain("region cloud: cannot be asked for its health: ");
    expect(ids()).toEqual(before);
    expectNoSecret();
  });

  test("does it all the same for a reason, and records that", async () => {
    const { checkout, nomad } = await applied();
    nomad.the("small-cloud-1").healthy = false;
    expect(await checkout.run(...replace, "--allow-outage", "the rack of 1 burnt", "--json")).toBe(0);
    expect(checkout.errors).toContain(
      "  outage allowed: the rack of 1 burnt\n         - region cloud: small-cloud-1: is not healthy",
    );
    expect(JSON.parse(checkout.text)).toMatchObject({
      outage: {
        reason: "the rack of 1 burnt",
        allowed: [{ path: "region cloud: small-cloud-1", rule: "is not healthy" }],
      },
    });
  });

  test("wants a reason for the only server of a region", async () => {
    const { checkout } = await applied("south", ["s-1"]);
    expect(await checkout.run("server", "replace", "s-1", "--yes")).toBe(1);
    expect(checkout.errors).toContain("region south: has no server but s-1");
    expect(await checkout.run("server", "replace", "s-1", "--yes", "--allow-outage", " ")).toBe(1);
    expect(checkout.errors).toContain("--allow-outage wants a reason");
    expect(await checkout.run("server", "replace", "s-1", "--yes", "--allow-outage", "at night")).toBe(0);
  });

  test("names everything else that the plan would change, and applies none of it", async () => {
    const { checkout, synthesizes, ids } = await applied();
    const before = ids();
    synthesizes({ network: "2" });
    expect(await checkout.run(...replace)).toBe(1);
    expect(checkout.errors).toContain(
      [
        "error: the plan changes more than server small-cloud-2: nothing was applied",
        "  - small-site-cloud: terraform_data.network: would change as well (update)",
        "  run ./steppe apply site-cloud first, then replace the server",
      ].join("\n"),
    );
    expect(ids()).toEqual(before);
  });

  test("goes on with what was interrupted, and makes another machine only when asked to", async () => {
    const { checkout, nomad, deliver, ids } = await applied();
    deliver("echo the disk is full; exit 3");
    const first = ids();
    expect(await checkout.run(...replace)).toBe(1);
    expect(checkout.errors).toContain("error: server small-cloud-2 is not replaced\n");
    expect(checkout.errors).toContain("| the disk is full");
    expect(checkout.errors).toContain("run ./steppe server replace small-cloud-2 again: it goes on where this ended");
    const second = ids();
    expect(changed(first, second)).toEqual(ALL_OF("small-cloud-2"));
    deliver();
    // What is finished takes no server out.
    nomad.the("small-cloud-1").healthy = false;
    expect(await checkout.run(...replace)).toBe(0);
    expect(checkout.errors).toContain(
      "an earlier replacement of small-cloud-2 is not finished (terraform_data.small-cloud-2_Delivery): going on with it",
    );
    expect(changed(second, ids())).toEqual(["small-cloud-2_Delivery"]);
    nomad.the("small-cloud-1").healthy = true;
    deliver("exit 3");
    expect(await checkout.run(...replace)).toBe(1);
    const third = ids();
    deliver();
    expect(await checkout.run(...replace, "--start-over")).toBe(0);
    expect(changed(third, ids())).toEqual(ALL_OF("small-cloud-2"));
  });

  test("says what to look at when the server does not come back, or comes back as another", async () => {
    const { checkout, nomad, deliver } = await applied();
    const mark = join(checkout.project, "gone");
    deliver(`touch ${mark}`);
    nomad.beforeAnswer = () => {
      if (existsSync(mark)) nomad.the("small-cloud-2").voter = false;
    };
    expect(await checkout.run(...replace, "--wait", "1")).toBe(1);
    expect(checkout.errors).toContain("waiting for small-cloud-2 to be a voter");
    expect(checkout.errors).toContain(
      "error: region cloud is not as before after 1 s: still waiting for small-cloud-2 to be a voter\n  the machine is replaced: there is no need to do it again",
    );
    rmSync(mark);
    nomad.the("small-cloud-2").voter = true;
    nomad.beforeAnswer = () => {
      if (existsSync(mark)) nomad.the("small-cloud-2").id = "another";
    };
    expect(await checkout.run(...replace)).toBe(1);
    expect(checkout.errors).toContain("error: small-cloud-2 came back with another Raft id: another, not 00000001-");
  });

  test("gives a machine of the user's its bundle again, and leaves the rest", async () => {
    const { checkout, ids } = await applied("north", NORTH);
    const before = ids();
    expect(await checkout.run("server", "replace", "n-2", "--yes")).toBe(0);
    expect(changed(before, ids())).toEqual(["n-2_Delivery"]);
    expect(checkout.errors).toContain("server n-2 of region north takes its bundle again");
    expect(checkout.text).toContain("server n-2 has its bundle again: a healthy voter of region north");
  });

  test("knows the servers there are, and which were never made", async () => {
    const { checkout } = await applied();
    expect(await checkout.run("server", "replace", "cloud-2", "--yes")).toBe(1);
    expect(checkout.errors).toContain(
      "error: fleet small has no server cloud-2 in service\n  use one of: n-1, n-2, n-3, s-1, small-cloud-1,",
    );
    rmSync(join(checkout.project, "state", "small-site-cloud.tfstate"));
    expect(await checkout.run(...replace)).toBe(1);
    expect(checkout.errors).toContain(
      "error: server small-cloud-2 has not been made yet\n  run ./steppe apply site-cloud first",
    );
  });

  test("asks, and does nothing where nobody answers", async () => {
    const { checkout } = await applied();
    expect(await checkout.run("server", "replace", "small-cloud-2")).toBe(1);
    expect(checkout.errors).toContain("give --yes to replace the server without being asked");
  });

  test("ends Terraform's step on Ctrl-C, and finishes the next time", async () => {
    const { checkout, deliver, ids, delivered } = await applied();
    deliver("sleep 20");
    const first = ids();
    const code = `require(${JSON.stringify(join(__dirname, "../../cli/main.ts"))}).main(${JSON.stringify(replace)}, { env: process.env, project: ${JSON.stringify(checkout.project)} }).then((code) => process.exit(code))`;
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "-e", code], {
      env: { ...checkout.env, FORCE_COLOR: "0" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const ended = new Promise<number | null>((done) => child.on("exit", done));
    for (const deadline = Date.now() + 40_000; delivered().length < 4 && Date.now() < deadline;)
      await new Promise((done) => setTimeout(done, 50));
    child.kill("SIGINT");
    expect({ code: await ended, said }).toEqual({
      code: 130,
      said: expect.stringContaining("run ./steppe server replace small-cloud-2 again: it goes on where this ended"),
    });
    const second = ids();
    deliver();
    expect(await checkout.run(...replace)).toBe(0);
    expect(changed(second, ids())).not.toContain("small-cloud-2_Machine");
    expect(changed(first, ids())).toEqual(ALL_OF("small-cloud-2"));
  });
});
