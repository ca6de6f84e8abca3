import { defineFleet } from "../model/fleet";
import type { Fleet, OnPremSite, Pool, Region } from "../model/types";

/** How many jobs the generated fleet runs, over all regions. */
export const jobCount = Number(process.env["STEPPE_BENCH_JOBS"] ?? 100);

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const REGIONS = 10;
const POOLS_PER_REGION = 5;

const sites: Record<string, OnPremSite> = {};
const regions: Record<string, Region> = {};
const pools: Record<string, Pool> = {};
for (const r of numbers(REGIONS)) {
  const address = (host: number) => `10.61.${r}.${10 + host}`;
  const clients = numbers(POOLS_PER_REGION).map((p) => [`r${r}-client-${p}`, { address: address(1 + p) }] as const);
  sites[`site-${r}`] = {
    platform: "onprem",
    networks: [`10.61.${r}.0/24`],
    hosts: { [`r${r}-server`]: { address: address(0) }, ...Object.fromEntries(clients) },
  };
  regions[`r${r}`] = { site: `site-${r}`, servers: { hosts: [`r${r}-server`] }, authoritative: r === 0 };
  for (const p of numbers(POOLS_PER_REGION))
    pools[`r${r}-pool-${p}`] = {
      region: `r${r}`,
      site: `site-${r}`,
      hosts: [`r${r}-client-${p}`],
      hardware: { cpuMHz: 256_000, memoryMiB: 2_000_000, gpu: { model: "h100-80gb", count: 8 } },
    };
}

/** Ten regions on-prem, fifty pools. */
export const fleet: Fleet = defineFleet({
  name: "bench",
  tailnet: { domain: "bench.ts.net" },
  backend: { kind: "local" },
  sites,
  regions,
  pools,
  services: { inference: { port: "dynamic", pools: Object.keys(pools), callers: ["operators"] } },
});

/** What tells one generated job from another. */
export interface GeneratedJob {
  readonly id: string;
  readonly index: number;
  readonly nodePool: string;
  readonly team: string;
  readonly count: number;
  readonly image: string;
}

/** Image of every job; another one makes another fleet. */
const IMAGE =
  process.env["STEPPE_BENCH_IMAGE"] ??
  "registry.example.com/team/app@sha256:0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7";

/** The jobs of a region: inference services, each a little different. */
export function jobsOf(region: string): readonly GeneratedJob[] {
  return numbers(jobCount / REGIONS).map((index) => ({
    id: `inference-${region}-${index}`,
    index,
    nodePool: `${region}-pool-${index % POOLS_PER_REGION}`,
    team: `team-${index % 7}`,
    count: 1 + (index % 3),
    image: IMAGE,
  }));
}
