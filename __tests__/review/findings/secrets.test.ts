import type { Job } from "../../../constructs/jobspec/job";
import { examineSecrets } from "../../../review/findings/secrets";
import type { Json } from "../../../review/json";
import { readPlan } from "../../../review/source/plan";
import { planSubject, synthSubject } from "../../../review/subject";
import { gcpFleet, externalFleet } from "../../helpers/fleet";
import { synthesizeFleet } from "../../helpers/synth";
import { type Commit, saidOf, STACK } from "./subjects";

/** Made up, put together here so that nobody takes this file for a leak. */
const token = `hf_${"aB3".repeat(12)}`;
const secrets: Readonly<Record<string, string>> = {
  "an access key of AWS": ["AKIA", "IOSFODNN7EXAMPLE"].join(""),
  "a token of GitHub": `ghp_${"a1B2".repeat(9)}`,
  "a key of NVIDIA": `nvapi-${"x9Y8".repeat(10)}`,
  "a token of Slack": ["xoxb", "1234567890", "abc"].join("-"),
  "a key of Tailscale": `tskey-auth-${"k1D2".repeat(4)}`,
  "a private key": ["-----BEGIN", "PRIVATE KEY-----\nMIIE"].join(" "),
  "a JSON Web Token": ["eyJhbGciOiJIUzI1", "eyJzdWIiOiIxMjM0", "c2lnbmF0dXJlMTIz"].join("."),
  "a token of Vault": `hvs.${"CAESIJ12".repeat(4)}`,
};

const web = (change: object): Job => ({
  id: "web",
  nodePool: "gpu",
  groups: { web: { tasks: { web: { driver: "docker", config: { image: "example.com/web:1" }, ...change } } } },
});
const saidOfJobs = (before: object, after: object) =>
  saidOf(examineSecrets, { jobs: [web(before)] }, { jobs: [web(after)] });
const database = (body: Json): Commit => ({ resources: { aws_db_instance: { main: body } } });
const document = (blocks: Json) =>
  examineSecrets(synthSubject(undefined, { stacks: [{ name: STACK, document: blocks, dependencies: [] }] })).map(
    ({ severity, resource, reason }) => `${severity} ${resource} ${reason}`,
  );

describe("jobs", () => {
  test("say where a secret is, and never the secret", () => {
    const said = saidOfJobs(
      {},
      { env: { HF_TOKEN: token }, templates: [{ destination: "secrets/a", data: `X=${token}` }] },
    );
    expect(said).toEqual([
      "blocking secrets/clear-text: nomad_job.web holds a token of Hugging Face at groups.web.tasks.web.env.HF_TOKEN of job web, in clear text",
      "blocking secrets/clear-text: nomad_job.web holds a token of Hugging Face at groups.web.tasks.web.templates.0.data of job web, in clear text",
    ]);
    expect(said.join()).not.toContain(token);
  });

  test("hold one by its name, whatever it looks like", () => {
    const uuid = "0c9a52f4-5a0e-4b8e-9f0e-0e3a1c5d7b11";
    expect(saidOfJobs({}, { env: { NOMAD_TOKEN: uuid } })).toHaveLength(1);
    expect(saidOfJobs({}, { env: { REQUEST_ID: uuid } })).toEqual([]);
    expect(saidOfJobs({}, { config: { image: "a:1", args: ["--password", "hunter2"] } })).toHaveLength(1);
    expect(saidOfJobs({}, { env: { DATABASE_URL: "postgres://app:hunter2@db/app" } })).toHaveLength(1);
  });

  test("read secrets from where they belong", () => {
    const env = { DB_PASSWORD: "${DB_PASSWORD}", PASSWORD_FILE: "/secrets/password", TOKENS: "4096" };
    const data = 'DB_PASSWORD={{ with nomadVar "nomad/jobs/web" }}{{ .password }}{{ end }}';
    expect(saidOfJobs({}, { env, templates: [{ destination: "secrets/env", data, env: true }] })).toEqual([]);
    const image = `example.com/web@sha256:${"0123456789abcdef".repeat(4)}`;
    expect(saidOfJobs({}, { config: { image }, meta: { commit: "0123456789abcdef0123456789abcdef01234567" } })).toEqual(
      [],
    );
  });

  test("are told once: what was there before is not of this change", () => {
    const old = { env: { HF_TOKEN: token } };
    expect(saidOfJobs(old, { ...old, resources: { memory: "1GiB" } })).toEqual([]);
    expect(saidOfJobs(old, { env: { HF_TOKEN: `${token}x` } })).toHaveLength(1);
  });
});

describe("documents", () => {
  test.each(Object.entries(secrets))("hold %s wherever it stands", (kind, secret) => {
    expect(saidOf(examineSecrets, {}, database({ tags: { note: `see ${secret}` } }))).toEqual([
      `blocking secrets/clear-text: aws_db_instance.main holds ${kind} at tags.note, in clear text`,
    ]);
  });

  test("hold one by its name", () => {
    expect(saidOf(examineSecrets, database({}), database({ password: "correct-horse" }))).toEqual([
      'blocking secrets/clear-text: aws_db_instance.main holds a value for "password" at password, in clear text',
    ]);
    expect(saidOf(examineSecrets, database({}), database({ password: "${var.password}" }))).toEqual([]);
    expect(saidOf(examineSecrets, database({}), database({ password_wo_version: 3, password: "" }))).toEqual([]);
  });

  test("hold them in variables, locals and providers as well", () => {
    expect(document({ variable: { db_password: { default: "correct-horse", type: "string" } } })).toEqual([
      'blocking variable.db_password holds a value for "db_password" at default, in clear text',
    ]);
    expect(
      document({ provider: { nomad: [{ address: "https://x", secret_id: "0c9a52f4-5a0e-4b8e-9f0e-0e3a1c5d7b11" }] } }),
    ).toHaveLength(1);
    expect(document({ locals: { api_key: "correct-horse" } })).toHaveLength(1);
    expect(document({ variable: { db_password: { default: "", type: "string", sensitive: true } } })).toEqual([]);
  });

  test("may move what they hold", () => {
    const other = { resources: { aws_db_instance: { other: { password: "correct-horse" } } } };
    expect(saidOf(examineSecrets, database({ password: "correct-horse" }), other)).toEqual([]);
  });

  test("of real fleets hold none", () => {
    for (const fleet of [externalFleet(), gcpFleet()]) {
      const stacks = [...synthesizeFleet(fleet)].map(([name, body]) => ({ name, document: body, dependencies: [] }));
      expect(examineSecrets(synthSubject(undefined, { fleet, stacks }))).toEqual([]);
    }
  });
});

test("of a plan alone only shapes are told: it shows sensitive values too", () => {
  const change = (after: object) => ({
    format_version: "1.2",
    planned_values: {},
    resource_changes: [
      { address: "a.b", type: "a", change: { actions: ["update"], before: { password: "x", note: "" }, after } },
    ],
  });
  const said = (after: object) => {
    const read = readPlan("prod", change(after));
    return "plan" in read ? examineSecrets(planSubject([read.plan])).map(({ severity }) => severity) : ["unread"];
  };
  expect(said({ password: "correct-horse", note: "" })).toEqual([]);
  expect(said({ password: "x", note: token })).toEqual(["warning"]);
});

test("takes long text of anybody", () => {
  const long = {
    note: `${"a".repeat(200_000)}@`,
    url: `x://u:${"${a}".repeat(50_000)}`,
    password: "-".repeat(200_000),
  };
  const begin = performance.now();
  saidOf(examineSecrets, {}, database(long));
  expect(performance.now() - begin).toBeLessThan(2000);
});
