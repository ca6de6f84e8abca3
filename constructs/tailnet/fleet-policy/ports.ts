import { DYNAMIC_PORTS, portBounds, protocolsOf } from "../../../model/service-rules";
import type { ServiceProtocol } from "../../../model/tailnet-types";
import type { Service } from "../../../model/types";

/** Nomad's ports and sshd's, as grants write them. @see https://developer.hashicorp.com/nomad/docs/install/production/requirements#ports-used */
export const HTTP = "tcp:4646";
export const RPC = "tcp:4647";
export const SERF = ["tcp:4648", "udp:4648"] as const;
export const SSH = "tcp:22";

/** Ports of an endpoint as the `ip` of a grant, shape `["tcp:18000-18999"]`. */
export function portsOf(endpoint: {
  readonly port: Service["port"];
  readonly protocol?: ServiceProtocol;
}): readonly string[] {
  const { from, to } = portBounds(endpoint.port) ?? DYNAMIC_PORTS;
  const ports = from === to ? String(from) : `${from}-${to}`;
  return protocolsOf(endpoint).map((protocol) => `${protocol}:${ports}`);
}
