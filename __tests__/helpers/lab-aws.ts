import { FABRIC } from "../../lab/paths";
import { nthAddress } from "../../lab/ranges";
import { run } from "../../lab/run";
import type { LabHost, LabSite } from "../../lab/spec";
import { issueCertificate, makeAuthority } from "../../ops/trust/certificates";
import { LabDoor } from "./lab-door";
import { sh, upload } from "./lab-fleet";
import { type AwsAutoScaling, awsAutoScaling } from "./stand-ins/aws-auto-scaling";
import { type AwsMetadata, awsMetadata } from "./stand-ins/aws-metadata";
import { type AwsSecretsManager, awsSecretsManager } from "./stand-ins/aws-secrets-manager";

const METADATA_ADDRESS = "169.254.169.254";
const METADATA_TABLE = "169";

/**
 * What cloud-init does at an instance's first boot with user data that is a script: it takes it from the metadata service,
 * unpacks it and runs it, once for each instance and after everything else.
 */
const CLOUD_INIT = `#!/bin/sh
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
`;

/** As the unit of cloud-init's last step. @see https://github.com/canonical/cloud-init/blob/main/systemd/cloud-final.service */
const CLOUD_FINAL_UNIT = `[Unit]
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
`;

/**
 * AWS as the machines of one site of the lab see it: each has a metadata service at the usual address, which answers over
 * one hop only, and APIs under their own names, with a certificate of an authority that the machines are told to trust.
 */
export class LabAws {
  private constructor(
    private readonly awsRegion: string,
    public readonly manager: AwsSecretsManager,
    public readonly scaling: AwsAutoScaling,
    private readonly doors: { readonly metadata: LabDoor; readonly api: LabDoor },
    private readonly machineFiles: { readonly authority: string; readonly hosts: string },
  ) {}

  /** @param site - whose machines are AWS's. The lab must be up. */
  public static async start(site: LabSite, awsRegion: string): Promise<LabAws> {
    const fabric = async (...args: readonly string[]) => await run("ip", ["-n", FABRIC, ...args]);
    await fabric("addr", "add", `${METADATA_ADDRESS}/32`, "dev", "lo");
    await fabric("rule", "add", "from", METADATA_ADDRESS, "lookup", METADATA_TABLE);
    const gateway = nthAddress(site.cidr, 1);
    const { stdout } = await fabric("-o", "route", "show", site.cidr);
    const bridge = /dev (\S+)/.exec(stdout)?.[1] ?? "";
    await fabric("route", "add", site.cidr, "dev", bridge, "table", METADATA_TABLE, "hoplimit", "1");

    const names = ["secretsmanager", "autoscaling"].map((service) => `${service}.${awsRegion}.amazonaws.com`);
    const now = new Date();
    const authority = await makeAuthority("stand-in for AWS", now);
    const common = { name: "aws", commonName: "aws", ipAddresses: [], serves: true };
    const certificate = await issueCertificate(authority, { ...common, dnsNames: names }, now);
    const metadata = await LabDoor.open(
      { namespace: FABRIC, address: METADATA_ADDRESS, port: 80 },
      ({ socket }) => socket.remoteAddress,
    );
    const api = await LabDoor.open(
      { namespace: FABRIC, address: gateway, port: 443 },
      ({ headers }) => headers.host,
      certificate,
    );
    const [manager, scaling] = await Promise.all([
      awsSecretsManager(awsRegion, api.serve(names[0] ?? "")),
      awsAutoScaling(awsRegion, api.serve(names[1] ?? "")),
    ]);
    const hosts = `${gateway} ${names.join(" ")}\n`;
    return new LabAws(awsRegion, manager, scaling, { metadata, api }, { authority: authority.certificate, hosts });
  }

  /**
   * Makes a host of the lab an instance that has not run its user data: it does at its next boot. What AWS's images have
   * and the lab's has not is put on it: cloud-init and a login.
   *
   * @param userData - as EC2 takes it, base64.
   */
  public async instance({ name, address }: LabHost, instanceId: string, userData: string): Promise<AwsMetadata> {
    const metadata = await awsMetadata(instanceId, this.doors.metadata.serve(address));
    metadata.values.set("user-data", Buffer.from(userData, "base64"));
    const facts = {
      "ami-id": "ami-0123456789abcdef0",
      "instance-type": "c7i.xlarge",
      "local-ipv4": address,
      "placement/availability-zone": `${this.awsRegion}a`,
      "autoscaling/target-lifecycle-state": "InService",
    };
    for (const [path, value] of Object.entries(facts)) metadata.values.set(`meta-data/${path}`, value);
    await upload(name, "/usr/local/share/ca-certificates/aws-stand-in.crt", this.machineFiles.authority);
    await upload(name, "/run/hosts", this.machineFiles.hosts);
    await upload(name, "/usr/local/lib/steppe-lab/cloud-init", CLOUD_INIT);
    await upload(name, "/etc/systemd/system/cloud-final.service", CLOUD_FINAL_UNIT);
    const { code, stderr } = await sh(
      name,
      `set -e
      cat /run/hosts >>/etc/hosts
      chmod 0755 /usr/local/lib/steppe-lab /usr/local/lib/steppe-lab/cloud-init
      chmod 0644 /usr/local/share/ca-certificates/* /etc/systemd/system/cloud-final.service
      update-ca-certificates >/dev/null
      useradd --create-home --shell /bin/sh admin
      systemctl daemon-reload
      systemctl enable --quiet cloud-final.service`,
    );
    if (code !== 0) throw new Error(`${name} is no instance: ${stderr}`);
    return metadata;
  }

  public async stop(): Promise<void> {
    await Promise.all([this.doors.metadata.close(), this.doors.api.close()]);
  }
}
