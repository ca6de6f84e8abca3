import * as fc from "fast-check";
import type { Check, CheckRestart, HttpCheck, TcpCheck } from "../../../constructs/jobspec/check";
import type {
  Connect,
  Proxy,
  SidecarService,
  SidecarTask,
  TransparentProxy,
  Upstream,
} from "../../../constructs/jobspec/connect";
import type { ConsulService, NomadService, ServiceOptions } from "../../../constructs/jobspec/service";
import {
  duration,
  few,
  labels,
  name,
  one,
  openConfig,
  portNumber,
  size,
  some,
  text,
  texts,
  word,
  yesNo,
} from "./values";

const checkRestart = some<CheckRestart>({
  limit: fc.nat(5),
  grace: duration(0, 100),
  ignoreWarnings: fc.constant(false),
});
const timing = { interval: duration(1, 100), timeout: duration(1, 100) };
const http = some<HttpCheck>(
  {
    ...timing,
    type: fc.constant("http" as const),
    name: word,
    path: one("/", "/health?a=b", "/v1/agent"),
    method: one("GET", "POST", "HEAD"),
    protocol: one("http", "https"),
    header: fc.dictionary(name, few(text, 1), { maxKeys: 2, noNullPrototype: true }),
    body: text,
    port: fc.constant("http"),
    addressMode: one("host"),
    initialStatus: one("passing", "critical"),
    onUpdate: one("require_healthy"),
    checkRestart,
    task: fc.constant("main"),
    advertise: fc.constant(""),
    notes: fc.constant(""),
    successBeforePassing: fc.constant(0),
    failuresBeforeCritical: fc.constant(0),
    failuresBeforeWarning: fc.constant(0),
    tlsSkipVerify: fc.constant(false),
    tlsServerName: fc.constant(""),
    expose: fc.constant(false),
  },
  "type",
  "path",
  "interval",
  "timeout",
);
const tcp = fc.record({ ...timing, type: fc.constant("tcp" as const) }) as fc.Arbitrary<TcpCheck>;
const consulCheck: fc.Arbitrary<Check> = fc.oneof<fc.Arbitrary<Check>[]>(
  tcp,
  http.chain((check) =>
    some<Pick<HttpCheck, "successBeforePassing" | "failuresBeforeCritical" | "tlsSkipVerify" | "notes">>({
      successBeforePassing: fc.nat(3),
      failuresBeforeCritical: fc.nat(3),
      tlsSkipVerify: yesNo,
      notes: word,
    }).map((more) => ({ ...check, ...more })),
  ),
  fc.record({ ...timing, type: fc.constant("grpc" as const), grpcService: name, grpcUseTls: yesNo }),
  fc.record({ ...timing, type: fc.constant("script" as const), command: word, args: texts, task: fc.constant("main") }),
);

const base: {
  readonly [K in keyof Omit<ServiceOptions, "port" | "task" | "checkRestart" | "address">]-?: fc.Arbitrary<
    NonNullable<ServiceOptions[K]>
  >;
} = {
  name,
  addressMode: one("auto", "host"),
  tags: texts,
  canaryTags: texts,
  onUpdate: one("require_healthy"),
};

/** A service in Nomad's own discovery, on the port `http`. */
export const nomadService: fc.Arbitrary<NomadService> = some<Omit<NomadService, "task" | "checkRestart" | "address">>(
  { ...base, provider: fc.constant("nomad" as const), port: fc.constant("http"), checks: few(fc.oneof(http, tcp)) },
  "name",
  "port",
);

/** A service in Consul, on the port `http`. */
export const consulService: fc.Arbitrary<ConsulService> = some<
  Omit<ConsulService, "task" | "checkRestart" | "address" | "cluster" | "connect" | "kind" | "identity">
>(
  {
    ...base,
    provider: fc.constant("consul" as const),
    port: fc.constant("http"),
    checks: few(consulCheck),
    meta: labels,
    canaryMeta: labels,
    taggedAddresses: fc.constant({ lan: "10.0.0.7", wan: "203.0.113.7:80" }),
    enableTagOverride: yesNo,
    weights: fc.record({ passing: fc.integer({ min: 1, max: 10 }), warning: fc.integer({ min: 1, max: 10 }) }),
  },
  "provider",
  "name",
  "port",
);

const upstream = (index: number): fc.Arbitrary<Upstream> =>
  some<Extract<Upstream, { localBindPort: number }>>(
    {
      destinationName: name,
      destinationNamespace: name,
      destinationPeer: name,
      destinationPartition: name,
      destinationType: one("service", "prepared_query"),
      datacenter: name,
      localBindPort: fc.constant(7000 + index),
      localBindAddress: one("127.0.0.1", "127.0.0.2"),
      localBindSocketPath: fc.constant(undefined as never),
      localBindSocketMode: fc.constant(undefined as never),
      meshGateway: fc.record({ mode: one("none", "local", "remote") }),
      config: openConfig,
    },
    "destinationName",
    "localBindPort",
  );
const transparentProxy = some<TransparentProxy>({
  uid: one("101", "102"),
  outboundPort: portNumber,
  excludeInboundPorts: few(portNumber.map(String)),
  excludeOutboundPorts: few(portNumber),
  excludeOutboundCidrs: few(one("10.0.0.0/8", "fd00::/8")),
  excludeUids: few(fc.nat(2000).map(String)),
  noDns: yesNo,
});
const proxy: fc.Arbitrary<Proxy> = fc
  .tuple(
    some<Omit<Proxy, "upstreams" | "transparentProxy">>({
      localServiceAddress: one("127.0.0.1", "127.0.0.2"),
      localServicePort: portNumber,
      config: openConfig,
      expose: fc.record({
        paths: few(
          fc.record({
            path: one("/a", "/b"),
            protocol: one("http", "http2"),
            localPathPort: portNumber,
            listenerPort: fc.constant("http"),
          }),
        ),
      }),
    }),
    fc.oneof(
      fc.tuple(upstream(0), upstream(1)).map((upstreams) => ({ upstreams })),
      transparentProxy.map((given) => ({ transparentProxy: given })),
      fc.constant({}),
    ),
  )
  .map(([rest, more]) => ({ ...rest, ...more }));
const sidecarService = some<SidecarService>({
  tags: texts,
  port: fc.constant("http"),
  disableDefaultTcpCheck: yesNo,
  meta: labels,
  proxy,
});
const sidecarTask = some<Omit<SidecarTask, "volumeMounts" | "identities">>({
  name,
  driver: fc.constant("docker"),
  user: word,
  config: fc.record({ image: word }),
  env: labels,
  resources: fc.record({ memory: size(10, 500) }),
  meta: labels,
  logs: fc.record({ maxFiles: fc.integer({ min: 1, max: 5 }) }),
  killTimeout: duration(0, 30),
  shutdownDelay: duration(0, 30),
  killSignal: one("SIGTERM", "SIGINT"),
});

/** Membership of the mesh by a sidecar, for a group with a bridge. */
export const connect: fc.Arbitrary<Connect> = fc.oneof(
  fc.record({ sidecarService }),
  fc.record({ sidecarService, sidecarTask }),
);
