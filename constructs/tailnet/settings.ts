import { Construct } from "constructs";
import { TailnetSettings as TailnetSettingsResource } from "../../gen/tailscale/tailnet-settings";
import type { TailnetSettings as TailnetSettingsFacts } from "../../model/tailnet-types";
import { terraformLiteral } from "../core/literal";
import { ImportBlock } from "../core/state-blocks";

export interface TailnetSettingsProps {
  /** What is left out stays as it is. */
  readonly settings: TailnetSettingsFacts;
  /** The tailnet was there before: the plan shows what changes in its settings. @default false */
  readonly adopt?: boolean;
}

/**
 * Settings of the tailnet. Destroying them changes none.
 *
 * @see https://registry.terraform.io/providers/tailscale/tailscale/0.29.2/docs/resources/tailnet_settings
 */
export class TailnetSettings extends Construct {
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: TailnetSettingsResource;

  constructor(scope: Construct, id: string, { settings, adopt }: TailnetSettingsProps) {
    super(scope, id);
    const { aclsExternalLink: link } = settings;
    this.resource = new TailnetSettingsResource(this, "Resource", {
      ...settings,
      aclsExternalLink: link && terraformLiteral(link),
    });
    if (adopt === true) new ImportBlock(this, "Import", { to: this.resource, id: "tailnet_settings" });
  }
}
