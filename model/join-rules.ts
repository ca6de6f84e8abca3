import type { Problem } from "../constructs/core/problems";
import { tailnetDialect } from "./names";
import type { JoinMethod } from "./tailnet-types";
import type { Fleet, Site } from "./types";

/** Issuer of the identity tokens of Google Cloud's machines. */
const GCP_ISSUER = "https://accounts.google.com";

/** Who issues the identity token of a machine; undefined where the fleet must say it and does not. */
export function tokenIssuer(site: Site, join: JoinMethod & { kind: "workload-identity" }): string | undefined {
  return join.issuer ?? (site.platform === "gcp" ? GCP_ISSUER : undefined);
}

/** What is wrong with how a fleet's machines join the tailnet. */
export function joinProblems(fleet: Fleet): Problem[] {
  return [
    ...Object.entries(fleet.regions).flatMap(([name, { site, join }]) =>
      methodProblems(fleet, `regions.${name}.join`, site, join),
    ),
    ...Object.entries(fleet.pools).flatMap(([name, { site, join, spot, ephemeral }]) => [
      ...methodProblems(fleet, `pools.${name}.join`, site, join),
      ...(spot === true && ephemeral === false ? [staysBehind(`pools.${name}.ephemeral`)] : []),
    ]),
  ];
}

function methodProblems(fleet: Fleet, path: string, siteName: string, join: JoinMethod | undefined): Problem[] {
  if (join === undefined || join.kind === "auth-key") return [];
  const problems: Problem[] = [];
  if (tailnetDialect(fleet) === "headscale")
    problems.push({
      path: `${path}.kind`,
      rule: "headscale has neither OAuth clients nor federated identities that make keys",
      got: join.kind,
      fix: 'use { kind: "auth-key" }',
    });
  const site = fleet.sites[siteName];
  if (join.kind === "oauth-client" || site === undefined) return problems;
  if (site.platform === "onprem")
    problems.push({
      path: `${path}.kind`,
      rule: `site ${siteName} is on-prem, where nobody vouches for a machine`,
      got: join.kind,
      fix: 'use { kind: "auth-key" } or { kind: "oauth-client" }',
    });
  else problems.push(...tokenProblems(path, site, join));
  return problems;
}

function tokenProblems(path: string, site: Site, join: JoinMethod & { kind: "workload-identity" }): Problem[] {
  const problems: Problem[] = [];
  const issuer = tokenIssuer(site, join);
  if (issuer === undefined)
    problems.push({
      path: `${path}.issuer`,
      rule: "must be given on AWS: each account has its own",
      fix: "turn on outbound identity federation in IAM and give the token issuer URL that it shows",
    });
  else if (!/^https:\/\/[^\s?#]+$/.test(issuer))
    problems.push({ path: `${path}.issuer`, rule: "must be an https URL", got: issuer });
  if (join.subject === undefined) {
    if (site.platform !== "gcp")
      problems.push({
        path: `${path}.subject`,
        rule: "must be the subject of the machines' identity token",
        fix: "give the ARN of the machines' role",
      });
  } else if (join.subject === "" || /\s/.test(join.subject))
    problems.push({
      path: `${path}.subject`,
      rule: "must be the subject of the machines' identity token",
      got: join.subject,
      fix: site.platform === "gcp" ? "give the service account's unique id" : "give the ARN of the machines' role",
    });
  else if (/^\*+$/.test(join.subject))
    problems.push({
      path: `${path}.subject`,
      rule: "lets in everybody to whom the issuer gives a token",
      got: join.subject,
      fix: site.platform === "gcp" ? "give the service account's unique id" : "give the ARN of the machines' role",
    });
  return problems;
}

function staysBehind(path: string): Problem {
  return {
    path,
    rule: "leaves a device in the tailnet for every spot machine that the cloud takes back",
    got: false,
    fix: "leave it out, or remove the devices with ./steppe tailnet devices --prune",
    severity: "warning",
  };
}
