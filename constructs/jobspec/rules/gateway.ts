import type { Gateway, IngressGateway, LinkedService } from "../gateway";
import type { Report } from "./report";

/** A gateway of Consul's mesh. */
export function gatewayRules(report: Report, path: string, gateway: Gateway): void {
  const { proxy, ingress, terminating, mesh } = gateway as {
    readonly proxy?: Gateway["proxy"];
    readonly ingress?: IngressGateway;
    readonly terminating?: { readonly services: readonly LinkedService[] };
    readonly mesh?: object;
  };
  if ([ingress, terminating, mesh].filter((kind) => kind !== undefined).length !== 1) {
    report.error(path, "must have exactly one of ingress, terminating and mesh", undefined, "remove the others");
  }
  report.sensibleDuration(`${path}.proxy.connectTimeout`, proxy?.connectTimeout);
  report.oneOf(`${path}.proxy.envoyDnsDiscoveryType`, proxy?.envoyDnsDiscoveryType, ["STRICT_DNS", "LOGICAL_DNS"]);
  for (const [name, address] of Object.entries(proxy?.envoyGatewayBindAddresses ?? {})) {
    const at = `${path}.proxy.envoyGatewayBindAddresses.${name}`;
    report.required(`${at}.address`, address.address, 'write "0.0.0.0" for all');
    if (address.port !== -1) report.wholeNumber(`${at}.port`, address.port, 1);
  }
  if (ingress !== undefined) ingressRules(report, `${path}.ingress`, ingress);
  if (terminating !== undefined) terminatingRules(report, `${path}.terminating.services`, terminating.services);
}

function ingressRules(report: Report, path: string, { listeners }: IngressGateway): void {
  if (listeners.length === 0) report.error(`${path}.listeners`, "must have at least one", undefined, "add a listener");
  const ports = new Map<number, string>();
  listeners.forEach(({ port, protocol = "tcp", services }, index) => {
    const at = `${path}.listeners.${index}`;
    report.wholeNumber(`${at}.port`, port, 1);
    if (ports.has(port)) report.lint("unknown-value", `${at}.port`, "must be unique in the gateway", port);
    ports.set(port, at);
    report.oneOf(`${at}.protocol`, protocol, ["tcp", "http", "http2", "grpc"]);
    if (services.length === 0) report.error(`${at}.services`, "must have at least one", undefined, "name a service");
    if (protocol === "tcp" && services.length > 1) {
      report.lint("unknown-value", `${at}.services`, "must be exactly one with tcp", services.length, "use http");
    }
    services.forEach((service, number) => {
      const where = `${at}.services.${number}`;
      report.required(`${where}.name`, service.name, "name the service");
      const hasHosts = (service.hosts ?? []).length > 0;
      if (protocol === "tcp") {
        if (service.name === "*") report.error(`${where}.name`, "must be a name with tcp", "*", "name the service");
        if (hasHosts) report.error(`${where}.hosts`, "must not be set with tcp", service.hosts, "remove them");
      } else if (service.name === "*" && hasHosts) {
        report.error(`${where}.hosts`, 'must not be set for "*"', service.hosts, "remove them, or name the service");
      }
    });
  });
}

function terminatingRules(report: Report, path: string, services: readonly LinkedService[]): void {
  if (services.length === 0) report.error(path, "must have at least one", undefined, "name a service");
  services.forEach((service, index) => {
    const at = `${path}.${index}`;
    report.required(`${at}.name`, service.name, "name the service");
    const [ca, cert, key, sni] = [service.caFile, service.certFile, service.keyFile, service.sni].map(
      (text) => (text ?? "") !== "",
    );
    if ((cert === true || key === true || sni === true) && ca !== true) {
      report.error(`${at}.caFile`, "is needed by certFile, keyFile and sni", undefined, "add it");
    }
    if (cert !== key) report.error(at, "must have certFile and keyFile, or neither", undefined, "add the other");
  });
}
