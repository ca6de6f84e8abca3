import { INSTANCE_TYPES } from "../../../model/aws-instance-types";
import { GCP_MACHINE_TYPES } from "../../../model/gcp-machine-types";
import type { Fleet, Pool } from "../../../model/types";
import { AWS_PRICES } from "../../../review/cost/aws-prices";
import { GCP_PRICES } from "../../../review/cost/gcp-prices";
import { priceOf } from "../../../review/cost/prices";
import { examineCost } from "../../../review/findings/cost";
import { awsFleet, gcpFleet, type Mutable } from "../../helpers/fleet";
import { saidOf } from "./subjects";

const withPool = (name: string, more: Partial<Pool>, of = awsFleet): Fleet => {
  const fleet = of();
  fleet.pools[name] = { ...(fleet.pools[name] as Mutable<Pool>), ...more } as Mutable<Pool>;
  return fleet;
};
const said = (before: Fleet, after: Fleet) => saidOf(examineCost, { fleet: before }, { fleet: after });

describe("prices", () => {
  test("are of known types, with a source and a date", () => {
    for (const [prices, types] of [
      [AWS_PRICES, INSTANCE_TYPES],
      [GCP_PRICES, GCP_MACHINE_TYPES],
    ] as const)
      for (const [name, { usdPerHour, source, date }] of prices) {
        expect(types.has(name) ? name : `${name} is no known type`).toBe(name);
        expect(usdPerHour).toBeGreaterThan(0);
        expect(source).toMatch(/^https:\/\//);
        expect(date).toMatch(/^20\d\d-\d\d-\d\d$/);
      }
  });

  test("are those of the lists", () => {
    const usd = (platform: "aws" | "gcp", type: string) => priceOf(platform, type)?.usdPerHour;
    expect(usd("aws", "m7g.large")).toBeCloseTo(0.0816, 5);
    expect(usd("aws", "c7i.48xlarge")).toBeCloseTo(8.568, 5);
    expect(usd("aws", "t3.medium")).toBeCloseTo(0.0416, 5);
    expect(usd("aws", "p5.48xlarge")).toBe(55.04);
    expect(usd("gcp", "a2-highgpu-1g")).toBeCloseTo(3.673385, 4);
    expect(usd("gcp", "g2-standard-4")).toBeCloseTo(0.70683, 4);
    expect(usd("gcp", "n2-standard-2")).toBeCloseTo(0.0971, 4);
  });

  test("are never guessed", () => {
    expect(priceOf("aws", "p5e.48xlarge")).toBeUndefined();
    expect(priceOf("gcp", "c3-standard-4")).toBeUndefined();
    expect(priceOf("onprem", "m7i.large")).toBeUndefined();
    const gpu = { cpuMHz: 1, memoryMiB: 1, gpu: { model: "t4-16gb", count: 2 } };
    expect(priceOf("gcp", "n1-standard-8", gpu)?.usdPerHour).toBeCloseTo(0.38 + 0.7, 3);
    expect(priceOf("gcp", "n1-standard-8", { ...gpu, gpu: { model: "h100-80gb", count: 1 } })).toBeUndefined();
  });
});

describe("what a change costs", () => {
  test("is told for the fleet, loudly where it is much", () => {
    expect(said(awsFleet(), withPool("h100", { count: 3 }))).toEqual([
      expect.stringMatching(
        /^warning cost\/changed: fleet costs \+40179 USD a month \(\+\d+ % of its machines\): pools.h100 2 × p5.48xlarge → 3 × p5.48xlarge \(rough, list price of 2025-06-05/,
      ),
    ]);
    expect(said(awsFleet(), withPool("batch", { count: 4 }))[0]).toMatch(
      /^notice cost\/changed: fleet costs \+130 USD/,
    );
    expect(said(awsFleet(), withPool("h100", { count: 1 }))[0]).toMatch(
      /^notice cost\/changed: fleet costs -40179 USD/,
    );
  });

  test("is not told where nothing is paid for", () => {
    expect(said(awsFleet(), withPool("gpu", { description: "x" }))).toEqual([]);
    expect(said(awsFleet(), withPool("h100", { drainSeconds: 60 }))).toEqual([]);
  });

  test("says what is not known", () => {
    expect(said(gcpFleet(), withPool("h100", { count: 3 }, gcpFleet))).toEqual([
      "notice cost/changed: fleet changes by an amount that nobody can say here; the price of a3-highgpu-8g is not known",
    ]);
  });
});

describe("spot", () => {
  test("that becomes on demand, or more of it, is told", () => {
    expect(said(awsFleet(), withPool("batch", { spot: false }))).toEqual([
      "warning cost/on-demand: pools.batch goes from spot to on demand, with 3 machines",
    ]);
    expect(said(awsFleet(), withPool("l4", { onDemandBase: 2 }))).toEqual([
      "warning cost/on-demand: pools.l4 has 2 machines on demand instead of 1",
    ]);
  });

  test("that comes, or is more, is not", () => {
    expect(said(withPool("batch", { spot: false }), awsFleet())).toEqual([]);
    expect(said(awsFleet(), withPool("l4", { onDemandBase: 0 }))).toEqual([]);
    expect(said(awsFleet(), withPool("l4", { count: 5 })).join()).not.toContain("cost/on-demand");
  });
});
