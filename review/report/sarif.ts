import { createHash } from "node:crypto";
import { sentence } from "../findings/sentence";
import { type Domain, DOMAINS, type Finding, type Severity } from "../findings/types";
import type { JudgedFinding } from "./lifting";
import type { Report } from "./report";
import { visible } from "./visible";

/** Most results that GitHub takes of one run. The worst come first. */
const MAX_RESULTS = 25_000;
const MAX_TEXT = 1000;

const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  blocking: "error",
  warning: "warning",
  notice: "note",
};

const MEANING: Readonly<Record<Domain, string>> = {
  quorum: "Whether each Nomad region keeps the majority of its servers, and stays the region that it is.",
  data: "What is destroyed or made anew while it holds data.",
  reachability: "Who reaches whom after the change and not before.",
  capacity: "What pools have for jobs, and which jobs no longer fit.",
  jobs: "What Nomad does with the allocations of the jobs that change.",
  secrets: "What looks like a secret in clear text.",
  identity: "Who may do more than before.",
  cost: "What machines cost, roughly.",
  ids: "Resources that are destroyed and made anew under another name.",
  removal: "Stacks and machines that are gone from the data while they may have state.",
  supply: "Code that a plan or an apply would run: providers, modules, data sources, provisioners.",
};

/** What a log says besides its report. */
export interface SarifSettings {
  /** File of the fleet, from the root of the repository. Shape: `fleets/acme.ts`. @default - results name their resource alone */
  readonly fleetFile?: string;
}

/**
 * Findings as SARIF 2.1.0, for GitHub's code scanning and other readers of it.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
 * @see https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
export function sarifOf({ fleet, findings }: Report, settings: SarifSettings = {}): object {
  const kept = findings.slice(0, MAX_RESULTS);
  const ids = [...new Set(kept.map(({ id }) => id))].sort();
  const fingerprints = fingerprintsOf(kept);
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "Steppe", rules: ids.map((id) => ruleOf(id, kept)) } },
        automationDetails: { id: `steppe-review/${plain(fleet ?? "")}/` },
        columnKind: "utf16CodeUnits",
        results: kept.map((finding, index) => ({
          ...resultOf(finding, settings),
          ruleIndex: ids.indexOf(finding.id),
          partialFingerprints: { primaryLocationLineHash: fingerprints[index] },
        })),
      },
    ],
  };
}

function ruleOf(id: string, findings: readonly Finding[]): object {
  const [domain = "", name = ""] = id.split("/");
  const meaning = DOMAINS.some((known) => known === domain) ? MEANING[domain as Domain] : "";
  const worst = findings.find((finding) => finding.id === id)?.severity ?? "notice";
  const lift = `Lift it with the label steppe-accept:${id}, or with a line in review.accepted of the fleet, and a reason.`;
  const help = worst === "blocking" ? `${meaning} ${lift}` : meaning;
  return {
    id: plain(id),
    shortDescription: { text: plain(`${domain}: ${name.replaceAll("-", " ")}`) },
    help: { text: plain(help === "" ? id : help) },
    defaultConfiguration: { level: LEVELS[worst] },
  };
}

function resultOf(finding: JudgedFinding, { fleetFile }: SarifSettings): object {
  const { id, severity, stack, resource, fix, lifting } = finding;
  const place = stack === undefined ? resource : `${stack}/${resource}`;
  return {
    ruleId: plain(id),
    level: LEVELS[severity],
    message: {
      text: message(`${stack === undefined ? resource : `${stack}: ${resource}`} ${sentence(finding)}. Fix: ${fix}.`),
    },
    locations: [
      {
        ...(fleetFile !== undefined && {
          physicalLocation: { artifactLocation: { uri: encodeURI(fleetFile) }, region: { startLine: 1 } },
        }),
        logicalLocations: [{ name: plain(resource), fullyQualifiedName: plain(place), kind: "resource" }],
      },
    ],
    ...(lifting !== undefined && {
      suppressions: [
        {
          kind: lifting.by === "code" ? "inSource" : "external",
          status: "accepted",
          justification: plain(lifting.reason),
        },
      ],
    }),
  };
}

/**
 * The same for a finding of the same resource in every review, whatever numbers its reason holds. Shape: `<hash>:<which of them>`.
 */
function fingerprintsOf(findings: readonly Finding[]): readonly string[] {
  const seen = new Map<string, number>();
  return findings.map(({ id, stack, resource }) => {
    const hash = createHash("sha256")
      .update(JSON.stringify([id, stack ?? null, resource]))
      .digest("hex");
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    return `${hash}:${count}`;
  });
}

function plain(text: string): string {
  return visible(text, MAX_TEXT);
}

/** A message, in which brackets would begin a link. */
function message(text: string): string {
  return plain(text).replace(/[\\[\]]/g, "\\$&");
}
