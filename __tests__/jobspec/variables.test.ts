import type { Job } from "../../constructs/jobspec/job";
import type { Template } from "../../constructs/jobspec/template";
import { variablesOf } from "../../constructs/jobspec/variables";

function jobWith(data: string, more: Partial<Template> = {}, job: Partial<Job> = {}): Job {
  const template = { destination: "secrets/x", data, ...more } as Template;
  return {
    id: "web",
    groups: { app: { tasks: { main: { driver: "docker", config: { image: "web:1" }, templates: [template] } } } },
    ...job,
  };
}

const PLACE = "groups.app.tasks.main.templates.0.data";
const needs = (path: string, ...items: string[]) => ({ path, namespace: "default", items, places: [PLACE] });

test.each([
  [
    '{{ with nomadVar "nomad/jobs/web" }}U={{ .user }}\nP={{ .password.Value | toJSON }}{{ end }}{{ .after }}',
    ["password", "user"],
  ],
  ['{{- with $v := nomadVar "nomad/jobs/web" -}}{{ $v.a }}{{ .b }}{{- end -}}', ["a", "b"]],
  [
    '{{ $v := nomadVar "nomad/jobs/web" }}{{ if eq $v.mode "x.y" }}{{ $v.a | replaceAll "." "-" }}{{ end }}',
    ["a", "mode"],
  ],
  ['{{ (nomadVar "nomad/jobs/web").token }}', ["token"]],
  [
    "{{ with nomadVar `nomad/jobs/web` }}{{ if .a }}{{ .b }}{{ else }}{{ .c }}{{ end }}{{ with .d }}{{ .Value }}{{ end }}{{ end }}",
    ["a", "b", "c", "d"],
  ],
  ['{{ range $k, $v := nomadVar "nomad/jobs/web" }}{{ $k }}={{ $v }}{{ .Key }}{{ end }}', []],
  ['{{ with nomadVar "nomad/jobs/web" }}{{ range .Tuples }}{{ .K }}{{ end }}{{ end }}', []],
  [
    '{{/* with nomadVar "nomad/jobs/other" */}}{{ with nomadVar (print "nomad/jobs/" (env "NOMAD_JOB_ID")) }}{{ .a }}{{ end }}',
    ["a"],
  ],
  ['{{ with nomadVar (printf "nomad/jobs/%s" (env "NOMAD_JOB_NAME")) }}{{ .a }}{{ end }}', ["a"]],
])("finds what is read: %s", (data, items) => {
  expect(variablesOf(jobWith(data))).toEqual({ variables: [needs("nomad/jobs/web", ...items)], unread: [] });
});

test("asks for no variable where only their existence is looked at, or a service", () => {
  const data = '{{ if nomadVarExists "a" }}{{ end }}{{ range nomadService "db" }}{{ .Address }}{{ end }}';
  expect(variablesOf(jobWith(data))).toEqual({ variables: [], unread: [] });
});

test("says where the path is known to the machine alone", () => {
  const data =
    '{{ with nomadVar (print "nomad/jobs/" (env "HOSTNAME")) }}{{ .a }}{{ end }}{{ with nomadVar $path }}{{ end }}';
  expect(variablesOf(jobWith(data))).toEqual({ variables: [], unread: [PLACE] });
});

test("heeds other delimiters, namespaces, and several readers of one variable", () => {
  const data =
    '[[ with nomadVar "shared/ca@infra" ]][[ .pem ]][[ end ]][[ with nomadVar "nomad/jobs/web" ]][[ .a ]][[ end ]]';
  const job = jobWith(data, { leftDelimiter: "[[", rightDelimiter: "]]" }, { namespace: "ai" });
  const again = jobWith('{{ with nomadVar "nomad/jobs/web" }}{{ .b }}{{ end }}').groups["app"];
  if (again === undefined) throw new Error("no group");
  expect(variablesOf({ ...job, groups: { ...job.groups, second: again } }).variables).toEqual([
    { ...needs("shared/ca", "pem"), namespace: "infra" },
    {
      path: "nomad/jobs/web",
      namespace: "ai",
      items: ["a", "b"],
      places: [PLACE, "groups.second.tasks.main.templates.0.data"],
    },
  ]);
});

test("reads secret blocks of Nomad's provider", () => {
  const config = { image: "a:1", args: ["${secret.db.user}", "${secret.vault.x}"] };
  const secrets = { db: { provider: "nomad", path: "nomad/jobs/web" }, vault: { provider: "vault", path: "x" } };
  const job: Job = { id: "web", groups: { app: { tasks: { main: { driver: "docker", config, secrets } } } } };
  expect(variablesOf(job)).toEqual({
    variables: [{ ...needs("nomad/jobs/web", "user"), places: ["groups.app.tasks.main.secrets.db"] }],
    unread: [],
  });
});
