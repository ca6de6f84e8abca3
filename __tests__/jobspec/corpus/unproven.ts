import type { Job } from "../../../constructs/jobspec/job";
import { batch, container, small } from "./build";

/** What only Nomad Enterprise takes: rendered and read back here, refused by the Community Edition. */
export const enterpriseJobs: readonly Job[] = [
  small("enterprise-vault", { task: { vault: { role: "web", namespace: "team", cluster: "second" } } }),
  small("enterprise-consul", {
    group: { consul: { namespace: "team", cluster: "second" } },
    task: { consul: { namespace: "team", cluster: "second", partition: "ai" } },
  }),
  small("enterprise-service", {
    driver: container,
    group: {
      network: { ports: { http: {} } },
      services: [{ provider: "consul", name: "web", port: "http", cluster: "second" }],
    },
  }),
];

/** What Nomad has since 2.0, later than the one that the lab can build. */
export const newerJobs: readonly Job[] = [
  batch("newer-run-duration", { group: { maxRunDuration: "2h" } }),
  small("newer-first-render", {
    task: {
      templates: [
        {
          data: "x",
          destination: "local/x",
          changeMode: "script",
          changeScript: { command: "/bin/true", runOnFirstRender: true },
        },
      ],
    },
  }),
];
