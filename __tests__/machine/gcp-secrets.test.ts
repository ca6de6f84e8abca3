import { existsSync, readFileSync, statSync } from "node:fs";
import { paths } from "../../constructs/machine/paths";
import { GCP_LIBRARY, gcp } from "../../constructs/machine/shell/gcp";
import { gcpSecrets } from "../../constructs/machine/shell/gcp-secrets";
import { ScriptHome } from "../helpers/machine-script";
import { ACCESS_TOKEN, type GcpMetadata, gcpMetadata } from "../helpers/stand-ins/gcp-metadata";
import { type GcpSecretManager, gcpSecretManager } from "../helpers/stand-ins/gcp-secret-manager";
import { describeWithTool } from "../helpers/tools";

const SECRET = "small_client-gpu";
const TOKEN = "instance/service-accounts/default/token";
const PAYLOAD = `ca.pem ${Buffer.from("certificate\n").toString("base64")}\ntailnet.key ${Buffer.from("tskey-auth-kTest-?>").toString("base64")}\n`;

describeWithTool("curl", "secrets of Google Cloud", () => {
  let home: ScriptHome;
  let metadata: GcpMetadata;
  let manager: GcpSecretManager;

  beforeEach(async () => {
    home = new ScriptHome();
    home.put(GCP_LIBRARY, gcp);
    home.put(`${paths.library}/fetch-secrets`, gcpSecrets);
    [metadata, manager] = await Promise.all([gcpMetadata(), gcpSecretManager("acme-fleet")]);
    manager.secrets.set(SECRET, PAYLOAD);
  });
  afterEach(async () => {
    await Promise.all([metadata.stop(), manager.stop()]);
    home.remove();
  });

  const fetchSecrets = (more: Record<string, string> = {}, args = ["acme-fleet", SECRET]) =>
    home.run(`${paths.library}/fetch-secrets`, args, {
      GCE_METADATA_HOST: new URL(metadata.url).host,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: `${manager.url}/`,
      STEPPE_SECRETS_SECONDS: "2",
      ...more,
    });
  const delivered = () => home.path(`${paths.incoming}/secrets`);
  const refusal = (code: number, status: string, message: string) => ({ code, status, message });

  test("puts the newest version where the bundle reads it, for root alone", async () => {
    expect(await fetchSecrets()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(delivered(), "utf8")).toBe(PAYLOAD);
    expect((statSync(delivered()).mode & 0o777).toString(8)).toBe("600");
    expect({ metadata: metadata.asked, manager: manager.asked }).toEqual({
      metadata: [`${TOKEN} 200`],
      manager: [`${SECRET} 200`],
    });
  });

  test("keep everything secret out of arguments", async () => {
    const curl = "/usr/bin/env PATH=/usr/local/bin:/usr/bin:/bin curl";
    home.program("curl", `printf '%s\\n' "$*" >>${home.path("arguments")}\nexec ${curl} "$@"`);
    expect(await fetchSecrets()).toMatchObject({ status: 0 });
    const seen = readFileSync(home.path("arguments"), "utf8");
    expect(seen).toContain(`/v1/projects/acme-fleet/secrets/${SECRET}/versions/latest:access`);
    expect(seen).not.toContain(ACCESS_TOKEN);
  });

  test("come through a quota and rights that are not known yet", async () => {
    manager.refusals.push(
      refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded"),
      refusal(403, "PERMISSION_DENIED", "not yet"),
    );
    const { status, stderr } = await fetchSecrets({ STEPPE_SECRETS_SECONDS: "20" });
    expect(status).toBe(0);
    expect(stderr).toContain("HTTP 429 RESOURCE_EXHAUSTED Quota exceeded\n");
    expect(stderr).toContain("HTTP 403 PERMISSION_DENIED not yet\n");
  });

  test("come through a metadata server that knows no service account at first", async () => {
    const token = metadata.values.get(TOKEN) ?? "";
    metadata.values.delete(TOKEN);
    setTimeout(() => metadata.values.set(TOKEN, token), 500);
    const { status, stderr } = await fetchSecrets({ STEPPE_SECRETS_SECONDS: "20" });
    expect(status).toBe(0);
    expect(stderr).toContain("gives no token (HTTP 404): has the machine a service account?");
  });

  test("are given up after a while, with what Google said last", async () => {
    const { status, stderr } = await fetchSecrets({}, ["acme-fleet", "small_client-other"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /steppe: cannot get the secret small_client-other of acme-fleet: gave up after \d+ s: HTTP 403 PERMISSION_DENIED Permission 'secretmanager.versions.access' denied.\n$/,
    );
    expect(existsSync(delivered())).toBe(false);
  });

  test.each([
    ["failing" as const, "gives no token (HTTP 503)"],
    ["malformed" as const, "gives no token (HTTP 200)"],
    ["somebody else" as const, "gives no token (HTTP 000)"],
    ["cut off" as const, "gives no token (HTTP 000)"],
  ])("are not asked for with a metadata server in the mood: %s", async (mood, said) => {
    metadata.mood = mood;
    const { status, stderr } = await fetchSecrets();
    expect(status).toBe(1);
    expect(stderr).toContain(said);
    expect(manager.asked).toEqual([]);
  });

  test.each(["", 'x\\r\\nX-Evil: 1" <html>'])("are not asked for with what is no token: %j", async (token) => {
    metadata.values.set(TOKEN, JSON.stringify({ access_token: token }));
    expect(await fetchSecrets()).toMatchObject({ status: 1 });
    expect(manager.asked).toEqual([]);
  });

  test("are given up in a bounded time where nobody answers", async () => {
    metadata.mood = "silent";
    const begun = Date.now();
    expect(await fetchSecrets({ STEPPE_SECRETS_SECONDS: "1" })).toMatchObject({ status: 1 });
    expect(Date.now() - begun).toBeLessThan(20_000);
  });

  test.each([
    [refusal(400, "FAILED_PRECONDITION", "Secret Version is in DESTROYED state."), "DESTROYED state.\n"],
    [refusal(400, "INVALID_ARGUMENT", "bad name"), "bad name\n"],
    [
      refusal(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes."),
      "scopes. Give the machine's service account the scope cloud-platform.\n",
    ],
  ])("stop at once where waiting does not help: %j", async (refused, said) => {
    manager.refusals.push(refused);
    const { status, stderr } = await fetchSecrets({ STEPPE_SECRETS_SECONDS: "60" });
    expect({ status, lines: stderr.trim().split("\n").length }).toEqual({ status: 1, lines: 1 });
    expect(stderr).toContain(`HTTP ${refused.code} ${refused.status} ${refused.message}`);
    expect(stderr.endsWith(said)).toBe(true);
  });

  test.each([
    ["", "holds no text of a secret"],
    ["password=hunter2", "it is not what ./steppe writes"],
    [`${PAYLOAD}$(reboot)\n`, "it is not what ./steppe writes"],
  ])("are refused when the secret is %j, without showing it", async (value, said) => {
    manager.secrets.set(SECRET, value);
    const { status, stderr } = await fetchSecrets();
    expect(status).toBe(1);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain("hunter2");
    expect(existsSync(delivered())).toBe(false);
  });

  test("are not asked for by a name that could be something else", async () => {
    expect(await fetchSecrets({}, ["acme-fleet", "x?y"])).toMatchObject({ status: 1 });
    expect(metadata.asked).toEqual([]);
  });
});
