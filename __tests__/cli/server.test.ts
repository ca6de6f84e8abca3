import { rmSync } from "node:fs";
import { join } from "node:path";
import { ALL_OF, applied, changed, NORTH, removeCheckouts, replace, stopNomads } from "../helpers/server-site";
import { describeWithTerraform } from "../helpers/terraform";

jest.setTimeout(90_000);

afterEach(stopNomads);
afterAll(removeCheckouts);

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
});
