import { existsSync, readFileSync, statSync } from "node:fs";
import { paths } from "../../constructs/machine/paths";
import { AWS_LIBRARY, aws } from "../../constructs/machine/shell/aws";
import { awsSecrets } from "../../constructs/machine/shell/aws-secrets";
import { ScriptHome } from "../helpers/machine-script";
import { type AwsMetadata, awsMetadata, ROLE } from "../helpers/stand-ins/aws-metadata";
import { type AwsSecretsManager, awsSecretsManager } from "../helpers/stand-ins/aws-secrets-manager";
import { describeWithTool } from "../helpers/tools";

const SECRET = "steppe/small/client-gpu";
const PAYLOAD = `ca.pem ${Buffer.from("certificate\n").toString("base64")}\ntailnet.key ${Buffer.from("tskey-auth-kTest-?>").toString("base64")}\n`;
const failure = (type: string, message = "") => ({
  status: 400,
  body: JSON.stringify({ __type: `com.amazonaws.secretsmanager#${type}`, Message: message }),
});

describeWithTool("curl", "secrets of AWS", () => {
  let home: ScriptHome;
  let metadata: AwsMetadata;
  let manager: AwsSecretsManager;

  beforeEach(async () => {
    home = new ScriptHome();
    home.put(AWS_LIBRARY, aws);
    home.put(`${paths.library}/fetch-secrets`, awsSecrets);
    [metadata, manager] = await Promise.all([awsMetadata(), awsSecretsManager("eu-central-1")]);
    manager.secrets.set(SECRET, PAYLOAD);
  });
  afterEach(async () => {
    await Promise.all([metadata.stop(), manager.stop()]);
    home.remove();
  });

  const fetchSecrets = (more: Record<string, string> = {}, args = ["eu-central-1", SECRET]) =>
    home.run(`${paths.library}/fetch-secrets`, args, {
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url,
      STEPPE_SECRETS_SECONDS: "2",
      ...more,
    });
  const delivered = () => home.path(`${paths.incoming}/secrets`);

  test("puts them where the bundle reads them, for root alone", async () => {
    expect(await fetchSecrets()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(delivered(), "utf8")).toBe(PAYLOAD);
    expect((statSync(delivered()).mode & 0o777).toString(8)).toBe("600");
    expect(manager.asked).toEqual([`eu-central-1 ${SECRET} 200`]);
  });

  test("asks the metadata service with a token only", async () => {
    await fetchSecrets();
    expect(metadata.asked).toEqual([
      "PUT api/token 200",
      "GET meta-data/iam/security-credentials/ 200",
      `GET meta-data/iam/security-credentials/${ROLE.name} 200`,
    ]);
  });

  test("keep everything secret out of arguments", async () => {
    const curl = "/usr/bin/env PATH=/usr/local/bin:/usr/bin:/bin curl";
    home.program("curl", `printf '%s\\n' "$*" >>${home.path("arguments")}\nexec ${curl} "$@"`);
    expect(await fetchSecrets()).toMatchObject({ status: 0 });
    const seen = readFileSync(home.path("arguments"), "utf8");
    expect(seen).toContain("--aws-sigv4 aws:amz:eu-central-1:secretsmanager");
    for (const secret of [ROLE.secretAccessKey, ROLE.token, ROLE.accessKeyId, "AQAEAStandInToken"])
      expect(seen).not.toContain(secret);
  });

  test("come through throttling and a role that is not known yet", async () => {
    manager.refusals.push(failure("ThrottlingException", "Rate exceeded"), failure("AccessDeniedException", "not yet"));
    const { status, stderr } = await fetchSecrets({ STEPPE_SECRETS_SECONDS: "20" });
    expect(status).toBe(0);
    expect(stderr).toContain("HTTP 400 ThrottlingException Rate exceeded\n");
    expect(stderr).toContain("HTTP 400 AccessDeniedException not yet\n");
  }, 20_000);

  test("come through a metadata service that knows no role at first", async () => {
    const role = "meta-data/iam/security-credentials/";
    metadata.values.delete(role);
    setTimeout(() => metadata.values.set(role, ROLE.name), 500);
    const { status, stderr } = await fetchSecrets({ STEPPE_SECRETS_SECONDS: "20" });
    expect(status).toBe(0);
    expect(stderr).toContain("names no role (HTTP 404): has the machine an instance profile?");
  });

  test("are given up after a while, with what AWS said last", async () => {
    for (let count = 0; count < 9; count++) manager.refusals.push({ status: 403, body: "<html>forbidden</html>" });
    const { status, stderr } = await fetchSecrets();
    expect(status).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`steppe: cannot get the secret ${SECRET} of eu-central-1: gave up after \\d+ s: HTTP 403\n$`),
    );
    expect(existsSync(delivered())).toBe(false);
  });

  test.each([
    ["no token" as const, "no token from http://127.0.0.1"],
    ["failing" as const, "no token from http://127.0.0.1"],
    ["malformed" as const, "names no role (HTTP 200)"],
  ])("are not asked for with a metadata service in the mood: %s", async (mood, said) => {
    metadata.mood = mood;
    const { status, stderr } = await fetchSecrets();
    expect(status).toBe(1);
    expect(stderr).toContain(said);
    expect(manager.asked).toEqual([]);
  });

  test("are given up in a bounded time where nobody answers", async () => {
    metadata.mood = "silent";
    const begun = Date.now();
    expect(await fetchSecrets({ STEPPE_SECRETS_SECONDS: "1" })).toMatchObject({ status: 1 });
    expect(Date.now() - begun).toBeLessThan(20_000);
  }, 30_000);

  test("stop at once where waiting does not help", async () => {
    manager.refusals.push(failure("InvalidRequestException", "marked for deletion"));
    const { status, stderr } = await fetchSecrets();
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `steppe: cannot get the secret ${SECRET} of eu-central-1: HTTP 400 InvalidRequestException marked for deletion\n`,
    });
  });

  test.each([
    ["", "holds no text of a secret"],
    ["password=hunter2", "it is not what ./steppe writes"],
    [`${PAYLOAD}$(reboot)\n`, "it is not what ./steppe writes"],
  ])("are refused when the entry is %j, without showing it", async (value, said) => {
    manager.secrets.set(SECRET, value);
    const { status, stderr } = await fetchSecrets();
    expect(status).toBe(1);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain("hunter2");
    expect(existsSync(delivered())).toBe(false);
  });

  test("are not asked for by a name that could be something else", async () => {
    expect(await fetchSecrets({}, ["eu-central-1", '"}'])).toMatchObject({ status: 1 });
    expect(metadata.asked).toEqual([]);
  });
});
