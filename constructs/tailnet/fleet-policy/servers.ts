import { tags } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import type { GrantRule } from "../language/policy-file";
import { HTTP, RPC, SERF } from "./ports";
import type { Reasoned } from "./reasoned";

/** Servers federate over all regions; the HTTP API stays inside a region. */
export function serverGrants(fleet: Fleet): Reasoned<GrantRule>[] {
  return [
    {
      rule: { src: [tags.server], dst: [tags.server], ip: [RPC, ...SERF] },
      reason: "servers of all regions federate: RPC, and Serf to find each other",
      from: "regions",
    },
    ...Object.keys(fleet.regions).map((region) => ({
      rule: { src: [tags.regionServer(region)], dst: [tags.regionServer(region)], ip: [HTTP] },
      reason: `servers of region ${region} ask each other's HTTP API`,
      from: `regions.${region}`,
    })),
  ];
}
