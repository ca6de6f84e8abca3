import type { Construct } from "constructs";
import { Neo4j } from "../../constructs/services/neo4j";
import { DynamicHostVolume } from "../../constructs/storage/dynamic-host-volume";

/** A graph database and the job that prepares it; its variable `nomad/jobs/neo4j` has `password`. */
export function neo4j(scope: Construct) {
  const volume = new DynamicHostVolume(scope, "Neo4jData", { volumeName: "neo4j-graph", pool: "general" });
  return new Neo4j(scope, "Neo4j", {
    name: "neo4j",
    pool: "general",
    volume,
    setup: {
      statements: ["CREATE CONSTRAINT cognee_node_id IF NOT EXISTS FOR (n:CogneeNode) REQUIRE n.id IS UNIQUE"],
    },
  });
}
