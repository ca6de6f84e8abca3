import type { Job } from "../../constructs/jobspec/job";

/** A batch job of one shell script, which is tried once. */
export function scriptJob(id: string, script: string, more: Partial<Job> = {}): Job {
  return {
    id,
    type: "batch",
    allow: [{ rule: "raw-exec", reason: "a test without containers" }],
    ...more,
    groups: {
      work: {
        restart: { attempts: 0, mode: "fail" },
        reschedule: { attempts: 0, unlimited: false },
        tasks: {
          script: {
            driver: "raw_exec",
            config: { command: "/bin/sh", args: ["-c", script] },
            resources: { cpu: "20MHz", memory: "16MiB" },
          },
        },
      },
    },
  };
}
