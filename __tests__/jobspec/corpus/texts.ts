import type { Job } from "../../../constructs/jobspec/job";
import { batch, container, each, small } from "./build";

/** Text that a writer of HCL can get wrong, by what is odd about it. */
export const oddTexts: Readonly<Record<string, string>> = {
  empty: "",
  quotes: "a \"quoted\" word, 'single' and `back`",
  backslash: "C:\\temp\\new \\\\ \\n \\u0041",
  reference: "${NOMAD_ALLOC_ID}-${attr.kernel.name}-${meta.rack}",
  unknown_reference: '${HOME} ${foo.bar} ${upper("x")} ${1 + 1}',
  bash: "x=${VAR:-default}; echo $VAR $(date) ${#ARRAY[@]} ${!name}",
  directive: "%{ if true }yes%{ endif } 100% %{",
  escaped: "$${NOMAD_ALLOC_ID} %%{if} $$${NOMAD_DC} $$$$ %%%%",
  dollar_ends: "costs 5$",
  unclosed: "${NOMAD_ALLOC_ID ${",
  unicode: "Grüße, 世界, 🚀, \u00a0, \u00e9, \u2028",
  control: "tab\tbell\u0007escape\u001b[0m return\r",
  comment: "# no comment // nor /* this */",
  heredoc: "<<EOT\ntext\nEOT\n",
  newline: "\n",
  newlines: "\n\n a \n\n",
  two_lines: "one\ntwo",
  two_lines_ended: "one\ntwo\n",
  indented: "  indented\n\tmore\n less\n",
  trailing_spaces: "a  \nb\t\n",
  carriage: "dos\r\nlines\r\n",
  template: '{{ range service "web" }}{{ .Address }}:{{ .Port }}\n{{ end }}{{ env "NOMAD_DC" }}',
  json: '{"a": {"b": ["${NOMAD_DC}", 1, null]}}',
  delimiters: "EOT\nEOT1\n  EOT2\nEOT ",
  multi_reference: "a = ${NOMAD_DC}\nb = ${b}\nc = %{c}\nd = $${d}\n",
  only_reference: "${NOMAD_DC}",
  brace_after: "{${NOMAD_DC}} { ${NOMAD_DC} } ${NOMAD_DC}}}\n${NOMAD_DC}\n\t}",
  nul_like: "\\0 \\x00",
};

/** Text that a client refuses in the configuration of a driver: it evaluates what is in `${…}` and `%{…}` there. */
const unevaluable = new Set(["unknown_reference", "bash", "directive", "unclosed", "multi_reference"]);

const names = Object.keys(oddTexts);
const text = (name: string) => oddTexts[name] ?? "";

export const textJobs: readonly Job[] = [
  ...each("text-env", names, (name) => ({ task: { env: { VALUE: text(name) } } })),
  ...each(
    "text-data",
    names.filter((name) => name !== "empty"),
    (name) => ({ task: { templates: [{ data: text(name), destination: "local/file" }] } }),
  ),
  small("text-meta", { job: { meta: oddTexts }, group: { meta: oddTexts }, task: { meta: oddTexts } }),
  small("text-args", {
    driver: {
      driver: "exec",
      config: { command: "/bin/echo", args: names.filter((name) => !unevaluable.has(name)).map(text) },
    },
  }),
  small("text-env-keys", {
    task: {
      env: Object.fromEntries(
        ["a.b", "a b", 'a"b', "${NOMAD_DC}", "1a", "ü", "for", "null", "-", "a\nb", "$${x}", "%{x}"].map((key) => [
          key,
          key,
        ]),
      ),
    },
  }),
  small("text-keywords", { task: { env: { for: "1", if: "2", null: "3", true: "4", in: "5" } } }),
  small("text-user", { task: { user: "DOMAIN\\user" }, job: { name: 'A "name" with ${x} and %{y}' } }),
  batch("text-dispatch", { job: { parameterized: {} }, task: { dispatchPayload: { file: "ein gabe.json" } } }),
  small("text-ui", {
    job: {
      ui: { description: "`code`\n\n* a\n* ${b}\n", links: [{ label: 'a "b" ${c}', url: "https://x.example/?q=%7B" }] },
    },
  }),
  small("text-labels", {
    job: { spreads: [{ attribute: "${node.class}", targets: { "${NOMAD_DC} %{x} $${y}": 50 } }] },
    group: { volumes: { "${NOMAD_DC}": { type: "host", source: "data" } } },
  }),
  { id: "text-labels_ü.1/2", groups: { 'gr"oup ${x}': { tasks: { "ta sk.ü": { ...container } } } } },
  small("text-volume-names", {
    group: { volumes: { "a b": { type: "host", source: "data" }, "c.d": { type: "host", source: "data" } } },
    task: {
      volumeMounts: [
        { volume: "a b", destination: "/a b" },
        { volume: "c.d", destination: "/c" },
      ],
    },
  }),
  small("text-plugin-settings", {
    group: {
      scaling: {
        max: 2,
        policy: {
          checks: { a: { query: text("bash"), strategy: { x: { key: text("two_lines"), n: 1.5, yes: true } } } },
        },
      },
    },
  }),
];
