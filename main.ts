import "./constructs/core/fast";
import { App } from "cdktf";
import { assertValid } from "./constructs/core/problems";
import { writeChecks } from "./scripts/checks";
import { readPublicTrust } from "./scripts/public-trust";
import { reportAndExit, reportWarnings } from "./scripts/report";
import { validateFleet } from "./model/validate";
import { defineStacks } from "./stacks/program";
import { fleet, workloads } from "steppe:fleet";

try {
  const problems = validateFleet(fleet);
  reportWarnings(problems);
  assertValid(`fleet ${fleet.name}`, problems);
  const props = { fleet, workloads, trust: readPublicTrust(fleet.name) };
  const app = new App(); // makes the output directory, so nothing is refused after it that could be before
  defineStacks(app, props);
  app.synth();
  writeChecks(app);
} catch (error) {
  reportAndExit(error);
}
