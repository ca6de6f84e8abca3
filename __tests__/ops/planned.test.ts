import type { PlannedChanges } from "../../ops/terraform/execute";
import { replacedServers } from "../../ops/terraform/planned";
import type { Stack } from "../../ops/terraform/stack";

const stack = { name: "acme-site-cloud" } as Stack;
const planned = (...resources: readonly [address: string, action: string][]) =>
  new Map<Stack, PlannedChanges | undefined>([
    [stack, { add: 0, change: 0, destroy: 0, resources: resources.map(([address, action]) => ({ address, action })) }],
  ]);

test("an apply that would replace servers is refused, each by its address", () => {
  const found = replacedServers(
    planned(
      ["aws_instance.one", "replace"],
      ["aws_instance.two", "replace"],
      ["google_compute_instance.three[0]", "replace"],
    ),
  );
  expect(found.map(({ path, rule }) => `${path} ${rule}`)).toEqual([
    "acme-site-cloud: aws_instance.one would be replaced by this apply",
    "acme-site-cloud: aws_instance.two would be replaced by this apply",
    "acme-site-cloud: google_compute_instance.three would be replaced by this apply",
  ]);
});

test("servers that are made, changed in place or go with their region are not its concern, nor what is no server", () => {
  const found = replacedServers(
    planned(
      ["aws_instance.one", "create"],
      ["aws_instance.two", "update"],
      ["aws_instance.three", "delete"],
      ["aws_launch_template.pool", "replace"],
      ["terraform_data.aws_instance", "replace"],
    ),
  );
  expect(found).toEqual([]);
  expect(replacedServers(new Map([[stack, undefined]]))).toEqual([]);
});
