import type { Job } from "../../constructs/jobspec/job";
import { neo4jImage } from "./ai-neo4j";
import { seedPlace } from "./shared";

/** Without a registered database, cypher-shell finds nothing on localhost and the restart policy tries again. */
const address = `{{ range nomadService "neo4j" }}
NEO4J_ADDRESS=bolt://{{ .Address }}:{{ .Port }}
{{ end }}
`;

const login = `{{ with nomadVar "nomad/jobs/neo4j-setup" }}
NEO4J_USERNAME=neo4j
NEO4J_PASSWORD={{ .password }}
{{ end }}
`;

/**
 * The one-time setup of the database: runs until it has succeeded. Needs the variable `nomad/jobs/neo4j-setup` with `password`; a
 * job reads only its own.
 *
 * The seed had the password among the arguments, looked the database up in a Consul that nobody ran, and believed that batch jobs
 * do not restart. They do, and the stated policy is what waits for the database.
 */
export const neo4jSetup: Job = {
  id: "neo4j-setup",
  ...seedPlace,
  type: "batch",
  groups: {
    setup: {
      restart: { attempts: 10, delay: "30s", interval: "30m", mode: "fail" },
      tasks: {
        "neo4j-init": {
          driver: "docker",
          config: {
            image: neo4jImage,
            // Not the image's entrypoint, which takes every NEO4J_ variable for a setting of the server.
            entrypoint: ["cypher-shell"],
            args: ["CREATE CONSTRAINT cognee_node_id IF NOT EXISTS FOR (n:CogneeNode) REQUIRE n.id IS UNIQUE;"],
          },
          templates: [
            { destination: "local/neo4j.env", env: true, data: address },
            { destination: "secrets/neo4j.env", env: true, data: login },
          ],
          resources: { cpu: "200MHz", memory: "512MiB" },
        },
      },
    },
  },
};
