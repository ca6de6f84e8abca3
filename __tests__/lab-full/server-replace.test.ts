import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ALL_OF, applied, changed, removeCheckouts, replace, stopNomads } from "../helpers/server-site";
import { describeWithTerraform } from "../helpers/terraform";

jest.setTimeout(90_000);

afterEach(stopNomads);
afterAll(removeCheckouts);

describeWithTerraform("steppe server replace, when things go wrong", [], () => {
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
