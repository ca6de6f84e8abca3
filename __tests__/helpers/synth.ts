import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { App } from "cdktf";
import { serverNames } from "../../model/names";
import type { PublicTrust } from "../../model/trust";
import type { Fleet } from "../../model/types";
import { validFleet } from "../../model/validate";
import { defineStacks, type Workloads } from "../../stacks/program";

/** The synthesized document of one stack. */
export interface StackDocument {
  readonly terraform: {
    readonly backend: Record<string, unknown>;
    readonly required_providers?: Record<string, unknown>;
  };
  readonly resource?: Record<string, Record<string, Record<string, unknown>>>;
  readonly variable?: Record<string, Record<string, unknown>>;
  readonly provider?: Record<string, unknown>;
  readonly [block: string]: unknown;
}

/** Synthesizes a fleet as the program does, and reads every stack back from the files. */
export function synthesizeFleet(
  fleet: Fleet,
  options: { readonly workloads?: Workloads; readonly trust?: PublicTrust } = {},
): Map<string, StackDocument> {
  const outdir = mkdtempSync(join(tmpdir(), "steppe-synth-"));
  try {
    const app = new App({ outdir });
    defineStacks(app, { fleet: validFleet(fleet), ...options });
    app.synth();
    const stacks = join(outdir, "stacks");
    return new Map(
      readdirSync(stacks)
        .sort()
        .map((name) => [name, JSON.parse(readFileSync(join(stacks, name, "cdk.tf.json"), "utf8")) as StackDocument]),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** Dependencies between stacks, from the manifest that cdktf writes. */
export function stackDependencies(fleet: Fleet): Record<string, string[]> {
  const outdir = mkdtempSync(join(tmpdir(), "steppe-synth-"));
  try {
    const app = new App({ outdir });
    defineStacks(app, { fleet });
    app.synth();
    const manifest = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8")) as {
      stacks: Record<string, { dependencies: string[] }>;
    };
    return Object.fromEntries(Object.entries(manifest.stacks).map(([name, { dependencies }]) => [name, dependencies]));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** A public trust with the host keys of a fleet's machines. */
export function publicTrustOf(fleet: Fleet, generation = 1): PublicTrust {
  const hosts = [
    ...Object.values(fleet.sites).flatMap((site) => (site.platform === "onprem" ? Object.keys(site.hosts) : [])),
    ...Object.keys(fleet.regions).flatMap((region) => serverNames(fleet, region)),
  ];
  return {
    fleet: fleet.name,
    generation,
    ca: { sha256: "0".repeat(64), notAfter: "2031-01-01T00:00:00.000Z" },
    certificates: {},
    hostKeys: Object.fromEntries(hosts.map((host) => [host, `ssh-ed25519 AAAA${host}`])),
  };
}

/** Where the real program of a fleet file outside of `fleets/` is bundled to. Tests that run it remove it. */
export function bundleOf(path: string): string {
  const digest = createHash("sha256").update(path).digest("hex").slice(0, 8);
  return join(__dirname, "..", "..", "dist", `${basename(path, ".ts")}-${digest}.cjs`);
}
