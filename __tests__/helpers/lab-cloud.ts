import { FABRIC } from "../../lab/paths";
import { nthAddress } from "../../lab/ranges";
import { run } from "../../lab/run";
import type { LabHost, LabSite } from "../../lab/spec";
import { issueCertificate, makeAuthority } from "../../ops/trust/certificates";
import { LabDoor } from "./lab-door";
import { sh, upload } from "./lab-fleet";
import type { Serve } from "./stand-ins/http";

export const METADATA_ADDRESS = "169.254.169.254";

/** A program of a cloud's images that the lab's has not, and the unit that runs it. */
export interface ImagePart {
  readonly unit: string;
  /** Text of the unit. */
  readonly text: string;
  /** Of the program, in `/usr/local/lib/steppe-lab`. */
  readonly program: string;
  readonly script: string;
}

/**
 * A cloud as the machines of one site of the lab see it: a metadata service at the usual address for each, and APIs under
 * their own names, with a certificate of an authority that the machines are told to trust.
 */
export class LabCloud {
  private constructor(
    private readonly doors: { readonly metadata: LabDoor; readonly api: LabDoor },
    private readonly machineFiles: { readonly authority: string; readonly hosts: string },
  ) {}

  /** @param site - whose machines are the cloud's. The lab must be up. @param names - of its APIs. */
  public static async open(site: LabSite, names: readonly string[]): Promise<LabCloud> {
    await run("ip", ["-n", FABRIC, "addr", "add", `${METADATA_ADDRESS}/32`, "dev", "lo"]);
    const now = new Date();
    const authority = await makeAuthority("stand-in for a cloud", now);
    const common = { name: "cloud", commonName: "cloud", ipAddresses: [], serves: true };
    const certificate = await issueCertificate(authority, { ...common, dnsNames: [...names] }, now);
    const metadata = await LabDoor.open(
      { namespace: FABRIC, address: METADATA_ADDRESS, port: 80 },
      ({ socket }) => socket.remoteAddress,
    );
    const gateway = nthAddress(site.cidr, 1);
    const api = await LabDoor.open(
      { namespace: FABRIC, address: gateway, port: 443 },
      ({ headers }) => headers.host,
      certificate,
    );
    const hosts = `${gateway} ${names.join(" ")}\n`;
    return new LabCloud({ metadata, api }, { authority: authority.certificate, hosts });
  }

  /** Where an API answers. */
  public api(name: string): Serve {
    return this.doors.api.serve(name);
  }

  /** Where the metadata service of a host answers. */
  public metadata({ address }: LabHost): Serve {
    return this.doors.metadata.serve(address);
  }

  /**
   * Makes a host of the lab a machine of the cloud's. What the cloud's images have and the lab's has not is put on it; it
   * runs at the next boot.
   *
   * @param more - further commands.
   */
  public async instance(host: string, { unit, text, program, script }: ImagePart, more: string): Promise<void> {
    await upload(host, "/usr/local/share/ca-certificates/stand-in.crt", this.machineFiles.authority);
    await upload(host, "/run/hosts", this.machineFiles.hosts);
    await upload(host, `/usr/local/lib/steppe-lab/${program}`, script);
    await upload(host, `/etc/systemd/system/${unit}`, text);
    const { code, stderr } = await sh(
      host,
      `set -e
      cat /run/hosts >>/etc/hosts
      chmod 0755 /usr/local/lib/steppe-lab /usr/local/lib/steppe-lab/${program}
      chmod 0644 /usr/local/share/ca-certificates/* /etc/systemd/system/${unit}
      update-ca-certificates >/dev/null
      ${more}
      systemctl daemon-reload
      systemctl enable --quiet ${unit}`,
    );
    if (code !== 0) throw new Error(`${host} is no instance: ${stderr}`);
  }

  public async close(): Promise<void> {
    await Promise.all([this.doors.metadata.close(), this.doors.api.close()]);
  }
}
