import type { DemocraticCsiOptions, SshConnection, TargetCliIscsi, TrueNasConnection } from "./democratic-types";

type Json = Readonly<Record<string, unknown>>;

/** Stands for an item of the Nomad variable in the driver's configuration. */
class SecretItem {
  constructor(private readonly item: string) {}

  public toJSON(): string {
    return `<secret ${this.item}>`;
  }
}

/** Items of the Nomad variable that a storage needs. */
export function secretsOf(options: DemocraticCsiOptions): readonly string[] {
  const chap = options.driver === "zfs-generic-iscsi" ? chapItems(options.iscsi) : {};
  return [
    ...("httpConnection" in options ? ["api_key"] : []),
    ...("sshConnection" in options ? ["ssh_private_key"] : []),
    ...Object.values(chap),
  ];
}

/**
 * The driver's configuration as a template of Nomad that reads its variable: JSON, which the driver reads as YAML.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/template#nomad-variables
 */
export function controllerTemplate(options: DemocraticCsiOptions): string {
  const json = JSON.stringify(configOf(options, true), null, 2);
  // Values from files end with a line, which is none of a key.
  const filled = json.replace(/"<secret ([a-z_]+)>"/g, "{{ .$1.Value | trimSpace | toJSON }}");
  return `{{ with nomadVar (print "nomad/jobs/" (env "NOMAD_JOB_ID")) }}${filled}{{ end }}\n`;
}

/** The same for machines that mount, which need no secret. */
export function nodeConfig(options: DemocraticCsiOptions): string {
  return `${JSON.stringify(configOf(options, false), null, 2)}\n`;
}

/** @see https://github.com/democratic-csi/democratic-csi/tree/master/examples */
function configOf(options: DemocraticCsiOptions, secrets: boolean): Json {
  return {
    driver: options.driver,
    ...("httpConnection" in options ? { httpConnection: httpConfig(options.httpConnection, secrets) } : {}),
    ...("sshConnection" in options ? { sshConnection: sshConfig(options.sshConnection, secrets) } : {}),
    zfs: {
      ...("sshConnection" in options && options.sshConnection.sudo === true ? { cli: { sudoEnabled: true } } : {}),
      ...("iscsi" in options ? {} : { datasetEnableQuotas: true, datasetEnableReservation: false }),
      ...options.zfs,
    },
    ...shareConfig(options, secrets),
  };
}

function httpConfig(
  { host, protocol = "https", port, allowInsecure = false }: TrueNasConnection,
  secrets: boolean,
): Json {
  return {
    protocol,
    host,
    port: port ?? httpPort(protocol),
    allowInsecure,
    apiVersion: 2,
    ...(secrets ? { apiKey: new SecretItem("api_key") } : {}),
  };
}

export function httpPort(protocol: TrueNasConnection["protocol"]): number {
  return protocol === "http" ? 80 : 443;
}

function sshConfig({ host, port = 22, username = "root" }: SshConnection, secrets: boolean): Json {
  return { host, port, username, ...(secrets ? { privateKey: new SecretItem("ssh_private_key") } : {}) };
}

function shareConfig(options: DemocraticCsiOptions, secrets: boolean): Json {
  switch (options.driver) {
    case "freenas-api-iscsi":
    case "freenas-iscsi":
      return {
        iscsi: {
          extentInsecureTpc: true,
          extentXenCompat: false,
          extentDisablePhysicalBlocksize: true,
          extentBlocksize: 512,
          extentRpm: "SSD",
          extentAvailThreshold: 0,
          ...options.iscsi,
          targetGroups: options.iscsi.targetGroups.map((group) => ({ targetGroupAuthType: "None", ...group })),
        },
      };
    case "freenas-api-nfs":
    case "freenas-nfs":
      return {
        nfs: {
          shareAlldirs: false,
          shareAllowedHosts: [],
          shareAllowedNetworks: [],
          shareMaprootUser: "root",
          shareMaprootGroup: "root",
          shareMapallUser: "",
          shareMapallGroup: "",
          ...options.nfs,
        },
      };
    case "zfs-generic-iscsi":
      return { iscsi: targetCli(options.iscsi, options.sshConnection, secrets) };
    case "zfs-generic-nfs":
      return {
        nfs: {
          shareStrategy: "setDatasetProperties",
          shareStrategySetDatasetProperties: { properties: { sharenfs: options.nfs.sharenfs ?? "on" } },
          shareHost: options.nfs.shareHost,
        },
      };
  }
}

function targetCli(iscsi: TargetCliIscsi, { sudo = false }: SshConnection, secrets: boolean): Json {
  const { basename, unmap = true, chap, ...portal } = iscsi;
  const auth = Object.entries(chapItems(iscsi)).map(([name, item]) => [name, new SecretItem(item)]);
  return {
    ...portal,
    shareStrategy: "targetCli",
    shareStrategyTargetCli: {
      sudoEnabled: sudo,
      basename,
      tpg: {
        attributes: {
          authentication: chap === undefined ? 0 : 1,
          // Machines come and go: whoever knows the password, or gets there, may log in.
          generate_node_acls: 1,
          cache_dynamic_acls: 1,
          demo_mode_write_protect: 0,
        },
        ...(secrets && auth.length > 0 ? { auth: Object.fromEntries(auth) as Json } : {}),
      },
      block: { attributes: { emulate_tpu: unmap ? 1 : 0 } },
    },
  };
}

/** Items by the name that targetcli has for them. */
function chapItems({ chap }: TargetCliIscsi): Readonly<Record<string, string>> {
  return {
    ...(chap === undefined ? {} : { userid: "chap_user", password: "chap_password" }),
    ...(chap === "mutual" ? { mutual_userid: "chap_mutual_user", mutual_password: "chap_mutual_password" } : {}),
  };
}
