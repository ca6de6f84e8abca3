import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatProblem, type Problem } from "../../../constructs/core/problems";
import type { Allowance } from "../../../constructs/jobspec/job";
import { type Lint, lints } from "../../../constructs/jobspec/rules/catalogue";
import { checkJob } from "../../../constructs/jobspec/validate";
import { job } from "../refused/job";
import { checkLinted, linted, lintedFleet, type Linted } from "./linted";

function find(subject: Linted): readonly Problem[] {
  return checkLinted(subject, subject.job).problems;
}

const catalogue: readonly (readonly [string, Lint])[] = Object.entries(lints);
const all = Object.entries(linted);
const allowed = all.filter(([, { rule }]) => (lints[rule] as Lint).enforced !== true);

describe("lints", () => {
  test.each(all)("only this one is found, by its name and with a fix: %s", (_name, subject) => {
    const problems = find(subject);
    expect(problems.map(({ name }) => name)).toEqual([subject.rule]);
    expect(problems.map(formatProblem)).toMatchSnapshot();
    const [problem] = problems;
    expect(problem?.severity ?? "error").toBe(lints[subject.rule].severity);
    expect(problem?.fix ?? problem?.rule).toMatch(/\w/);
  });

  test.each(allowed)("a reason silences it: %s", (_name, subject) => {
    const [problem] = find(subject);
    const reason = "it is a test";
    const path = problem?.path ?? "";
    for (const at of [undefined, path, path.split(".")[0] ?? ""]) {
      const allowance: Allowance = { rule: subject.rule, reason, ...(at === undefined ? {} : { path: at }) };
      const allow = [allowance, ...(subject.job.allow ?? [])];
      const { problems, allowances } = checkLinted(subject, { ...subject.job, allow });
      expect(problems).toEqual([]);
      expect(allowances.filter(({ rule }) => rule === subject.rule)).toEqual([
        { rule: subject.rule, reason, path: at ?? "", problems: [problem] },
      ]);
    }
  });

  test("every rule of the catalogue has a job that breaks it", () => {
    expect([...new Set(all.map(([, { rule }]) => rule))].sort()).toEqual(catalogue.map(([name]) => name).sort());
  });

  test("the catalogue is sentences with a source, under names that are easy to type", () => {
    for (const [name, { why, see }] of catalogue) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(why).toMatch(/^[A-Z`<].*\.$/);
      expect(see).toMatch(/^https:\/\//);
    }
  });

  test("docs/rules.md lists the catalogue", () => {
    const page = readFileSync(join(__dirname, "..", "..", "..", "docs", "rules.md"), "utf8");
    const rows = page
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) =>
        line
          .split(/(?<!\\)\|/)
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const wanted = catalogue.map(([name, { severity, why, see }]) => [
      `\`${name}\``,
      severity,
      why,
      `[source](${see})`,
    ]);
    expect(rows).toEqual(wanted);
  });
});

