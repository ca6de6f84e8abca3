import type { Job } from "../../constructs/jobspec/job";
import { portCheck, seedPlace } from "./shared";

/** The image of the database and of its setup. */
export const neo4jImage = "neo4j:5.26.12";

/**
 * A graph database on a volume. Needs the variable `nomad/jobs/neo4j` with `password`.
 *
 * The seed's service named a port that no network declared, the password was the image's own default, and the volume was
 * registered for block access, which this job could never claim.
 */
export const neo4j: Job = {
  id: "neo4j",
  ...seedPlace,
  groups: {
    neo4j: {
      count: 1,
      shutdownDelay: "10s",
      network: { ports: { bolt: { to: 7687 } } },
      volumes: {
        "neo4j-data": {
          type: "csi",
          source: "neo4j-data",
          accessMode: "single-node-writer",
          attachmentMode: "file-system",
          mountOptions: { fsType: "ext4", mountFlags: ["noatime"] },
        },
      },
      services: [{ name: "neo4j", port: "bolt", checks: [portCheck] }],
      tasks: {
        neo4j: {
          driver: "docker",
          killTimeout: "30s",
          config: { image: neo4jImage, ports: ["bolt"] },
          volumeMounts: [{ volume: "neo4j-data", destination: "/data", readOnly: false }],
          templates: [
            {
              destination: "secrets/neo4j.env",
              env: true,
              data: `{{ with nomadVar "nomad/jobs/neo4j" }}
NEO4J_AUTH=neo4j/{{ .password }}
{{ end }}
`,
            },
          ],
          resources: { cpu: "1GHz", memory: "2GiB" },
        },
      },
    },
  },
};
