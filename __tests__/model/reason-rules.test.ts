import { validateFleet } from "../../model/validate";
import { awsFleet, spoil } from "../helpers/fleet";

const reasons = (path: string, value: unknown) =>
  validateFleet(spoil(awsFleet(), path, value))
    .filter(({ rule }) => rule === "must say why")
    .map((problem) => problem.path);

test.each([
  ["regions.cloud.servers.disposable", { reason: "" }, ["regions.cloud.servers.disposable.reason"]],
  ["pools.arm.taskMetadataAccess", { reason: "  " }, ["pools.arm.taskMetadataAccess.reason"]],
  ["sites.cloud.retired", { reason: "\n" }, ["sites.cloud.retired.reason"]],
  [
    "tailnet.extraGrants",
    [{ reason: "", src: ["group:x"], dst: ["tag:y"], ip: ["tcp:1"] }],
    ["tailnet.extraGrants[0].reason"],
  ],
])("an empty reason is none: %s", (path, value, expected) => {
  expect(reasons(path, value)).toEqual(expected);
});

test("a reason that says something is taken", () => {
  expect(reasons("regions.cloud.servers.disposable", { reason: "a test fleet" })).toEqual([]);
});
