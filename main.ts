import "./constructs/core/fast";
import { App } from "cdktf";
import { assertValid } from "./constructs/core/problems";
import { writeChecks } from "./scripts/checks";
import { writeFleet } from "./scripts/fleet";
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
  // A stack trace holds paths of this machine, and every warning has one. The App makes the output directory, so nothing is
  // refused after it that could be before.
  const app = new App({ stackTraces: false });
  defineStacks(app, props);
  app.synth();
  writeChecks(app);
  writeFleet(app, fleet);
} catch (error) {
  reportAndExit(error);
}
