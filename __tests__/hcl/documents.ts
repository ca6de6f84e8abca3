const metadata = { metadata: { path: "a/b", uniqueId: "b" } };

/** A stack of built-in resources that uses everything the renderer treats in its own way. */
export const builtin = {
  "//": { metadata: { version: "0.21.0" }, outputs: {} },
  terraform: { backend: { local: { path: "../x.tfstate" } }, required_version: ">= 1.5.0" },
  variable: {
    names: {
      default: { a: "${not.a.template}", "b c": "%{x}" },
      description: 'says "hello" ${x}',
      nullable: false,
      type: "map(string)",
      validation: [
        { condition: '${length(var.names) > 0 && alltrue([for n in var.names : n != ""])}', error_message: "need one" },
      ],
    },
    secret: { default: "placeholder", ephemeral: true, type: "string" },
  },
  locals: { greeting: 'hello ${var.names["a"]}', list: ["${var.names}", 1, true, null] },
  resource: {
    terraform_data: {
      empty: { "//": metadata },
      first: {
        "//": metadata,
        input: {
          "a.dotted key": 'quotes " and \\ backslash',
          a: '$${escaped} and ${var.names["a"]} and %%{also}',
          crlf: "line\r\nline\r\n",
          for: "reserved",
          heredoc: '#!/bin/sh\nset -eu\n\techo "$${HOME}" \\\n  EOT\n',
          nested: { list: [{ a: 1 }, { a: [] }], empty: {}, long: "x".repeat(120) },
          noend: "first\nsecond",
          number: 1.5,
          '${var.names["a"]}-key': "computed",
          unicode: "Grüße \u0007 \u2028",
          dollars: "$$${x} $$ % %% $ {",
        },
        triggers_replace: ["${local.greeting}", "multi\nline", "c"],
      },
      second: {
        "//": metadata,
        depends_on: ["terraform_data.first"],
        for_each: '${toset(["a", "b"])}',
        input: "${each.value}",
        lifecycle: {
          ignore_changes: ["input"],
          precondition: [{ condition: "${length(var.names) > 0}", error_message: 'no ${join(", ", keys(var.names))}' }],
          replace_triggered_by: ["terraform_data.first"],
        },
        provisioner: [
          {
            "remote-exec": {
              connection: { agent: true, host: "10.0.0.1", type: "ssh", user: "root" },
              inline: ['echo "hello"', "cat <<EOF\nx\nEOF\n"],
            },
          },
          { file: { connection: { host: "10.0.0.1", type: "ssh" }, content: "${var.secret}", destination: "/tmp/x" } },
          { file: { content: "#!/bin/sh\ntrue\n", destination: "/tmp/y" } },
          { "local-exec": { command: "true", when: "destroy", on_failure: "continue" } },
        ],
      },
    },
  },
  output: { greeting: { description: "says ${hello}", sensitive: false, value: "${local.greeting}!" } },
  moved: [{ from: "terraform_data.old", to: "terraform_data.first" }],
};

const jobspec = JSON.stringify({
  ID: "web",
  Name: "web",
  Region: "east",
  TaskGroups: [
    {
      Count: 2,
      Name: "web",
      Networks: [{ DynamicPorts: [{ Label: "http", To: 80 }] }],
      Tasks: [
        {
          Config: { args: ["-c", 'echo "${NOMAD_ALLOC_ID}"'], command: "/bin/sh" },
          Driver: "exec",
          Env: { HTML: "<a & b>", TEXT: "%{x}\ntwo" },
          Name: "web",
          Templates: [{ DestPath: "local/a", EmbeddedTmpl: '{{ env "X" }}\nsecond\n' }],
        },
      ],
    },
  ],
  Type: "service",
})
  .replaceAll("${", () => "$${")
  .replaceAll("%{", () => "%%{");

/** A Nomad-level stack. */
export const nomad = {
  terraform: {
    backend: { local: { path: "../x.tfstate" } },
    required_providers: { nomad: { source: "registry.terraform.io/hashicorp/nomad", version: "2.5.2" } },
  },
  variable: {
    nomad_address: { default: "https://a.example:4646", nullable: false, type: "string" },
    tag: { default: 'v"1"', type: "string" },
  },
  provider: { nomad: [{ address: "${var.nomad_address}", region: "east" }] },
  resource: {
    nomad_job: {
      reference: {
        json: true,
        jobspec: jobspec
          .replace('"/bin/sh"', () => '${jsonencode("/bin/${var.tag}")}')
          .replace('"Count":2', () => '"Count":${length(var.tag)}'),
      },
      web: { depends_on: ["nomad_namespace.ai"], jobspec, json: true, timeouts: { create: "5m" } },
    },
    nomad_namespace: { ai: { capabilities: { enabled_task_drivers: ["docker"] }, name: "ai", description: "AI" } },
    nomad_node_pool: { gpu: { name: "gpu", meta: { "a b": "c" } } },
    nomad_scheduler_config: {
      s: { preemption_config: { batch_scheduler_enabled: false }, scheduler_algorithm: "binpack" },
    },
  },
};
