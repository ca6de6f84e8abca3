import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Fleet } from "../../model/types";
import type { CsiPlugin, Volume } from "../../model/volume-types";
import { nfsServerAddress, pluginsOf, storageName, storageOf, volumeIds } from "../../model/volumes";
import { RemovedBlock } from "../core/state-blocks";
import type { SshConnection } from "../core/terraform-data";
import { CsiPluginJobs } from "./csi-plugin";
import { CsiVolume } from "./csi-volume";
import { CsiVolumeRegistration } from "./csi-volume-registration";
import { DynamicHostVolume } from "./dynamic-host-volume";
import { NfsVolume } from "./nfs-volume";

export interface RegionStorageProps {
  readonly fleet: Fleet;
  readonly region: string;
  /** SSH to a server of the region. */
  readonly connection: SshConnection;
}

/** CSI plugins and volumes of a region as the fleet has them: each plugin before its volumes, and so after them on the way down. */
export class RegionStorage extends Construct {
  private readonly plugins: ReadonlyMap<string, CsiPluginJobs>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RegionStorageProps,
  ) {
    super(scope, id);
    const { fleet, region } = props;
    const plugins = new Construct(this, "Plugins");
    this.plugins = new Map(
      pluginsOf(fleet, region).map(([name, plugin]) => [name, this.plugin(plugins, name, plugin)]),
    );
    const volumes = new Construct(this, "Volumes");
    for (const [name, volume] of Object.entries(storageOf(fleet, region).volumes)) this.volumes(volumes, name, volume);
  }

  private plugin(scope: Construct, pluginId: string, plugin: CsiPlugin): CsiPluginJobs {
    const { fleet, connection } = this.props;
    return new CsiPluginJobs(scope, pluginId, { fleet, pluginId, plugin, connection });
  }

  private volumes(scope: Construct, name: string, volume: Volume): void {
    if (volume.kind === "dynamic-host") {
      let previous: ITerraformDependable[] = [];
      for (let machine = 0; machine < (volume.machines ?? 1); machine++) {
        const id = `${name}-${machine}`;
        if (volume.retired !== undefined) this.letGo(scope, id, "nomad_dynamic_host_volume", volume.disposable);
        // One after the other: two at a time could choose the same machine.
        else
          previous = [new DynamicHostVolume(scope, id, { ...volume, volumeName: name, dependsOn: previous }).resource];
      }
      return;
    }
    for (const volumeId of volumeIds(name, volume)) {
      if (volume.retired === undefined) this.volume(scope, volumeId, volume);
      else if (volume.kind === "created") this.letGo(scope, volumeId, "nomad_csi_volume", volume.disposable);
    }
  }

  private volume(scope: Construct, volumeId: string, volume: Exclude<Volume, { readonly kind: "dynamic-host" }>): void {
    const plugin = this.plugins.get(volume.plugin);
    const dependsOn = plugin === undefined ? [] : [plugin.ready];
    const index = /\[\d+\]$/.exec(volumeId)?.[0] ?? "";
    switch (volume.kind) {
      case "created":
        new CsiVolume(scope, volumeId, {
          ...volume,
          volumeId,
          name: storageName(this.props.fleet, this.props.region, volumeId, volume),
          dependsOn,
        });
        return;
      case "registered":
        new CsiVolumeRegistration(scope, volumeId, {
          ...volume,
          volumeId,
          externalId: `${volume.externalId}${index}`,
          dependsOn,
        });
        return;
      case "nfs":
        new NfsVolume(scope, volumeId, {
          ...volume,
          volumeId,
          server: nfsServerAddress(this.props.fleet, volume.server),
          dependsOn,
        });
    }
  }

  /** What is kept leaves the state without being destroyed. What goes says so, or it would look like a deleted line. */
  private letGo(scope: Construct, id: string, type: string, disposable: object | undefined): void {
    new RemovedBlock(new Construct(scope, id), "Resource", type, disposable !== undefined);
  }
}
