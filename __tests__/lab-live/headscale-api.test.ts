import type { Fleet } from "../../model/types";
import { type ControlPlane, controlPlaneOf } from "../../ops/tailnet/control-plane";
import { readLivePolicy } from "../../ops/tailnet/read-policy";
import { smallFleet } from "../helpers/fleet";
import { describeWithTool } from "../helpers/tools";
import { type Headscale, startHeadscale } from "../tailnet/reach/headscale";

jest.setTimeout(120_000);

describeWithTool("headscale", "the API of the real headscale", (path) => {
  let headscale: Headscale;
  let plane: ControlPlane;
  let fleet: Fleet;

  beforeAll(async () => {
    headscale = await startHeadscale(
      path,
      ["ops"],
      [
        { name: "n-1", user: "ops", tags: ["tag:nomad-server"] },
        { name: "laptop", user: "ops" },
        { name: "gone", user: "ops", tags: ["tag:nomad-server"] },
      ],
    );
    const small = smallFleet();
    small.tailnet.controlServer = headscale.url;
    fleet = small;
    const key = (await headscale.command(["apikeys", "create", "--expiration", "1h"])).trim();
    plane = controlPlaneOf(fleet, { env: { HEADSCALE_API_KEY: key } });
  });
  afterAll(async () => await headscale.stop());

  test("tells the policy that is in force", async () => {
    expect((await readLivePolicy(plane)).policy).toEqual({ tagOwners: { "tag:nomad-server": ["ops@"] }, acls: [] });
  });

  test("lists devices with tags or user, and deletes one, twice without complaint", async () => {
    const devices = await plane.devices();
    expect(devices.map(({ name, tags, user }) => ({ name, tags, user }))).toEqual([
      { name: "n-1", tags: ["tag:nomad-server"], user: undefined },
      { name: "laptop", tags: [], user: "ops@" },
      { name: "gone", tags: ["tag:nomad-server"], user: undefined },
    ]);
    expect(devices.map(({ addresses }) => addresses)).toEqual(headscale.devices.map(({ addresses }) => addresses));
    const { id = "" } = devices.find(({ name }) => name === "gone") ?? {};
    await plane.deleteDevice(id);
    await plane.deleteDevice(id);
    expect((await plane.devices()).map(({ name }) => name)).toEqual(["n-1", "laptop"]);
  });

  test("makes a key that is what was asked for", async () => {
    const made = await plane.createAuthKey({
      tags: ["tag:nomad-server"],
      ephemeral: true,
      reusable: true,
      preauthorized: true,
      expirySeconds: 3600,
      description: "steppe small",
    });
    expect(made.secret).toMatch(/^hskey-auth-[A-Za-z0-9_-]{16,}$/);
    expect(Math.abs(Date.parse(made.expires ?? "") - Date.now() - 3_600_000)).toBeLessThan(60_000);
    const keys = JSON.parse(await headscale.command(["preauthkeys", "list", "-o", "json"])) as { id: number }[];
    expect(keys.find(({ id }) => String(id) === made.id)).toMatchObject({
      reusable: true,
      ephemeral: true,
      acl_tags: ["tag:nomad-server"],
    });
  });

  test("refuses a wrong key without showing it", async () => {
    const key = "hskey-api-0123456789ab-wrong";
    const wrong = controlPlaneOf(fleet, { env: { HEADSCALE_API_KEY: key } });
    await expect(wrong.devices()).rejects.toThrow(
      `GET ${headscale.url}/api/v1/node was refused with HTTP 401: Unauthorized`,
    );
    await expect(wrong.devices()).rejects.not.toThrow(key);
  });
});
