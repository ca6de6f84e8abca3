import type { LabHost, LabSite } from "../../lab/spec";
import { type ImagePart, LabCloud, METADATA_ADDRESS } from "./lab-cloud";
import { type GcpMetadata, gcpMetadata } from "./stand-ins/gcp-metadata";
import { type GcpSecretManager, gcpSecretManager } from "./stand-ins/gcp-secret-manager";

/** Unit of Google's images that runs startup scripts. */
export const STARTUP_UNIT = "google-startup-scripts.service";

/** What ends the log of the unit, whatever came of the script. */
export const FINISHED = "Finished running startup scripts.";

/**
 * What Google's guest agent does with a startup script, at every boot: it takes it from the metadata server, runs it from a
 * directory that is gone afterwards, and ends well whatever came of it. Nothing runs it again before the next boot.
 *
 * @see https://github.com/GoogleCloudPlatform/guest-agent/blob/main/google-startup-scripts.service
 * @see https://github.com/GoogleCloudPlatform/guest-agent/blob/main/google_metadata_script_runner/main.go
 */
const SCRIPT_RUNNER: ImagePart = {
  unit: STARTUP_UNIT,
  text: `[Unit]
Description=Stand-in for Google Compute Engine Startup Scripts
Wants=network-online.target rsyslog.service
After=network-online.target rsyslog.service google-guest-agent.service
Before=apt-daily.service

[Service]
Type=oneshot
ExecStart=/usr/local/lib/steppe-lab/script-runner
KillMode=process

[Install]
WantedBy=multi-user.target
`,
  program: "script-runner",
  script: `#!/bin/sh
directory=$(mktemp -d /tmp/metadata-scripts.XXXXXX)
script=$directory/startup-script
curl --silent --fail --header 'Metadata-Flavor: Google' --output "$script" \\
  http://${METADATA_ADDRESS}/computeMetadata/v1/instance/attributes/startup-script || exit 1
chmod 0755 "$script"
{
  if sh -c "$script" 2>&1; then
    echo "exit status 0"
  else
    echo "failed with error: exit status $?"
  fi
} | sed --unbuffered 's/^/startup-script: /'
rm -r "$directory"
echo "${FINISHED}"
`,
};

/** Stand-in for sudo: root's rights for whom a file of sudoers gives them without a password, and for nobody else. */
const SUDO = `cp /usr/sbin/chroot /usr/local/lib/steppe-lab/become-root
      chmod 4755 /usr/local/lib/steppe-lab/become-root
      cat >/usr/local/bin/sudo <<'SUDO'
#!/bin/sh
exec /usr/local/lib/steppe-lab/become-root --userspec=0:0 / sh -c 'grep -qsx "$0 ALL=(ALL) NOPASSWD:ALL" /etc/sudoers.d/* && exec "$@"' "$(id -un)" "$@"
SUDO
      chmod 0755 /usr/local/bin/sudo
      mkdir -p /etc/sudoers.d`;

/** Google Cloud as the machines of one site of the lab see it. */
export class LabGcp {
  private constructor(
    private readonly project: string,
    private readonly zone: string,
    private readonly cloud: LabCloud,
    public readonly manager: GcpSecretManager,
  ) {}

  /** @param site - whose machines are Google's. The lab must be up. */
  public static async start(site: LabSite, project: string, zone: string): Promise<LabGcp> {
    const name = "secretmanager.googleapis.com";
    const cloud = await LabCloud.open(site, [name]);
    return new LabGcp(project, zone, cloud, await gcpSecretManager(project, cloud.api(name)));
  }

  /** Makes a host of the lab an instance; it runs the startup script at each boot from the next on. */
  public async instance(host: LabHost, name: string, startupScript: string): Promise<GcpMetadata> {
    const metadata = await gcpMetadata(name, this.cloud.metadata(host));
    const number = String(7_000_000_000 + Number(host.address.split(".").at(-1)));
    const facts = {
      id: number,
      hostname: `${name}.${this.zone}.c.${this.project}.internal`,
      "machine-type": "projects/123456789/machineTypes/n2-standard-4",
      zone: `projects/123456789/zones/${this.zone}`,
      tags: JSON.stringify(["boot-cloud"]),
      "attributes/startup-script": startupScript,
      "attributes/enable-oslogin": "FALSE",
    };
    for (const [path, value] of Object.entries(facts)) metadata.values.set(`instance/${path}`, value);
    await this.cloud.instance(host.name, SCRIPT_RUNNER, SUDO);
    return metadata;
  }

  public async stop(): Promise<void> {
    await this.cloud.close();
  }
}
