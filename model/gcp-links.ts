import type { Problem } from "../constructs/core/problems";
import type { GcpNetworkLinks, GcpSite } from "./gcp-types";

const HOST = "(?:https://www\\.googleapis\\.com/compute/v1/)?";
const PROJECT = "((?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9])";
const NAME = "[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?";
const NETWORK = new RegExp(`^${HOST}projects/${PROJECT}/global/networks/${NAME}$`);
const SUBNETWORK = new RegExp(`^${HOST}projects/${PROJECT}/regions/([a-z0-9-]+)/subnetworks/${NAME}$`);
const IMAGE = new RegExp(`^${HOST}projects/${PROJECT}/global/images/${NAME}$`);
const FAMILY = new RegExp(`^${HOST}projects/${PROJECT}/global/images/family/${NAME}$`);

/** Whether a text is the id of a project. */
export function isProjectId(project: string): boolean {
  return new RegExp(`^${PROJECT}$`).test(project);
}

/** Project that an existing network belongs to: with Shared VPC not that of its machines. */
export function networkProjectOf({ network }: GcpNetworkLinks): string | undefined {
  return NETWORK.exec(network)?.[1];
}

/** Project that an image belongs to. */
export function imageProjectOf(image: string): string | undefined {
  return IMAGE.exec(image)?.[1];
}

/** Problems with the links of an existing network and subnet. */
export function networkLinkProblems(path: string, links: GcpNetworkLinks, { gcpRegion }: GcpSite): Problem[] {
  const { network, subnetwork } = links;
  const problems: Problem[] = [];
  const [, project, region] = SUBNETWORK.exec(subnetwork) ?? [];
  if (networkProjectOf(links) === undefined)
    problems.push({
      path: `${path}.network`,
      rule: "must be the self link of a network",
      got: network,
      fix: "write it like projects/acme-network/global/networks/shared",
    });
  if (region === undefined)
    problems.push({
      path: `${path}.subnetwork`,
      rule: "must be the self link of a subnet",
      got: subnetwork,
      fix: `write it like projects/acme-network/regions/${gcpRegion}/subnetworks/fleet`,
    });
  else if (region !== gcpRegion)
    problems.push({
      path: `${path}.subnetwork`,
      rule: `must be a subnet of ${gcpRegion}, the site's region`,
      got: subnetwork,
      fix: "name one of this region, or correct gcpRegion",
    });
  else if (networkProjectOf(links) !== undefined && networkProjectOf(links) !== project)
    problems.push({
      path: `${path}.subnetwork`,
      rule: `must be of the project that the network belongs to (${networkProjectOf(links)})`,
      got: subnetwork,
      fix: "name a subnet of this network",
    });
  return problems;
}

/** Problem with a machine image. */
export function gcpImageProblems(path: string, image: string): Problem[] {
  if (IMAGE.test(image)) return [];
  if (FAMILY.test(image))
    return [
      {
        path,
        rule: "must be one image: a family is another tomorrow, and machines would change without a plan",
        got: image,
        fix: "name the image that the family stands for (gcloud compute images describe-from-family)",
      },
    ];
  return [
    {
      path,
      rule: "must be the self link of a machine image",
      got: image,
      fix: "write it like projects/debian-cloud/global/images/debian-12-bookworm-v20250610",
    },
  ];
}
