import "./constructs/core/fast";
import { App } from "cdktf";
import { readPublicTrust } from "./scripts/public-trust";
import { reportAndExit, reportWarnings } from "./scripts/report";
import { validFleet, validateFleet } from "./model/validate";
import { defineStacks } from "./stacks/program";
import { fleet, workloads } from "steppe:fleet";

try {
  reportWarnings(validateFleet(fleet));
  const app = new App();
  defineStacks(app, { fleet: validFleet(fleet), workloads, trust: readPublicTrust(fleet.name) });
  app.synth();
} catch (error) {
  reportAndExit(error);
}
