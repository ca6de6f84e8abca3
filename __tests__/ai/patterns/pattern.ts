import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { NomadJob } from "../../../constructs/nomad/job";
import { ReadinessGate } from "../../../constructs/nomad/readiness-gate";
import { RegionProvider } from "../../../constructs/nomad/region-provider";
import type { Job } from "../../../constructs/jobspec/job";
import { fleet as example } from "../../../fleets/example";
import { defineFleet } from "../../../model/fleet";
import type { Fleet, Region } from "../../../model/types";
import type { RegionStorage } from "../../../model/volume-types";

/** A pattern as a user would write it for the example fleet. */
export interface Pattern {
  /** Region of the example fleet. */
  readonly region: "eu-onprem" | "eu-aws" | "eu-gcp";
  /** Services that the fleet declares for it. */
  readonly services?: Fleet["services"];
  /** Volumes that its region has for it. */
  readonly volumes?: RegionStorage["volumes"];
  /** By job: what cannot be known of its place before a machine is seen. @default {} - its place is sure */
  readonly doubts?: Readonly<Record<string, readonly string[]>>;
  readonly build: (scope: Construct) => void;
}

/** The example fleet with the pattern's services and volumes. */
export function fleetOf({ region = "eu-onprem", services = {}, volumes = {} }: Partial<Pattern>): Fleet {
  const found: Region | undefined = example.regions[region];
  if (found === undefined) throw new RangeError(`no region ${region} in the example fleet`);
  const own = { ...found, storage: { ...found.storage, volumes: { ...found.storage?.volumes, ...volumes } } };
  return defineFleet({
    ...example,
    regions: { ...example.regions, [region]: own },
    services: { ...example.services, ...services },
  });
}

/**
 * The jobs that a pattern makes, in their order.
 *
 * @throws ValidationError when the fleet or a job has a problem.
 */
export function jobsOf(pattern: Pattern): readonly Job[] {
  const stack = new TerraformStack(new App({ outdir: "unused" }), "pattern");
  const { region } = pattern;
  new RegionProvider(stack, "Region", { region, address: "https://nomad.example:4646", fleet: fleetOf(pattern) });
  new ReadinessGate(stack, "ReadinessGate", {
    connection: { type: "ssh", host: "nomad.example", user: "ops", agent: "true", hostKey: "ssh-ed25519 AAAA" },
    check: ["region", "300"],
    timeoutSeconds: 300,
  });
  pattern.build(stack);
  return stack.node.findAll().flatMap((node) => (node instanceof NomadJob ? [node.job] : []));
}
