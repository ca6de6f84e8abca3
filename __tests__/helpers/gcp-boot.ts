import { STARTUP_SCRIPT } from "../../constructs/platform/gcp/machine-options";
import type { LabHost } from "../../lab/spec";
import { gcpSecretName } from "../../model/gcp-names";
import { stackNames } from "../../model/names";
import { publicTrust } from "../../ops/trust/public";
import { trustSpecOf } from "../../ops/trust/spec";
import { type BootLab, bootLab } from "./boot-lab";
import { log } from "./boot-region";
import { fleetOf, hosts, instanceOf, PROJECT, SERVER } from "./gcp-boot-fleet";
import { eventually } from "./lab";
import { said, sh } from "./lab-fleet";
import { FINISHED, LabGcp, STARTUP_UNIT } from "./lab-gcp";
import { knowDevices } from "./lab-volume";
import type { GcpMetadata } from "./stand-ins/gcp-metadata";
import { type StackDocument, synthesizeFleet } from "./synth";

/** Units whose processes no second run of a startup script may touch. */
const UNITS = "tailscaled nomad ssh steppe-path steppe-metadata-lock steppe-notices steppe-tend.timer";

/** A lab whose hosts are instances of Google Cloud, each with the startup script that the synthesized stack holds for it. */
export class GcpBoot {
  private readonly instances = new Map<string, GcpMetadata>();

  private constructor(
    public readonly lab: BootLab,
    public readonly gcp: LabGcp,
    /** The site's, as Terraform would get it. */
    public readonly stack: StackDocument,
  ) {}

  /** No instance has booted yet. */
  public static async start(): Promise<GcpBoot> {
    const lab = await bootLab(fleetOf, hosts);
    try {
      return await GcpBoot.in(lab);
    } catch (error) {
      await lab.down();
      throw error;
    }
  }

  private static async in(lab: BootLab): Promise<GcpBoot> {
    const gcp = await LabGcp.start(lab.site, PROJECT, "europe-west4-a");
    for (const [identity, payload] of lab.payloads)
      gcp.manager.secrets.set(gcpSecretName(lab.fleet.name, identity), payload);
    const trust = publicTrust(lab.trust, trustSpecOf(lab.fleet));
    const stack = synthesizeFleet(lab.fleet, { trust }).get(stackNames.site(lab.fleet.name, "cloud")) as StackDocument;
    const boot = new GcpBoot(lab, gcp, stack);
    for (const { name } of hosts) await boot.makeInstance(name);
    return boot;
  }

  /** Makes a host that has nothing an instance. */
  public async makeInstance(host: string): Promise<void> {
    const { name, address } = hosts.find((known) => known.name === host) as LabHost;
    const kind = name === SERVER ? "google_compute_instance" : "google_compute_region_instance_template";
    const script = startupScriptIn(this.stack, kind);
    this.instances.set(name, await this.gcp.instance({ name, site: "cloud", address }, instanceOf(name), script));
    if (name === SERVER) await knowDevices(name);
  }

  /** The metadata server of a host. */
  public of(host: string): GcpMetadata {
    return this.instances.get(host) as GcpMetadata;
  }

  public async stop(): Promise<void> {
    await this.gcp.stop();
    await this.lab.down();
  }
}

/** The one startup script of a stack's machines of a kind, as Terraform evaluates it: nothing in it is Terraform's. */
export function startupScriptIn(stack: StackDocument, kind: string): string {
  const machines = Object.values(stack.resource?.[kind] ?? {});
  const scripts = machines.map(({ metadata }) => (metadata as Record<string, string>)[STARTUP_SCRIPT] ?? "");
  const text = scripts[0] ?? "";
  if (scripts.length !== 1 || /(?<!\$)\$\{|(?<!%)%\{/.test(text)) throw new Error(`no one plain script in ${kind}`);
  return text.replaceAll("$${", "${").replaceAll("%%{", "%{");
}

/** Waits until the startup script of this boot has ended. @returns what it said. */
export async function started(host: string): Promise<string> {
  const ended = async () => (await log(host, STARTUP_UNIT).catch(() => "")).includes(FINISHED);
  await eventually(120, `the startup script has run on ${host}`, ended);
  return await log(host, STARTUP_UNIT);
}

/** Runs a host's startup script once more, as documented. @returns what it said. */
export async function startAgain(host: string): Promise<string> {
  const { code, stderr } = await sh(host, `systemctl restart ${STARTUP_UNIT}`);
  if (code !== 0) throw new Error(stderr);
  const since = `--since "$(systemctl show -p ExecMainStartTimestamp --value ${STARTUP_UNIT})"`;
  return await said(host, `journalctl -b -u ${STARTUP_UNIT} ${since} --no-pager -o cat`);
}

/** All that a run of a startup script might change on a host: files, and when and as what its units began. */
export async function condition(host: string): Promise<readonly string[]> {
  const files = "find /etc /usr/local \\( -type f -o -type l \\) -printf '%p %m %U:%G %s %C@\\n' | sort";
  const units = `systemctl show -p Id,MainPID,NRestarts,ActiveEnterTimestampMonotonic ${UNITS}`;
  return (await said(host, `${files}; ${units}; findmnt -n /srv/steppe; cat /etc/fstab`)).split("\n");
}
