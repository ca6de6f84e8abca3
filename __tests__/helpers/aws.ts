import { App, Testing } from "cdktf";
import type { AwsSite } from "../../model/aws-types";
import type { PublicTrust } from "../../model/trust";
import type { Fleet } from "../../model/types";
import { validFleet } from "../../model/validate";
import { SiteStack } from "../../stacks/site";
import { awsFleet, awsSite, externalFleet, spoil } from "./fleet";
import type { StackDocument } from "./synth";

/** The fleet with a site as it is by default; with all that a site can have; in an existing VPC; open to callers from outside. */
export function awsFleets(): Readonly<Record<"default" | "everything" | "existing" | "external", Fleet>> {
  const zones = (more: (index: number) => object) =>
    Object.fromEntries(
      Object.entries(awsSite().zones).map(([name, zone], index) => [name, { ...zone, ...more(index) }]),
    );
  const withSite = (more: Partial<AwsSite>): Fleet => spoil(awsFleet(), "sites.cloud", { ...awsSite(), ...more });
  return {
    default: awsFleet(),
    everything: spoil(
      spoil(
        withSite({
          networks: ["10.3.0.0/16", "10.4.0.0/20"],
          zones: zones((index) => ({ natCidr: `10.4.0.${index * 16}/28` })),
          egress: { kind: "nat-gateway", reason: "no public addresses allowed" },
          vpcEndpoints: true,
          flowLogs: { retentionDays: 30 },
          rootDevice: "/dev/sda1",
          tags: { team: "platform" },
        }),
        "regions.cloud.backups",
        { store: { kind: "s3", operatorArns: ["arn:aws:iam::123456789012:role/operators"] } },
      ),
      "regions.cloud.servers.disposable",
      { reason: "a test fleet" },
    ),
    existing: withSite({
      vpcId: "vpc-0123456789abcdef0",
      zones: zones((index) => ({ subnetId: `subnet-0123456${index}` })),
      egress: { kind: "existing", reason: "a firewall of the company" },
      flowLogs: { retentionDays: 7 },
    }),
    external: externalFleet(),
  };
}

/** A trust of this generation, as far as a stack sees it. */
export function trustOf(generation: number): PublicTrust {
  const ca = { sha256: "0".repeat(64), notAfter: "2031-01-01T00:00:00.000Z" };
  return { fleet: "small", generation, ca, certificates: {}, hostKeys: {} };
}

/** Attributes of a resource. */
export type Attributes = Readonly<Record<string, unknown>>;

/** The stack of an AWS site. */
export function awsStack(fleet: Fleet, { trust }: { readonly trust?: PublicTrust } = {}): StackDocument {
  const app = Testing.stubVersion(new App({ stackTraces: false }));
  const stack = new SiteStack(app, "cloud", { fleet: validFleet(fleet), ...(trust === undefined ? {} : { trust }) });
  stack.prepareStack();
  return JSON.parse(Testing.synth(stack, true)) as StackDocument;
}

/** Every resource of stacks with its type. */
export function everyResource(
  stacks: readonly StackDocument[],
): readonly { readonly type: string; readonly id: string; readonly attributes: Attributes }[] {
  return stacks.flatMap(({ resource = {} }) =>
    Object.entries(resource).flatMap(([type, byId]) =>
      Object.entries(byId).map(([id, attributes]) => ({ type, id, attributes })),
    ),
  );
}

/** Resources of a type by id, without what all have in common and the hash that cdktf adds. */
export function ofType({ resource = {} }: StackDocument, type: string): Record<string, Attributes> {
  return Object.fromEntries(
    Object.entries(resource[type] ?? {}).map(([id, { "//": _, ...attributes }]) => [
      id.replace(/^Machines_/, "").replace(/_[0-9A-F]{8}$/, ""),
      attributes,
    ]),
  );
}

/** The one resource of a type. @throws Error when there is none, or more. */
export function theOnly(stack: StackDocument, type: string): Attributes {
  const found = Object.values(ofType(stack, type));
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type}`);
  return found[0] as Attributes;
}
