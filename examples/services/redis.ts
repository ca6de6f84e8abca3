import type { Construct } from "constructs";
import { Redis } from "../../constructs/services/redis";

/** A cache: `./steppe secret put variable nomad/jobs/cache --generate password --region campus`. */
export const region = "campus";
export const redis = (scope: Construct) =>
  new Redis(scope, "Cache", { name: "cache", pool: "web", service: "example-cache", memory: "2GiB" });
