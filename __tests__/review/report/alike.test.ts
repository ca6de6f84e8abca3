import type { Finding } from "../../../review/findings/types";
import { alike } from "../../../review/report/alike";

const finding = (name: string, change: Partial<Finding> = {}): Finding => ({
  ...{ id: "jobs/destructive", severity: "warning", stack: "jobs-east", resource: `nomad_job.${name}` },
  ...{ about: `job ${name}`, reason: "stops and starts its only allocation", fix: "expect the gap" },
  ...change,
});

test("puts together what is said of several things, by the names that people know, over all stacks", () => {
  expect(alike([finding("a"), finding("x", { reason: "goes" }), finding("b", { stack: "jobs-west" })])).toMatchObject([
    { names: ["job a", "job b"], stacks: ["jobs-east", "jobs-west"], first: finding("a") },
    { names: ["nomad_job.x"], stacks: ["jobs-east"] },
  ]);
});

test("keeps apart what differs in what to do, or in who accepted it", () => {
  const accepted = { ...finding("b"), lifting: { by: "code", reason: "a trial" } } as const;
  expect(alike([finding("a"), finding("c", { fix: "watch it" }), accepted])).toHaveLength(3);
});