describe("secrets", () => {
  const values: readonly (readonly [string, string])[] = [
    ["HF_TOKEN", "hf_abc"],
    ["POSTGRES_PASSWORD", "hunter2"],
    ["api_key", "abc"],
    ["DB_PASSWORD", "${TfToken[TOKEN.3]}"],
    ["TOKEN", "prefix-${NOMAD_JOB_ID}"],
    ["GREETING", "ghp_0123456789abcdefghijABCDEFGHIJ012345"],
    ["DATABASE_URL", "postgres://me:s3cr3t-word@db:5432/web"],
    ["SALT", "q9Zt4LmW2xVb8RkYs3DfHj6NcPa7"],
  ];

  test.each(values)("are never repeated: %s", (name, value) => {
    const { problems } = checkJob(job({}, {}, { env: { [name]: value } }));
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toContain(value);
  });

  test.each([
    ["TOKEN_FILE", "secrets/token"],
    ["DB_PASSWORD", "/secrets/password"],
    ["DB_PASSWORD", "${NOMAD_SECRETS_DIR}/password"],
    ["NOMAD_TOKEN", "${NOMAD_TOKEN}"],
    ["API_KEY", "${secret.web.key}"],
    ["API_KEY", ""],
    ["TOKENIZERS_PARALLELISM", "true"],
    ["DATABASE_URL", "postgres://web@db:5432/web"],
    ["DATABASE_URL", "postgres://me:${NOMAD_META_x}@db"],
    ["MODEL", "meta-llama/Llama-3.3-70B-Instruct-AWQ-INT4"],
    ["IMAGE", `sha256:${"0e1f2a3b".repeat(8)}`],
    ["GIT_COMMIT", "0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b"],
    ["RUN_ID", "9b2f1c1e-7a55-4d0c-9f68-1a2b3c4d5e6f"],
    ["JAVA_OPTS", "-XX:+UseStringDeduplication -XX:MaxRAMPercentage=75"],
    ["PATH", "/usr/local/nvidia/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  ])("are not seen in %s=%s", (name, value) => {
    const { problems } = checkJob(job({ meta: { x: "a" } }, {}, { env: { [name]: value } }));
    expect(problems).toEqual([]);
  });

  test.each([
    [["--token", "${NOMAD_TOKEN}"]],
    [["--token", "--verbose"]],
    [["--token-file=/a"]],
    [["--max-new-tokens=512"]],
  ])("are not seen in arguments %j", (args) => {
    const subject = job({}, {}, { driver: "exec", config: { command: "/bin/app", args } });
    expect(checkJob(subject).problems).toEqual([]);
  });

  test.each([
    "password = {{ with nomadVar `nomad/jobs/web` }}{{ .password }}{{ end }}\n",
    'password = "{{ env "DB_PASSWORD" }}"\n',
    "password_file = /run/secret\ntoken: ${TOKEN}\npassword: true\n",
  ])("are not seen in a template that reads them: %j", (data) => {
    const subject = job({}, {}, { templates: [{ data, destination: "secrets/a" }] });
    expect(checkJob(subject).problems).toEqual([]);
  });
});

describe("runtime variables", () => {
  test.each([
    ["${NOMAD_PORT_http} ${NOMAD_IP_http} ${NOMAD_ADDR_admin_api} ${NOMAD_HOST_PORT_http} ${NOMAD_ALLOC_INDEX}"],
    ["${NOMAD_META_team} ${NOMAD_META_TEAM} ${NOMAD_META_input_file}"],
    ["${NOMAD_UPSTREAM_ADDR_db} ${NOMAD_TOKEN_vault_default} ${NOMAD_UNIX_ADDR} ${NOMAD_OWN}"],
    ['${env["NOMAD_DC"]} $NOMAD_ALLOC_DIR'],
  ])("are known: %s", (text) => {
    const subject = job(
      { type: "batch", meta: { team: "a" }, parameterized: { metaRequired: ["input-file"] } },
      { network: { ports: { http: {}, "admin-api": {} } } },
      { env: { A: text, NOMAD_OWN: "mine" } },
    );
    expect(checkJob(subject).problems).toEqual([]);
  });
});

describe("services that templates ask for", () => {
  const asking = (text: string) =>
    job({ nodePool: "gpu" }, {}, { templates: [{ data: text, destination: "local/a" }] });

  test.each(['{{ range nomadService "web-web" }}{{ end }}', '{{ range nomadService 1 (env "X") "vllm" }}{{ end }}'])(
    "are of the job or of the fleet: %s",
    (text) => {
      const subject = asking(text);
      const group = { ...subject.groups["web"]!, shutdownDelay: "1s", services: [{}] } as const;
      const fleetWithService = { ...lintedFleet(), services: { vllm: { port: 80, pools: [], callers: [] } } };
      expect(checkJob({ ...subject, groups: { web: group } }, { fleet: fleetWithService }).problems).toEqual([]);
    },
  );

  test("are not looked for without a fleet: another job may register them", () => {
    expect(checkJob(asking('{{ range nomadService "other" }}{{ end }}')).problems).toEqual([]);
  });
});
