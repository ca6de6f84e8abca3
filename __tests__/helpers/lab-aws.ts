import { FABRIC } from "../../lab/paths";
import { run } from "../../lab/run";
import type { LabHost, LabSite } from "../../lab/spec";
import { type ImagePart, LabCloud, METADATA_ADDRESS } from "./lab-cloud";
import { type AwsAutoScaling, awsAutoScaling } from "./stand-ins/aws-auto-scaling";
import { type AwsMetadata, awsMetadata } from "./stand-ins/aws-metadata";
import { type AwsSecretsManager, awsSecretsManager } from "./stand-ins/aws-secrets-manager";

const METADATA_TABLE = "169";

/**
 * What cloud-init does at an instance's first boot with user data that is a script: it takes it from the metadata service,
 * unpacks it and runs it, once for each instance and after everything else.
 *
 * @see https://github.com/canonical/cloud-init/blob/main/systemd/cloud-final.service
 */
const CLOUD_INIT: ImagePart = {
  unit: "cloud-final.service",
  text: `[Unit]
Description=Stand-in for cloud-init
After=network-online.target multi-user.target

[Service]
Type=oneshot
ExecStart=/usr/local/lib/steppe-lab/cloud-init
RemainAfterExit=yes
TimeoutSec=0
KillMode=process

[Install]
WantedBy=default.target
`,
  program: "cloud-init",
  script: `#!/bin/sh
set -eu
data=/var/lib/cloud/data
[ ! -e $data/instance-id ] || exit 0
url=http://${METADATA_ADDRESS}/latest
token=$(curl --silent --fail --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' $url/api/token)
ask() { curl --silent --fail --header "X-aws-ec2-metadata-token: $token" "$url/$1"; }
mkdir -p $data /var/lib/cloud/instance/scripts
ask user-data | gunzip >/var/lib/cloud/instance/scripts/part-001
chmod 0700 /var/lib/cloud/instance/scripts/part-001
ask meta-data/instance-id >$data/instance-id
exec /var/lib/cloud/instance/scripts/part-001
`,
};

/** AWS as the machines of one site of the lab see it. The metadata service answers over one hop only. */
export class LabAws {
  private constructor(
    private readonly awsRegion: string,
    private readonly cloud: LabCloud,
    public readonly manager: AwsSecretsManager,
    public readonly scaling: AwsAutoScaling,
  ) {}

  /** @param site - whose machines are AWS's. The lab must be up. */
  public static async start(site: LabSite, awsRegion: string): Promise<LabAws> {
    const names = ["secretsmanager", "autoscaling"].map((service) => `${service}.${awsRegion}.amazonaws.com`);
    const cloud = await LabCloud.open(site, names);
    const fabric = async (...args: readonly string[]) => await run("ip", ["-n", FABRIC, ...args]);
    await fabric("rule", "add", "from", METADATA_ADDRESS, "lookup", METADATA_TABLE);
    const { stdout } = await fabric("-o", "route", "show", site.cidr);
    const bridge = /dev (\S+)/.exec(stdout)?.[1] ?? "";
    await fabric("route", "add", site.cidr, "dev", bridge, "table", METADATA_TABLE, "hoplimit", "1");
    const [manager, scaling] = await Promise.all([
      awsSecretsManager(awsRegion, cloud.api(names[0] ?? "")),
      awsAutoScaling(awsRegion, cloud.api(names[1] ?? "")),
    ]);
    return new LabAws(awsRegion, cloud, manager, scaling);
  }

  /**
   * Makes a host of the lab an instance that has not run its user data: it does at its next boot.
   *
   * @param userData - as EC2 takes it, base64.
   */
  public async instance(host: LabHost, instanceId: string, userData: string): Promise<AwsMetadata> {
    const metadata = await awsMetadata(instanceId, this.cloud.metadata(host));
    metadata.values.set("user-data", Buffer.from(userData, "base64"));
    const facts = {
      "ami-id": "ami-0123456789abcdef0",
      "instance-type": "c7i.xlarge",
      "local-ipv4": host.address,
      "placement/availability-zone": `${this.awsRegion}a`,
      "autoscaling/target-lifecycle-state": "InService",
    };
    for (const [path, value] of Object.entries(facts)) metadata.values.set(`meta-data/${path}`, value);
    await this.cloud.instance(host.name, CLOUD_INIT, "useradd --create-home --shell /bin/sh admin");
    return metadata;
  }

  public async stop(): Promise<void> {
    await this.cloud.close();
  }
}
