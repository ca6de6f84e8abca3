import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverIdentity } from "../../model/identities";
import { makeHostKey, publicKeyOf } from "../../ops/trust/host-keys";
import { trustProblems } from "../../ops/trust/problems";
import { publicTrust } from "../../ops/trust/public";
import { secretPayload, secretsOf } from "../../ops/trust/secrets";
import { trustSpecOf } from "../../ops/trust/spec";
import { initTrust, renewTrust, writeAuthKey } from "../../ops/trust/trust";
import { awsFleet } from "../helpers/fleet";

const fleet = awsFleet();
const spec = trustSpecOf(fleet);
const now = new Date("2030-01-01T00:00:00Z");
const servers = ["small-cloud-1", "small-cloud-2", "small-cloud-3"];

describe("SSH host keys of servers that Steppe makes", () => {
  let directory: string;
  const place = () => ({
    env: { STEPPE_TRUST_DIR: directory, HOME: directory },
    project: join(directory, "checkout"),
    now,
  });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "steppe-host-keys-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test("are Ed25519, and no two are alike", () => {
    const [one, other] = [makeHostKey(), makeHostKey()];
    expect(one.privateKey).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    expect(one.publicKey).toMatch(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA[A-Za-z0-9+/]+$/);
    expect(publicKeyOf(one.privateKey)).toBe(one.publicKey);
    expect(one.publicKey).not.toBe(other.publicKey);
  });

  test("are made once, one for each region, and stay when certificates are renewed", async () => {
    const { made, trust } = await initTrust(spec, place());
    expect(made.filter((name) => name.startsWith("SSH"))).toEqual(["SSH host key of server-cloud"]);
    expect((await initTrust(spec, place())).made).toEqual([]);
    expect((await renewTrust(spec, place())).trust.hostKeys).toEqual(trust.hostKeys);
    const file = join(trust.directory, "host-keys", "server-cloud");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toBe(trust.hostKeys["server-cloud"]?.privateKey);
  });

  test("are delivered to the region's servers, and committed by server in their public form", async () => {
    const { trust } = await initTrust(spec, place());
    const key = trust.hostKeys["server-cloud"];
    const recorded = publicTrust(trust, spec, { "n-1": "ssh-ed25519 BBBB" }).hostKeys;
    expect(recorded).toEqual({
      "n-1": "ssh-ed25519 BBBB",
      ...Object.fromEntries(servers.map((name) => [name, key?.publicKey])),
    });
    for (const name of ["server-cloud", "server-north"])
      writeAuthKey(spec, name, `tskey-auth-${name}-0123456789`, place());
    const { authKeys } = (await initTrust(spec, place())).trust;
    const payload = (region: string) => secretPayload({ ...trust, authKeys }, serverIdentity(fleet, region));
    const line = payload("cloud")
      .split("\n")
      .find((each) => each.startsWith("ssh-host.key "));
    expect(Buffer.from(line?.split(" ")[1] ?? "", "base64").toString()).toBe(key?.privateKey);
    expect(payload("north")).not.toContain("ssh-host.key");
  });

  test("are missed by name, and looked for as every secret is", async () => {
    const { trust } = await initTrust(spec, place());
    expect(secretsOf(trust).map(({ name }) => name)).toContain("SSH host key of server-cloud (line 1)");
    expect(trustProblems({ ...trust, hostKeys: {} }, spec, now)).toContainEqual({
      path: "trust.server-cloud",
      rule: "has no SSH host key",
      fix: "run ./steppe trust init --fleet small",
    });
  });
});
