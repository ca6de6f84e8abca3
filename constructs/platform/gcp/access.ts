import { ComputeAddress } from "@cdktf/provider-google/lib/compute-address";
import { ComputeForwardingRule } from "@cdktf/provider-google/lib/compute-forwarding-rule";
import { ComputeInstanceGroup } from "@cdktf/provider-google/lib/compute-instance-group";
import { ComputeInstanceGroupMembership } from "@cdktf/provider-google/lib/compute-instance-group-membership";
import { ComputeRegionBackendService } from "@cdktf/provider-google/lib/compute-region-backend-service";
import { ComputeRegionHealthCheck } from "@cdktf/provider-google/lib/compute-region-health-check";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import { ACCESS_HEALTH_PORT, DEFAULT_ACCESS_PORT, externalAccessOf, isHostedZone } from "../../../model/access";
import type { ExternalAccess } from "../../../model/access-types";
import { gcpAccessName } from "../../../model/gcp-names";
import type { GcpSite } from "../../../model/gcp-types";
import { regionOf } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import { AccessFirewall } from "./access-firewall";
import { type Labels, labelsFor } from "./labels";
import type { GcpNetwork } from "./network";
import type { GcpServer, GcpServers } from "./servers";
import { gcpSiteOf } from "./site";

/** Time that a server gets to answer the load balancer, seconds; it answers after 4 at the latest. */
const HEALTH_TIMEOUT_SECONDS = 6;

/** How long callers keep an address, seconds. */
const RECORD_TTL_SECONDS = 60;

export interface GcpExternalAccessProps {
  readonly fleet: Fleet;
  /** A region whose home site is on Google Cloud. */
  readonly region: string;
  readonly network: GcpNetwork;
  readonly servers: GcpServers;
}

/**
 * Nomad's API of a region for callers outside the tailnet: a regional external passthrough Network Load Balancer in front of its
 * servers, for the fleet's allowed ranges alone, and its DNS record. Nothing where the fleet gives the region no external access; of
 * one that is retired the bare address, which may then be released.
 *
 * It passes packets on as they are and sees no plain text: TLS and the client certificates that Nomad requires are between caller
 * and Nomad. Servers turn the packets to themselves (`machine/shell/access-passthrough.ts`).
 *
 * @see https://cloud.google.com/load-balancing/docs/network/networklb-backend-service
 */
export class GcpExternalAccess extends Construct {
  private readonly name: string;
  private readonly site: GcpSite;
  private readonly labels: Labels;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpExternalAccessProps,
  ) {
    super(scope, id);
    const { fleet, region } = props;
    const { externalAccess, site } = regionOf(fleet, region);
    this.name = gcpAccessName(fleet.name, region);
    this.site = gcpSiteOf({ fleet, site });
    this.labels = labelsFor({ fleet, site }, { region });
    if (externalAccess === undefined) return;
    const address = this.address();
    const access = externalAccessOf(fleet, region);
    if (access !== undefined) this.open(access, address);
  }

  private open(access: ExternalAccess, address: ComputeAddress): void {
    const { fleet, region, network } = this.props;
    const { allowedCidrs, port = DEFAULT_ACCESS_PORT } = access;
    const firewall = new AccessFirewall(this, "Firewall", {
      project: network.networkProject,
      network: network.network,
      prefix: `${fleet.name}-${region}`,
      networkTag: this.name,
      address: address.address,
      port,
      allowedCidrs,
    });
    new ComputeForwardingRule(this, "Resource", {
      ...this.place(),
      name: this.name,
      loadBalancingScheme: "EXTERNAL",
      networkTier: "PREMIUM",
      ipProtocol: "TCP",
      ipAddress: address.selfLink,
      ports: [String(port)],
      backendService: this.backend().selfLink,
      labels: this.labels,
      dependsOn: [...firewall.rules],
    });
    this.record(access, address);
    new TerraformOutput(this, "Output", {
      value: address.address,
      description: `Load balancer in front of region ${region}`,
    }).overrideLogicalId(`external-access-${region}`);
  }

  /** Callers and DNS know it; Google gives it to others once it is released. */
  private address(): ComputeAddress {
    const { fleet, region } = this.props;
    const inService = externalAccessOf(fleet, region) !== undefined;
    const isProtected = inService && !("disposable" in regionOf(fleet, region).servers);
    return new ComputeAddress(this, "Address", {
      ...this.place(),
      name: this.name,
      addressType: "EXTERNAL",
      networkTier: "PREMIUM",
      labels: this.labels,
      ...(isProtected ? { lifecycle: { preventDestroy: true } } : {}),
    });
  }

  private backend(): ComputeRegionBackendService {
    const health = new ComputeRegionHealthCheck(this, "Health", {
      ...this.place(),
      name: this.name,
      httpHealthCheck: { port: ACCESS_HEALTH_PORT, requestPath: "/v1/agent/health" },
      checkIntervalSec: 10,
      timeoutSec: HEALTH_TIMEOUT_SECONDS,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
    });
    return new ComputeRegionBackendService(this, "Servers", {
      ...this.place(),
      name: this.name,
      loadBalancingScheme: "EXTERNAL",
      protocol: "TCP",
      healthChecks: [health.selfLink],
      sessionAffinity: "NONE",
      // A caller that waits for a change asks again, of another server.
      connectionDrainingTimeoutSec: 30,
      backend: this.groups().map((group) => ({ group: group.selfLink, balancingMode: "CONNECTION" })),
    });
  }

  /** A group in each zone that has servers. */
  private groups(): ComputeInstanceGroup[] {
    const { machines } = this.props.servers;
    const { project } = this.site;
    return [...new Set(machines.map(({ zone }) => zone))].map((zone) => {
      const group = new ComputeInstanceGroup(this, `Group-${zone}`, {
        project,
        zone,
        name: this.name,
        network: this.props.network.network,
      });
      for (const machine of machines) if (machine.zone === zone) this.member(group, machine);
      return group;
    });
  }

  /** A machine that is made anew is put into its group again: a group that lists its machines would not notice. */
  private member(group: ComputeInstanceGroup, { name, zone, instance }: GcpServer): void {
    new ComputeInstanceGroupMembership(this, `Member-${name}`, {
      project: this.site.project,
      zone,
      instanceGroup: group.name,
      instance: instance.selfLink,
      // Terraform takes a bare reference here.
      lifecycle: {
        replaceTriggeredBy: [`${instance.terraformResourceType}.${instance.friendlyUniqueId}.instance_id`],
      },
    });
  }

  private record({ domain, zone }: ExternalAccess, address: ComputeAddress): void {
    if (domain === undefined || zone === undefined || isHostedZone(zone)) return;
    new DnsRecordSet(this, "Record", {
      project: zone.project ?? this.site.project,
      managedZone: zone.managedZone,
      name: `${domain}.`,
      type: "A",
      ttl: RECORD_TTL_SECONDS,
      rrdatas: [address.address],
    });
  }

  private place() {
    return { project: this.site.project, region: this.site.gcpRegion };
  }
}
