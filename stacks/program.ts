import type { App } from "cdktf";
import type { Construct } from "constructs";
import { authoritativeRegion, regionOf } from "../model/names";
import { ControlStack } from "./control";
import type { FleetStack, FleetStackProps } from "./base";
import { JobsStack } from "./jobs";
import { SiteStack } from "./site";
import { StorageStack } from "./storage";
import { TailnetStack } from "./tailnet";

/** What runs in a fleet: by region, a function that puts constructs into the region's jobs stack. */
export type Workloads = Readonly<Record<string, (scope: Construct) => void>>;

export interface ProgramProps extends FleetStackProps {
  /** @default {} */
  readonly workloads?: Workloads;
}

/** All stacks of a fleet, each after the stacks of the row before it. */
export function defineStacks(app: App, props: ProgramProps): void {
  const { fleet } = props;
  const tailnet = new TailnetStack(app, props);
  const sites = new Map<string, FleetStack>();
  for (const name of Object.keys(fleet.sites)) {
    const site = new SiteStack(app, name, props);
    site.after(tailnet);
    sites.set(name, site);
  }
  const homeOf = (region: string) => sites.get(regionOf(fleet, region).site) as FleetStack;
  const authority = authoritativeRegion(fleet);
  const control = new ControlStack(app, props);
  control.after(homeOf(authority));
  for (const region of Object.keys(fleet.regions)) {
    const storage = new StorageStack(app, region, props);
    storage.after(...(homeOf(region) === homeOf(authority) ? [control] : [control, homeOf(region)]));
    const jobs = new JobsStack(app, region, props);
    jobs.after(storage);
  }
}
