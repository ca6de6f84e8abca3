import { INSTANCE_TYPES } from "../../model/aws-instance-types";
import type { Price, Prices } from "./types";

/** Region of the prices; others differ by a fifth or so. */
export const AWS_PRICE_REGION = "us-east-1";

const LIST = { source: "https://aws.amazon.com/ec2/pricing/on-demand/", date: "2025-06-05" } as const;

/** GPU prices that went down. */
const REDUCED = {
  source:
    "https://aws.amazon.com/blogs/aws/announcing-up-to-45-price-reduction-for-amazon-ec2-nvidia-gpu-accelerated-instances/",
  date: "2025-06-05",
} as const;

/** USD per hour of a `large`, with two vCPUs, by family: AWS's prices go with the vCPUs there. */
const LARGE: Readonly<Record<string, number>> = {
  c6i: 0.085,
  m6i: 0.096,
  r6i: 0.126,
  c7i: 0.08925,
  m7i: 0.1008,
  r7i: 0.1323,
  c6g: 0.068,
  m6g: 0.077,
  r6g: 0.1008,
  c7g: 0.0725,
  m7g: 0.0816,
  r7g: 0.1071,
  c8g: 0.07976,
  m8g: 0.08976,
  r8g: 0.11782,
};

/** USD per GiB and hour, by burstable family: their prices go with the memory. */
const BURSTABLE_GIB: Readonly<Record<string, number>> = { t3: 0.0104, t3a: 0.0094, t4g: 0.0084 };

const GPU: Readonly<Record<string, number>> = {
  "g4dn.xlarge": 0.526,
  "g4dn.2xlarge": 0.752,
  "g4dn.4xlarge": 1.204,
  "g4dn.8xlarge": 2.176,
  "g4dn.12xlarge": 3.912,
  "g4dn.16xlarge": 4.352,
  "g4dn.metal": 7.824,
  "g5.xlarge": 1.006,
  "g5.2xlarge": 1.212,
  "g5.4xlarge": 1.624,
  "g5.8xlarge": 2.448,
  "g5.12xlarge": 5.672,
  "g5.16xlarge": 4.096,
  "g5.24xlarge": 8.144,
  "g5.48xlarge": 16.288,
  "g6.xlarge": 0.8048,
  "g6.2xlarge": 0.9776,
  "g6.4xlarge": 1.3232,
  "g6.8xlarge": 2.0144,
  "g6.12xlarge": 4.6016,
  "g6.16xlarge": 3.3968,
  "g6.24xlarge": 6.6752,
  "g6.48xlarge": 13.3504,
  "g6e.xlarge": 1.861,
  "g6e.2xlarge": 2.24208,
  "g6e.4xlarge": 3.00424,
  "g6e.8xlarge": 4.52856,
  "g6e.12xlarge": 10.49264,
  "g6e.16xlarge": 7.57719,
  "g6e.24xlarge": 15.06559,
  "g6e.48xlarge": 30.13118,
};

const GPU_REDUCED: Readonly<Record<string, number>> = {
  "p4d.24xlarge": 21.957642,
  "p4de.24xlarge": 27.44705,
  "p5.48xlarge": 55.04,
  "p5en.48xlarge": 63.296,
};

/** Prices of EC2 instance types. p5e is not sold on demand; p5.4xlarge and p6 came, or changed, after the list. */
export const AWS_PRICES: Prices = new Map<string, Price>([
  ...[...INSTANCE_TYPES].flatMap(([name, { vcpus, memoryGiB }]): readonly (readonly [string, Price])[] => {
    const family = name.slice(0, name.indexOf("."));
    const [large, perGib] = [LARGE[family], BURSTABLE_GIB[family]];
    if (large !== undefined) return [[name, { ...LIST, usdPerHour: (large * vcpus) / 2 }]];
    return perGib === undefined ? [] : [[name, { ...LIST, usdPerHour: perGib * memoryGiB }]];
  }),
  ...entries(GPU, LIST),
  ...entries(GPU_REDUCED, REDUCED),
]);

function entries(
  prices: Readonly<Record<string, number>>,
  from: Omit<Price, "usdPerHour">,
): readonly (readonly [string, Price])[] {
  return Object.entries(prices).map(([name, usdPerHour]) => [name, { ...from, usdPerHour }]);
}
