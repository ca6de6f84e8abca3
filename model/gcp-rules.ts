import type { Problem } from "../constructs/core/problems";
import { loginProblems, publicKeyProblems, sshPortProblems } from "./cloud-ssh-rules";
import { gcpImageProblems, isProjectId } from "./gcp-links";
import { gcpLabelProblems } from "./gcp-label-rules";
import { gcpMachineProblems } from "./gcp-machine-rules";
import { gcpNetworkProblems } from "./gcp-network-rules";
import type { GcpSite, GcpSsh } from "./gcp-types";
import type { Fleet } from "./types";

/** Problems with a fleet's sites on Google Cloud and what is to be made there. */
export function gcpProblems(fleet: Fleet): Problem[] {
  return [
    ...Object.entries(fleet.sites).flatMap(([name, site]) =>
      site.platform === "gcp" ? siteProblems(`sites.${name}`, site, fleet) : [],
    ),
    ...gcpMachineProblems(fleet),
  ];
}

function siteProblems(path: string, site: GcpSite, fleet: Fleet): Problem[] {
  const problems: Problem[] = [];
  if (!isProjectId(site.project))
    problems.push({
      path: `${path}.project`,
      rule: "must be the id of a project: 6 to 30 lower-case letters, digits and inner dashes",
      got: site.project,
      fix: "copy the project's id, which is neither its name nor its number",
    });
  return [
    ...problems,
    ...placeProblems(path, site),
    ...gcpNetworkProblems(path, site),
    ...Object.entries(site.images).flatMap(([architecture, image]) =>
      gcpImageProblems(`${path}.images.${architecture}`, image),
    ),
    ...sshPortProblems(`${path}.ssh.port`, site.ssh.port, fleet),
    ...accessProblems(`${path}.ssh`, site.ssh),
    ...gcpLabelProblems(`${path}.labels`, site.labels ?? {}),
  ];
}

function placeProblems(path: string, { gcpRegion, zones }: GcpSite): Problem[] {
  const problems: Problem[] = [];
  if (!/^[a-z]+-[a-z]+\d{1,2}$/.test(gcpRegion))
    problems.push({
      path: `${path}.gcpRegion`,
      rule: "must be a region of Google Cloud",
      got: gcpRegion,
      fix: "write it like europe-west4",
    });
  if (zones.length === 0) problems.push({ path: `${path}.zones`, rule: "must name at least one zone", fix: "add one" });
  zones.forEach((zone, index) => {
    const at = `${path}.zones[${index}]`;
    if (!zone.startsWith(`${gcpRegion}-`) || !/^[a-z]$/.test(zone.slice(gcpRegion.length + 1)))
      problems.push({
        path: at,
        rule: `must be a zone of ${gcpRegion}`,
        got: zone,
        fix: `write it like ${gcpRegion}-a`,
      });
    if (zones.indexOf(zone) !== index)
      problems.push({ path: at, rule: "is named already", got: zone, fix: "leave it out" });
  });
  return problems;
}

function accessProblems(path: string, { user, authorizedKeys, osLogin = false }: GcpSsh): Problem[] {
  const problems = osLogin ? [] : publicKeyProblems(`${path}.authorizedKeys`, authorizedKeys);
  if (osLogin && authorizedKeys.length > 0)
    problems.push({
      path: `${path}.authorizedKeys`,
      rule: "must be empty with osLogin: keys are those of the accounts that IAM lets in",
      fix: "move them to the operators' accounts (gcloud compute os-login ssh-keys add)",
    });
  if (osLogin && user === undefined)
    problems.push({
      path: `${path}.user`,
      rule: "must be the name that OS Login gives whoever applies",
      fix: "copy it from gcloud compute os-login describe-profile",
    });
  problems.push(...loginProblems(`${path}.user`, user, "write it like steppe"));
  return problems;
}
