import type { Check, CheckRestart } from "../check";
import type { ConsulService, NomadService, Service, ServiceWeights } from "../service";
import { block, blocks, duration, durationPointer, map, own, value } from "./codecs";
import { connect } from "./connect";
import { schema } from "./field";
import { attribute } from "./hcl-body";
import { identity } from "./workload";

export const checkRestart = schema<CheckRestart>("CheckRestart", {
  limit: value("Limit"),
  grace: durationPointer("Grace"),
  ignoreWarnings: value("IgnoreWarnings"),
});

export const check = schema<Check>("Check", {
  name: value("Name"),
  type: value("Type"),
  path: value("Path"),
  command: value("Command"),
  args: value("Args"),
  interval: duration("Interval"),
  timeout: duration("Timeout"),
  port: value("PortLabel"),
  addressMode: value("AddressMode"),
  advertise: value("Advertise"),
  method: value("Method"),
  protocol: value("Protocol"),
  body: value("Body"),
  initialStatus: value("InitialStatus"),
  onUpdate: value("OnUpdate"),
  task: value("TaskName"),
  successBeforePassing: value("SuccessBeforePassing"),
  failuresBeforeCritical: value("FailuresBeforeCritical"),
  failuresBeforeWarning: value("FailuresBeforeWarning"),
  tlsSkipVerify: value("TLSSkipVerify"),
  tlsServerName: value("TLSServerName", { since: "1.7.0" }),
  grpcService: value("GRPCService"),
  grpcUseTls: value("GRPCUseTLS"),
  expose: value("Expose"),
  notes: value("Notes", { since: "1.9.0" }),
  header: map("Header"),
  checkRestart: block("CheckRestart", checkRestart),
});

const weights = schema<ServiceWeights>("ServiceWeights", { passing: value("Passing"), warning: value("Warning") });

/** Nomad's own default is Consul; ours is Nomad's own discovery, so it is always said. */
const provider = own({
  hcl: "provider",
  keys: ["Provider"],
  entries: [{ key: "Provider", always: true, compute: (given) => given ?? "nomad" }],
  read: ({ Provider }) => (Provider === "nomad" ? undefined : "consul"),
  items: () => [],
});

export const service = schema<ConsulService | NomadService>(
  "Service",
  {
    provider,
    name: value("Name"),
    port: value("PortLabel"),
    addressMode: value("AddressMode"),
    address: value("Address"),
    tags: value("Tags"),
    canaryTags: value("CanaryTags"),
    enableTagOverride: value("EnableTagOverride"),
    task: value("TaskName"),
    onUpdate: value("OnUpdate"),
    cluster: value("Cluster", { enterprise: true, since: "1.7.0" }),
    kind: value("Kind", { since: "1.10.3" }),
    meta: map("Meta"),
    canaryMeta: map("CanaryMeta"),
    taggedAddresses: map("TaggedAddresses"),
    weights: block("Weights", weights),
    identity: block("Identity", identity, { since: "1.7.0" }),
    checks: blocks("Checks", "check", check),
    checkRestart: block("CheckRestart", checkRestart),
    connect: block("Connect", connect),
  },
  { ignore: ["Namespace"] },
);

/** Inside of a `service` block. */
export const serviceWithProvider = {
  ...service,
  items: (given: object) => [attribute("provider", (given as Service).provider ?? "nomad"), ...service.items(given)],
};
