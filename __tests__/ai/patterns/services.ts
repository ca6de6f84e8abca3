import { Neo4j } from "../../../constructs/services/neo4j";
import { Postgres } from "../../../constructs/services/postgres";
import { Redis } from "../../../constructs/services/redis";
import { SurrealDb } from "../../../constructs/services/surrealdb";
import type { Fleet } from "../../../model/types";
import type { Pattern } from "./pattern";

const region = "eu-onprem";
const backup = { volume: "database-backups" };

function service(name: string, port: number): Fleet["services"] {
  return { [name]: { port, pools: ["h100"], callers: ["h100"] } };
}

/** A directory of one machine of the pool. */
const disk = { volumes: { data: { kind: "dynamic-host", pool: "h100" } } } as const;
const volume = "data";

export const servicePatterns: Readonly<Record<string, Pattern>> = {
  "redis-cache": {
    region,
    services: service("cache", 6379),
    build: (scope) => new Redis(scope, "Cache", { name: "cache", pool: "h100" }),
  },
  "redis-store": {
    region,
    ...disk,
    services: service("queue", 6380),
    build: (scope) => new Redis(scope, "Queue", { name: "queue", pool: "h100", volume }),
  },
  postgres: {
    region,
    ...disk,
    services: service("shop-db", 5432),
    build: (scope) => new Postgres(scope, "Shop", { name: "shop-db", pool: "h100", volume, database: "shop", backup }),
  },
  surrealdb: {
    region,
    ...disk,
    services: service("graph", 8010),
    build: (scope) =>
      new SurrealDb(scope, "Graph", {
        name: "graph",
        pool: "h100",
        volume,
        backup: { ...backup, surrealNamespace: "shop", database: "shop" },
      }),
  },
  neo4j: {
    region,
    ...disk,
    services: service("neo4j", 7687),
    build: (scope) =>
      new Neo4j(scope, "Neo4j", {
        name: "neo4j",
        pool: "h100",
        volume,
        backup,
        setup: { statements: ["CREATE CONSTRAINT node_id IF NOT EXISTS FOR (n:Node) REQUIRE n.id IS UNIQUE"] },
      }),
  },
};
