import { takesAccelerators } from "../../model/gcp-gpus";
import type { Hardware, Site } from "../../model/types";
import { AWS_PRICES } from "./aws-prices";
import { GCP_PRICES, N1_GPU_PRICES } from "./gcp-prices";
import type { Price } from "./types";

/** Hours of a month, as clouds count them. */
export const HOURS_PER_MONTH = 730;

/**
 * Price of one machine on demand, in one region of its cloud.
 *
 * @returns undefined for what is not known, and on-prem.
 */
export function priceOf(platform: Site["platform"], machineType: string, hardware?: Hardware): Price | undefined {
  if (platform === "aws") return AWS_PRICES.get(machineType);
  if (platform !== "gcp") return undefined;
  const price = GCP_PRICES.get(machineType);
  const gpu = hardware?.gpu;
  if (price === undefined || gpu === undefined || !takesAccelerators(machineType)) return price;
  const beside = typeof gpu.model === "string" ? N1_GPU_PRICES.get(gpu.model) : undefined;
  return beside && { ...price, usdPerHour: price.usdPerHour + gpu.count * beside.usdPerHour };
}
