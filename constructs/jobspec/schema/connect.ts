import type {
  Connect,
  Expose,
  ExposePath,
  MeshGateway,
  Proxy,
  SidecarService,
  SidecarTask,
  TransparentProxy,
  Upstream,
} from "../connect";
import { block, blocks, durationPointer, map, open, value } from "./codecs";
import { schema } from "./field";
import { gateway } from "./gateway";
import { logs } from "./logs";
import { resources } from "./resources";
import { volumeMount } from "./volume";
import { identity } from "./workload";

const exposePath = schema<ExposePath>("ExposePath", {
  path: value("Path"),
  protocol: value("Protocol"),
  localPathPort: value("LocalPathPort"),
  listenerPort: value("ListenerPort"),
});

const expose = schema<Expose>("Expose", { paths: blocks("Paths", "path", exposePath) }, { ignore: ["Path"] });

const meshGateway = schema<MeshGateway>("MeshGateway", { mode: value("Mode") });

const upstream = schema<Upstream>("Upstream", {
  destinationName: value("DestinationName"),
  destinationNamespace: value("DestinationNamespace"),
  destinationPeer: value("DestinationPeer"),
  destinationPartition: value("DestinationPartition"),
  destinationType: value("DestinationType"),
  localBindPort: value("LocalBindPort"),
  localBindAddress: value("LocalBindAddress"),
  localBindSocketPath: value("LocalBindSocketPath"),
  localBindSocketMode: value("LocalBindSocketMode"),
  datacenter: value("Datacenter"),
  meshGateway: block("MeshGateway", meshGateway),
  config: open("Config"),
});

const transparentProxy = schema<TransparentProxy>("TransparentProxy", {
  uid: value("UID", { hcl: "uid" }),
  outboundPort: value("OutboundPort"),
  excludeInboundPorts: value("ExcludeInboundPorts"),
  excludeOutboundPorts: value("ExcludeOutboundPorts"),
  excludeOutboundCidrs: value("ExcludeOutboundCIDRs"),
  excludeUids: value("ExcludeUIDs"),
  noDns: value("NoDNS"),
});

const proxy = schema<Proxy>(
  "Proxy",
  {
    localServiceAddress: value("LocalServiceAddress"),
    localServicePort: value("LocalServicePort"),
    expose: block("Expose", expose),
    upstreams: blocks("Upstreams", "upstreams", upstream),
    transparentProxy: block("TransparentProxy", transparentProxy, { since: "1.8.0" }),
    config: open("Config"),
  },
  { ignore: ["ExposeConfig"] },
);

const sidecarService = schema<SidecarService>("SidecarService", {
  tags: value("Tags"),
  port: value("Port"),
  disableDefaultTcpCheck: value("DisableDefaultTCPCheck"),
  meta: map("Meta"),
  proxy: block("Proxy", proxy),
});

const sidecarTask = schema<SidecarTask>("SidecarTask", {
  name: value("Name"),
  driver: value("Driver"),
  user: value("User"),
  config: open("Config"),
  env: map("Env"),
  resources: block("Resources", resources),
  meta: map("Meta"),
  logs: block("LogConfig", logs),
  killTimeout: durationPointer("KillTimeout"),
  shutdownDelay: durationPointer("ShutdownDelay"),
  killSignal: value("KillSignal"),
  volumeMounts: blocks("VolumeMounts", "volume_mount", volumeMount),
  identities: blocks("Identities", "identity", identity, { since: "1.11.1" }),
});

export const connect = schema<Connect>("Connect", {
  native: value("Native"),
  sidecarService: block("SidecarService", sidecarService),
  sidecarTask: block("SidecarTask", sidecarTask),
  gateway: block("Gateway", gateway),
});
