import type { Job } from "../../constructs/jobspec/job";

/** Remembers below `alloc/data` what it has read: an update on the same machine keeps that. */
const fluentBit = (address: string) => `[INPUT]
    Name tail
    Path /var/log/nomad/*.log
    DB   /alloc/data/tail.db

[OUTPUT]
    Name   http
    Match  *
    # The collector's address in the tailnet.
    Host   ${address}
    Port   9880
    URI    /logs
    Format json
`;

/**
 * Sends the machines' logs to a collector, from every machine. Needs the host volume `nomad-logs` (`/var/log/nomad`).
 *
 * The seed's image floated, it ran once instead of everywhere, and it read an empty directory of its own container.
 *
 * @param address - the collector's in the tailnet.
 */
export function logCollectorTo(address: string): Job {
  return {
    id: "log-collector",
    type: "system",
    groups: {
      "log-collector": {
        ephemeralDisk: { sticky: true },
        volumes: { "nomad-logs": { type: "host", source: "nomad-logs", readOnly: true } },
        tasks: {
          "log-collector": {
            driver: "docker",
            killTimeout: "20s",
            config: {
              image: "fluent/fluent-bit:4.2.2",
              entrypoint: ["/fluent-bit/bin/fluent-bit"],
              args: ["-c", "/local/fluent-bit.conf"],
            },
            volumeMounts: [{ volume: "nomad-logs", destination: "/var/log/nomad", readOnly: true }],
            templates: [{ destination: "local/fluent-bit.conf", data: fluentBit(address) }],
            resources: { cpu: "100MHz", memory: "128MiB" },
          },
        },
      },
    },
  };
}

/** As in the seed. */
export const logCollector = logCollectorTo("100.64.5.10");
