import type { Job } from "../../constructs/jobspec/job";
import { healthCheck, oneByOne, seedPlace, variables } from "./shared";

/**
 * SurrealDB on a local volume: RocksDB does not belong on NFS. Needs the variable `nomad/jobs/surrealdb` with `user` and
 * `password`, and the dynamic host volume `surrealdb-data`, owned by the image's user (65532).
 *
 * The seed's image floated, the password stood among the arguments, the node's id was written down, and host port 8001 led to
 * port 8001 of the container, where nothing listens.
 */
export const surrealdb: Job = {
  id: "surrealdb",
  ...seedPlace,
  meta: { job_file: "nomad_jobs/storage-backends/surrealdb/nomad.job", version: "1" },
  groups: {
    surrealdb: {
      count: 1,
      shutdownDelay: "10s",
      network: { mode: "host", ports: { http: { static: 8001, to: 8000, hostNetwork: "lan" } } },
      volumes: {
        "surrealdb-data": {
          type: "host",
          source: "surrealdb-data",
          accessMode: "single-node-writer",
          attachmentMode: "file-system",
        },
      },
      update: { ...oneByOne, minHealthyTime: "30s" },
      services: [{ name: "surrealdb", port: "http", tags: ["database", "graph-db", "ai"], checks: [healthCheck] }],
      tasks: {
        surrealdb: {
          driver: "docker",
          killTimeout: "30s",
          config: {
            image: "surrealdb/surrealdb:v2.3.10",
            args: ["start", "--bind", "0.0.0.0:8000", "--log", "info", "rocksdb:/data/surrealdb.db"],
            ports: ["http"],
          },
          volumeMounts: [{ volume: "surrealdb-data", destination: "/data", readOnly: false }],
          templates: [
            {
              ...variables("surrealdb", { SURREAL_USER: "user", SURREAL_PASS: "password" }),
              destination: "secrets/surrealdb.env",
            },
          ],
          resources: { cpu: "500MHz", memory: "2GiB" },
        },
      },
    },
  },
};
