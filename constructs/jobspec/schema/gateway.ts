import type {
  Gateway,
  GatewayBindAddress,
  GatewayProxy,
  GatewaySds,
  GatewayTls,
  HeaderModifiers,
  IngressGateway,
  IngressListener,
  IngressService,
  LinkedService,
  MeshGatewayKind,
  TerminatingGateway,
} from "../gateway";
import { block, blocks, durationPointer, labelled, map, open, pointer, value } from "./codecs";
import { schema } from "./field";

const bindAddress = schema<GatewayBindAddress>(
  "GatewayBindAddress",
  { address: value("Address"), port: value("Port") },
  { label: "Name" },
);

const gatewayProxy = schema<GatewayProxy>("GatewayProxy", {
  connectTimeout: durationPointer("ConnectTimeout"),
  envoyGatewayBindTaggedAddresses: value("EnvoyGatewayBindTaggedAddresses"),
  envoyGatewayBindAddresses: labelled("EnvoyGatewayBindAddresses", "envoy_gateway_bind_addresses", bindAddress, {
    asMap: true,
  }),
  envoyGatewayNoDefaultBind: value("EnvoyGatewayNoDefaultBind"),
  envoyDnsDiscoveryType: value("EnvoyDNSDiscoveryType"),
  config: open("Config"),
});

const sds = schema<GatewaySds>("GatewaySds", {
  clusterName: value("ClusterName"),
  certResource: value("CertResource"),
});

const tls = schema<GatewayTls>("GatewayTls", {
  enabled: value("Enabled"),
  tlsMinVersion: value("TLSMinVersion"),
  tlsMaxVersion: value("TLSMaxVersion"),
  cipherSuites: value("CipherSuites"),
  sds: block("SDS", sds),
});

const headers = schema<HeaderModifiers>("HeaderModifiers", {
  add: map("Add"),
  set: map("Set"),
  remove: value("Remove"),
});

const ingressService = schema<IngressService>("IngressService", {
  name: value("Name"),
  hosts: value("Hosts"),
  tls: block("TLS", tls),
  requestHeaders: block("RequestHeaders", headers),
  responseHeaders: block("ResponseHeaders", headers),
  maxConnections: pointer("MaxConnections"),
  maxPendingRequests: pointer("MaxPendingRequests"),
  maxConcurrentRequests: pointer("MaxConcurrentRequests"),
});

const listener = schema<IngressListener>("IngressListener", {
  port: value("Port"),
  protocol: value("Protocol"),
  services: blocks("Services", "service", ingressService),
});

const ingress = schema<IngressGateway>("IngressGateway", {
  tls: block("TLS", tls),
  listeners: blocks("Listeners", "listener", listener),
});

const linkedService = schema<LinkedService>("LinkedService", {
  name: value("Name"),
  caFile: value("CAFile"),
  certFile: value("CertFile"),
  keyFile: value("KeyFile"),
  sni: value("SNI"),
});

const terminating = schema<TerminatingGateway>("TerminatingGateway", {
  services: blocks("Services", "service", linkedService),
});

const mesh = schema<MeshGatewayKind>("MeshGatewayKind", {});

export const gateway = schema<Gateway>("Gateway", {
  proxy: block("Proxy", gatewayProxy),
  ingress: block("Ingress", ingress),
  terminating: block("Terminating", terminating),
  mesh: block("Mesh", mesh),
});
