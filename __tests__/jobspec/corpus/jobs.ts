import type { Job } from "../../../constructs/jobspec/job";
import type { ScalingCheck } from "../../../constructs/jobspec/scaling";
import { batch, each, small, task } from "./build";

const kinds: readonly Job[] = [
  ...(["service", "batch", "system", "sysbatch"] as const).map((type) => small(`type-${type}`, { job: { type } })),
  small("job-all", {
    job: {
      name: "All of it",
      region: "east",
      namespace: "ai",
      nodePool: "gpu",
      datacenters: ["east-*", "west-1"],
      priority: 75,
      allAtOnce: true,
      meta: { team: "platform", "with.dot": "1" },
      ui: {
        description: "# Web\n\nSee **docs**.\n",
        links: [
          { label: "Docs", url: "https://docs.example.com/web?a=b&c=d" },
          { label: "Runbook", url: "https://runbooks.example.com" },
        ],
      },
    },
  }),
  small("job-plain"),
  small("job-named-as-id", { job: { name: "job-named-as-id", type: "service", datacenters: ["*"] } }),
  small("job-priority-low", { job: { priority: 1 } }),
  small("job-ui-description", { job: { ui: { description: "One line" } } }),
  small("job-ui-links", { job: { ui: { links: [{ label: "a", url: "https://a.example" }] } } }),
  {
    id: "job-groups",
    groups: { a: { count: 2, tasks: { t: task() } }, "b c": { count: 0, tasks: { t: task(), "u.v": task() } } },
  },
  small("group-all", { group: { count: 2, shutdownDelay: "10s", meta: { role: "worker", "a.b": "c" } } }),
  small("job-allowed", {
    job: { allow: [{ rule: "floating-image", reason: "the vendor has no versions", path: "groups.main" }] },
  }),
  small("sysbatch-all", {
    job: { type: "sysbatch", priority: 80, constraints: [{ attribute: "${node.class}", value: "gpu" }] },
  }),
  small("system-count", { job: { type: "system" }, group: { count: 1 } }),
];

const schedules: readonly Job[] = [
  batch("periodic-cron", { job: { periodic: { cron: "*/15 * * * *" } } }),
  batch("periodic-all", {
    job: {
      periodic: {
        crons: ["0 3 * * *", "@weekly", "0 0 1 1 * 2030"],
        prohibitOverlap: true,
        timeZone: "Europe/Berlin",
        enabled: false,
      },
    },
  }),
  batch("periodic-one-of-many", { job: { periodic: { crons: ["@daily"], enabled: true, prohibitOverlap: false } } }),
  small("periodic-sysbatch", { job: { type: "sysbatch", periodic: { cron: "@hourly" } } }),
  ...(["optional", "required", "forbidden"] as const).map((payload) =>
    batch(`parameterized-${payload}`, { job: { parameterized: { payload } } }),
  ),
  batch("parameterized-meta", {
    job: { parameterized: { metaRequired: ["input", "model"], metaOptional: ["format"] }, meta: { format: "json" } },
    task: { dispatchPayload: { file: "input.json" } },
  }),
  batch("parameterized-plain", { job: { parameterized: {} } }),
];

const check = (strategy: ScalingCheck["strategy"], more: Partial<ScalingCheck> = {}): ScalingCheck => ({
  ...more,
  strategy,
});

const scaling: readonly Job[] = [
  small("scaling", { group: { scaling: { max: 10 } } }),
  small("scaling-bounds", { group: { count: 3, scaling: { min: 0, max: 5, enabled: false } } }),
  small("scaling-policy", {
    group: {
      scaling: {
        min: 1,
        max: 20,
        enabled: true,
        policy: {
          cooldown: "2m",
          evaluationInterval: "15s",
          onCheckError: "fail",
          checks: {
            cpu: check(
              { "target-value": { target: 70, threshold: 0.05, max_scale_up: 3 } },
              {
                source: "nomad-apm",
                query: "avg_cpu",
                queryWindow: "5m",
                queryWindowOffset: "1m30s",
                group: "load",
                onError: "ignore",
              },
            ),
            "queue depth": check(
              { threshold: { lower_bound: 10, delta: 1, within_bounds_trigger: "2", percentage: false } },
              { source: "prometheus", query: 'sum(queue{job="${NOMAD_JOB_ID}"}) > 1', onError: "fail" },
            ),
            pass: check({ "pass-through": {} }),
          },
        },
      },
    },
  }),
  ...each("scaling-on-error", ["ignore", "fail"], (onCheckError) => ({
    group: { scaling: { max: 2, policy: { onCheckError } } },
  })),
  small("scaling-empty-policy", { group: { scaling: { max: 2, policy: {} } } }),
];

export const jobJobs: readonly Job[] = [...kinds, ...schedules, ...scaling];
