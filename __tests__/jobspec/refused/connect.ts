import type { Job } from "../../../constructs/jobspec/job";
import { job, meshed, serving, servingInTask, task, wrong } from "./job";

const sidecar = { sidecarService: {} };
const upstreams = (...list: readonly object[]) => ({ sidecarService: { proxy: { upstreams: list } } });
const transparent = (changes: object) => ({ sidecarService: { proxy: { transparentProxy: changes } } });
const gateway = (changes: object) => meshed({ gateway: changes }, {}, { tasks: {} });
const ingress = (...listeners: readonly object[]) => gateway({ ingress: { listeners } });
const listener = (changes: object) => ingress({ port: 80, protocol: "http", services: [{ name: "a" }], ...changes });
const linked = (changes: object) => gateway({ terminating: { services: [{ name: "a", ...changes }] } });

/** Jobs that break a rule about the service mesh. */
export const connect: Readonly<Record<string, Job>> = {
  "connect in Nomad's own discovery": serving(wrong({ name: "web", port: "http", connect: { native: true } })),
  "connect in a task": servingInTask({ provider: "consul", name: "web", port: "http", connect: sidecar }),
  "nothing in connect": meshed({}),
  "a sidecar of a native service": meshed({ native: true, ...sidecar }, { task: "web" }),
  "a native service without a port": meshed({ native: true }, { port: undefined, task: "web" }),
  "a native service of an unknown task": meshed({ native: true }, { task: "other" }),
  "a native service of one of two tasks": meshed({ native: true }, {}, { tasks: { a: task, b: task } }),
  "a native service without a network or task": meshed({ native: true }, {}, { network: undefined }),
  "a sidecar on the host's network": meshed(sidecar, {}, { network: { mode: "host" } }),
  "a sidecar on a network of a reference": meshed(sidecar, {}, { network: wrong({ mode: "${NOMAD_META_mode}" }) }),
  "a sidecar of a service named by a reference": meshed(sidecar, { name: "${NOMAD_DC}" }),
  "a sidecar without a network": meshed(sidecar, {}, { network: undefined }),
  "a sidecar of a service with capitals": meshed(sidecar, { name: "Web" }),
  "a sidecar in a group with capitals": {
    id: "web",
    groups: { Web: meshed(sidecar).groups["web"] ?? { tasks: {} } },
  },
  "a tcp check with a sidecar": meshed(sidecar, { checks: [{ type: "tcp", interval: "10s", timeout: "2s" }] }),
  "two upstreams on one port": meshed(
    upstreams({ destinationName: "a", localBindPort: 90 }, { destinationName: "b", localBindPort: 90 }),
  ),
  "a proxy's user with a name": meshed(transparent({ uid: "envoy" })),
  "a proxy's user of a reference": meshed(transparent({ uid: "${NOMAD_META_uid}" })),
  "an excluded user with a name": meshed(transparent({ excludeUids: ["root"] })),
  "an excluded network that is none": meshed(transparent({ excludeOutboundCidrs: ["10.0.0.0"] })),
  "an excluded port without a number": meshed(transparent({ excludeInboundPorts: ["http"] })),
  "name servers of a transparent proxy": meshed(
    transparent({}),
    {},
    { network: { mode: "bridge", dns: { servers: ["10.0.0.1"] } } },
  ),
  "two services with a transparent proxy": job(
    {},
    {
      shutdownDelay: "1s",
      network: { mode: "bridge" },
      services: [
        { provider: "consul", name: "a", port: "80", connect: transparent({}) },
        { provider: "consul", name: "b", port: "81", connect: sidecar },
      ],
    },
  ),
  "an exposed check on the host's network": meshed(
    sidecar,
    { checks: [{ type: "http", path: "/", interval: "10s", timeout: "2s", expose: true }] },
    { network: { mode: "host" } },
  ),
  "an exposed check of a service with a dynamic port": meshed(
    sidecar,
    { port: "http", checks: [{ type: "http", path: "/", interval: "10s", timeout: "2s", expose: true }] },
    { network: { mode: "bridge", ports: { http: {} } } },
  ),
  "a negative kill timeout of a sidecar": meshed({ ...sidecar, sidecarTask: { killTimeout: "-1s" } }),
  "a negative shutdown delay of a sidecar": meshed({ ...sidecar, sidecarTask: { shutdownDelay: "-1s" } }),
  "logs of a sidecar larger than the disk": meshed({
    ...sidecar,
    sidecarTask: { logs: { maxFiles: 100, maxFileSize: "10MiB" } },
  }),
  "default logs of a sidecar larger than the disk": meshed(
    { ...sidecar, sidecarTask: {} },
    {},
    { ephemeralDisk: { size: "50MiB" }, tasks: { web: { ...task, logs: { maxFiles: 1 } } } },
  ),
  "logs of a gateway larger than the disk": meshed(
    { gateway: { mesh: {} }, sidecarTask: { logs: { maxFiles: 100 } } },
    { port: "http" },
    { tasks: {}, network: { mode: "bridge", ports: { http: {} } } },
  ),
  "a sidecar on a static port": meshed(
    { sidecarService: { port: "http" } },
    {},
    { network: { mode: "bridge", ports: { http: { static: 8080 } } } },
  ),
  "a sidecar whose own port is static": meshed(
    sidecar,
    {},
    { network: { mode: "bridge", ports: { "connect-proxy-web": { static: 8080 } } } },
  ),
  "a mesh gateway whose own port is static": meshed(
    { gateway: { mesh: {} } },
    { port: "http" },
    { tasks: {}, network: { mode: "bridge", ports: { http: {}, "connect-mesh-web-lan": { static: 443 } } } },
  ),
  "a terminating gateway whose own port is static": meshed(
    { gateway: { terminating: { services: [{ name: "a" }] } } },
    { port: undefined },
    { tasks: {}, network: { mode: "bridge", ports: { "connect-terminating-web": { static: 443 } } } },
  ),
  "a sidecar with too little memory": meshed({ ...sidecar, sidecarTask: { resources: { memory: "5MiB" } } }),
  "a gateway of no kind": gateway({}),
  "a gateway of two kinds": gateway({ mesh: {}, terminating: { services: [{ name: "a" }] } }),
  "a gateway without a network": meshed({ gateway: { mesh: {} } }, {}, { tasks: {}, network: undefined }),
  "a mesh gateway without a port": meshed({ gateway: { mesh: {} } }, { port: undefined }, { tasks: {} }),
  "an unknown way to find names": gateway({
    proxy: { envoyDnsDiscoveryType: "DNS" },
    terminating: { services: [{ name: "a" }] },
  }),
  "a gateway that listens nowhere": gateway({
    proxy: { envoyGatewayBindAddresses: { a: { port: 80 } } },
    terminating: { services: [{ name: "a" }] },
  }),
  "a gateway that listens on port 0": gateway({
    proxy: { envoyGatewayBindAddresses: { a: { address: "0.0.0.0", port: 0 } } },
    terminating: { services: [{ name: "a" }] },
  }),
  "an ingress without listeners": ingress(),
  "a listener on port 0": listener({ port: 0 }),
  "a listener of an unknown protocol": listener({ protocol: "smtp" }),
  "a listener without services": listener({ services: [] }),
  "a listener for a service without a name": listener({ services: [{ name: "" }] }),
  "a tcp listener for every service": listener({ protocol: "tcp", services: [{ name: "*" }] }),
  "a tcp listener with hosts": listener({ protocol: "tcp", services: [{ name: "a", hosts: ["a.example"] }] }),
  "hosts of every service": listener({ services: [{ name: "*", hosts: ["a.example"] }] }),
  "a terminating gateway without services": gateway({ terminating: { services: [] } }),
  "a linked service without a name": linked({ name: "" }),
  "a linked service with a certificate only": linked({ caFile: "/ca", certFile: "/cert" }),
  "a linked service without an authority": linked({ certFile: "/cert", keyFile: "/key" }),
  "a proxy that leads": job({}, { services: [] }, { kind: "connect-proxy:web", leader: true }),
  "a proxy with a service": job(
    {},
    { shutdownDelay: "1s", network: { ports: { http: {} } } },
    { kind: "connect-proxy:web", services: [{ name: "web", port: "http" }] },
  ),
};
