import "./constructs/core/fast";
import { App } from "cdktf";
import { readPublicTrust } from "./scripts/public-trust";
import { reportAndExit, reportWarnings } from "./scripts/report";
import { validFleet, validateFleet } from "./model/validate";
import { defineStacks } from "./stacks/program";
import { fleet, workloads } from "steppe:fleet";

try {
  reportWarnings(validateFleet(fleet));
  const props = { fleet: validFleet(fleet), workloads, trust: readPublicTrust(fleet.name) };
  const app = new App(); // makes the output directory, so nothing is refused after it that could be before
  defineStacks(app, props);
  app.synth();
} catch (error) {
  reportAndExit(error);
}
