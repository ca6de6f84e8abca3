import type { Construct } from "constructs";
import { SurrealDb } from "../../constructs/services/surrealdb";
import { DynamicHostVolume } from "../../constructs/storage/dynamic-host-volume";

/** A graph database on a directory of one machine; its variable `nomad/jobs/surrealdb` has `username` and `password`. */
export function surrealDb(scope: Construct) {
  const volume = new DynamicHostVolume(scope, "SurrealDbData", { volumeName: "graph-data", pool: "general" });
  return new SurrealDb(scope, "SurrealDb", { name: "surrealdb", pool: "general", volume });
}
