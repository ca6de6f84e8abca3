import { App, Lazy, Testing } from "cdktf";
import { GcpMachines } from "../../constructs/platform/gcp/machines";
import type { GcpStartup } from "../../constructs/platform/gcp/startup";
import { JoinIdentities } from "../../constructs/tailnet/join-identities";
import type { GcpSite } from "../../model/gcp-types";
import type { PublicTrust } from "../../model/trust";
import type { Fleet } from "../../model/types";
import { validFleet } from "../../model/validate";
import { FleetStack } from "../../stacks/base";
import { gcpFleet, gcpSite, spoil } from "./fleet";
import type { StackDocument } from "./synth";

/** The fleet with a site as it is by default; with all that a site can have; in an existing network. */
export function gcpFleets(): Readonly<Record<"default" | "everything" | "existing", Fleet>> {
  const withSite = (more: Partial<GcpSite>): Fleet => spoil(gcpFleet(), "sites.cloud", { ...gcpSite(), ...more });
  return {
    default: gcpFleet(),
    everything: spoil(
      withSite({
        egress: { kind: "cloud-nat", reason: "no external addresses allowed" },
        flowLogs: { flowSampling: 0.1, aggregationInterval: "INTERVAL_10_MIN" },
        ssh: { osLogin: true, user: "sa_1234567890", port: 2222, authorizedKeys: [] },
        labels: { team: "platform" },
      }),
      "regions.cloud.servers.disposable",
      { reason: "a test fleet" },
    ),
    existing: withSite({
      existingNetwork: {
        network: "projects/acme-network/global/networks/shared",
        subnetwork: "projects/acme-network/regions/europe-west4/subnetworks/fleet",
      },
      egress: { kind: "existing", reason: "a firewall of the company" },
      labels: { team: "platform" },
    }),
  };
}

/** Stands for the scripts that machines run: says for whom it was asked, and with what. */
export const recordedStartup: GcpStartup = {
  server: (fleet, region, options) => ({ text: `${fleet.name}/${region}: ${JSON.stringify(options)}`, files: [] }),
  pool: (fleet, pool, options) => ({ text: `${fleet.name}/${pool}: ${JSON.stringify(options)} \${HOME}`, files: [] }),
};

export interface GcpStackOptions {
  /** @default - none yet */
  readonly trust?: PublicTrust;
  /** @default - {@link recordedStartup} */
  readonly startup?: GcpStartup;
}

/** The stack of a site on Google Cloud. */
export function gcpStack(fleet: Fleet, { trust, startup = recordedStartup }: GcpStackOptions = {}): StackDocument {
  const app = Testing.stubVersion(new App({ stackTraces: false }));
  const props = { fleet: validFleet(fleet), ...(trust === undefined ? {} : { trust }) };
  const stack = new FleetStack(app, "small-site-cloud", props);
  const join = new JoinIdentities(stack, "Join", {
    fleet,
    site: "cloud",
    // The machines are made after what they join with.
    subjectOf: (identity) => Lazy.stringValue({ produce: () => machines.accountOf(identity).uniqueId }),
  });
  const machines: GcpMachines = new GcpMachines(stack, "Machines", { ...props, site: "cloud", join, startup });
  stack.prepareStack();
  return JSON.parse(Testing.synth(stack, true)) as StackDocument;
}
