import type { Problem } from "../constructs/core/problems";
import { networkLinkProblems } from "./gcp-links";
import { FLOW_LOG_INTERVALS, type GcpFlowLogs, type GcpSite } from "./gcp-types";
import { rangeBounds } from "./ranges";

/** Problems with the subnet of a site on Google Cloud and the way out of it. */
export function gcpNetworkProblems(path: string, site: GcpSite): Problem[] {
  return [
    ...rangeProblems(path, site),
    ...(site.existingNetwork === undefined
      ? newNetworkProblems(path, site)
      : [
          ...networkLinkProblems(`${path}.existingNetwork`, site.existingNetwork, site),
          ...existingNetworkProblems(path, site),
        ]),
    ...flowLogProblems(`${path}.flowLogs`, site.flowLogs),
  ];
}

/** @see https://cloud.google.com/vpc/docs/subnets#valid-ranges */
function rangeProblems(path: string, { networks }: GcpSite): Problem[] {
  const problems: Problem[] = [];
  if (networks.length > 1)
    problems.push({
      path: `${path}.networks`,
      rule: "must be one range: a subnet spans the zones of its region",
      got: networks,
      fix: "give each range a site of its own, or take one that holds them all",
    });
  networks.forEach((cidr, index) => {
    const prefix = Number(cidr.split("/")[1]);
    // Ranges that are none: rangeProblems says it of every platform.
    if (rangeBounds(cidr) !== undefined && (prefix < 8 || prefix > 29))
      problems.push({
        path: `${path}.networks[${index}]`,
        rule: "must be from /8 to /29, the smallest that Google takes",
        got: cidr,
        fix: "choose another size",
      });
  });
  return problems;
}

function newNetworkProblems(path: string, { egress }: GcpSite): Problem[] {
  if (egress?.kind !== "existing") return [];
  return [
    {
      path: `${path}.egress.kind`,
      rule: "needs a network that has a way out already",
      got: egress.kind,
      fix: "give existingNetwork, or leave egress out",
    },
  ];
}

function existingNetworkProblems(path: string, { egress, flowLogs, privateGoogleAccess }: GcpSite): Problem[] {
  const problems: Problem[] = [];
  if (egress?.kind === "cloud-nat")
    problems.push({
      path: `${path}.egress.kind`,
      rule: "would change how others leave an existing network",
      got: egress.kind,
      fix: 'use { kind: "existing" }, and make the gateway where the network is made',
    });
  if (flowLogs !== undefined)
    problems.push({
      path: `${path}.flowLogs`,
      rule: "are a setting of the subnet, which exists",
      got: flowLogs,
      fix: "set them where the subnet is made",
    });
  if (privateGoogleAccess !== undefined)
    problems.push({
      path: `${path}.privateGoogleAccess`,
      rule: "is a setting of the subnet, which exists",
      got: privateGoogleAccess,
      fix: "set it where the subnet is made",
    });
  return problems;
}

function flowLogProblems(path: string, flowLogs: GcpFlowLogs | undefined): Problem[] {
  if (flowLogs === undefined) return [];
  const { flowSampling = 0.5, aggregationInterval } = flowLogs;
  const problems: Problem[] = [];
  if (!(flowSampling > 0 && flowSampling <= 1))
    problems.push({
      path: `${path}.flowSampling`,
      rule: "must be more than 0 and at most 1",
      got: flowSampling,
      fix: "leave flowLogs out for none",
    });
  if (aggregationInterval !== undefined && !FLOW_LOG_INTERVALS.includes(aggregationInterval))
    problems.push({
      path: `${path}.aggregationInterval`,
      rule: `must be one of ${FLOW_LOG_INTERVALS.join(", ")}`,
      got: aggregationInterval,
    });
  return problems;
}
