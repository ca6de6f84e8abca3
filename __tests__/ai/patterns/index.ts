import { agentPatterns } from "./agents";
import { batchPatterns } from "./batch";
import { cachePatterns } from "./caches";
import { inferencePatterns } from "./inference";
import { trainingPatterns } from "./training";
import type { Pattern } from "./pattern";
import { servicePatterns } from "./services";

/** Every pattern of constructs/ai and constructs/services, by name: golden files, Nomad's own reading and placement are held for each. */
export const patterns: Readonly<Record<string, Pattern>> = {
  ...agentPatterns,
  ...batchPatterns,
  ...cachePatterns,
  ...inferencePatterns,
  ...trainingPatterns,
  ...servicePatterns,
};
