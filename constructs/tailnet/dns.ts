import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { DnsConfiguration } from "../../gen/tailscale/dns-configuration";
import { DnsNameservers } from "../../gen/tailscale/dns-nameservers";
import { DnsPreferences } from "../../gen/tailscale/dns-preferences";
import { DnsSearchPaths } from "../../gen/tailscale/dns-search-paths";
import { DnsSplitNameservers } from "../../gen/tailscale/dns-split-nameservers";
import type { TailnetDns as TailnetDnsFacts } from "../../model/tailnet-types";
import { ImportBlock, RemovedBlock } from "../core/state-blocks";

export interface TailnetDnsProps extends TailnetDnsFacts {
  /** The tailnet was there before: the plan shows what changes in its DNS. @default false */
  readonly adopt?: boolean;
}

/**
 * Names of the tailnet, MagicDNS always on.
 *
 * Each part that is named is a resource of its own, and the others stay as they are. Only where `overrideLocalDns` is given
 * is the whole DNS one resource, since the provider can set that in no other way.
 *
 * A part that is no longer named, and the other kind of resource, leave the state without being destroyed: the end of the
 * preferences, the nameservers or the whole switches MagicDNS off, by which all machines of the fleet find each other.
 *
 * @see https://registry.terraform.io/providers/tailscale/tailscale/0.29.2/docs/resources/dns_configuration
 * @see https://tailscale.com/api#tag/dns
 */
export class TailnetDns extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: TailnetDnsProps = {},
  ) {
    super(scope, id);
    if (props.overrideLocalDns === undefined) this.manageParts();
    else this.manageWhole();
  }

  private manageParts(): void {
    const { nameservers, searchPaths, splitDns = {} } = this.props;
    const resolvers = nameservers && new DnsNameservers(this, "Nameservers", { nameservers: [...nameservers] });
    const paths = searchPaths && new DnsSearchPaths(this, "SearchPaths", { searchPaths: [...searchPaths] });
    // After the nameservers: where a tailnet has none, MagicDNS may be refused.
    const preferences = new DnsPreferences(this, "Preferences", {
      magicDns: true,
      dependsOn: resolvers && [resolvers],
    });
    this.adopt(preferences, "dns_preferences");
    if (resolvers === undefined) new RemovedBlock(this, "Nameservers", DnsNameservers.tfResourceType);
    else this.adopt(resolvers, "dns_nameservers");
    if (paths === undefined) new RemovedBlock(this, "SearchPaths", DnsSearchPaths.tfResourceType);
    else this.adopt(paths, "dns_search_paths");
    const split = new Construct(this, "Split");
    for (const [domain, addresses] of Object.entries(splitDns))
      this.adopt(new DnsSplitNameservers(split, domain, { domain, nameservers: [...addresses] }), domain);
    new RemovedBlock(this, "Configuration", DnsConfiguration.tfResourceType);
  }

  private manageWhole(): void {
    const { overrideLocalDns, nameservers = [], searchPaths, splitDns = {} } = this.props;
    const resolvers = (addresses: readonly string[]) => addresses.map((address) => ({ address }));
    const configuration = new DnsConfiguration(this, "Configuration", {
      magicDns: true,
      overrideLocalDns,
      nameservers: resolvers(nameservers),
      searchPaths: searchPaths && [...searchPaths],
      splitDns: Object.entries(splitDns).map(([domain, addresses]) => ({ domain, nameservers: resolvers(addresses) })),
    });
    this.adopt(configuration, "dns_configuration");
    new RemovedBlock(this, "Preferences", DnsPreferences.tfResourceType);
    new RemovedBlock(this, "Nameservers", DnsNameservers.tfResourceType);
    new RemovedBlock(this, "SearchPaths", DnsSearchPaths.tfResourceType);
    const split = new Construct(this, "Split");
    for (const domain of Object.keys(splitDns)) new RemovedBlock(split, domain, DnsSplitNameservers.tfResourceType);
  }

  private adopt(resource: TerraformResource, id: string): void {
    if (this.props.adopt === true) new ImportBlock(resource, "Import", { to: resource, id });
  }
}
