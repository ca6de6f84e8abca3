import { createHash } from "node:crypto";
import type { FileProvisioner, ITerraformDependable, RemoteExecProvisioner } from "cdktf";
import type { Construct } from "constructs";
import { terraformLiteral } from "../core/literal";
import { type SshConnection, TerraformData } from "../core/terraform-data";
import type { MachineBundle } from "../machine/bundle";
import { paths } from "../machine/paths";
import { secretsOf } from "./secrets-gate";

/** What a plan shows of a bundle: a short digest by file, so that a reviewer sees which files change. */
export type Digests = Readonly<Record<string, string>>;

export interface DeliveryProps {
  readonly bundle: MachineBundle;
  /** Of the bundle: {@link bundleDigests}. */
  readonly digests: Digests;
  /** Name of the machine. */
  readonly host: string;
  readonly connection: SshConnection;
  /** Of the trust. */
  readonly generation: number;
  /** No other machine of its group follows. */
  readonly last: boolean;
  /** Further values whose change means that the bundle is delivered again, by name. @default {} */
  readonly triggers?: Readonly<Record<string, string>>;
  readonly dependsOn: ITerraformDependable[];
}

/** Bundle and secrets of one machine, delivered over SSH whenever either changes. */
export class Delivery extends TerraformData {
  constructor(scope: Construct, id: string, props: DeliveryProps) {
    const { bundle, digests, host, connection, generation, last, triggers = {}, dependsOn } = props;
    super(scope, id, {
      triggersReplace: { ...digests, ...triggers, host, trust: `generation ${generation}` },
      dependsOn,
      provisioners: [
        run(connection, [incomingDirectory]),
        upload(connection, `${paths.incoming}/secrets`, secretsOf(bundle.identity)),
        upload(connection, `${paths.incoming}/bundle`, terraformLiteral(bundle.script)),
        run(connection, [`${asRoot}sh ${paths.incoming}/bundle ${host} ${last ? "last" : "more"}`]),
      ],
    });
  }
}

/** Digests of a bundle's files and of the whole. */
export function bundleDigests(bundle: MachineBundle): Digests {
  return {
    ...Object.fromEntries(bundle.files.map((file) => [file.path, shortDigest(JSON.stringify(file))])),
    bundle: shortDigest(bundle.script),
  };
}

function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** What makes a command root's on a machine whose login is another. */
export const asRoot = '$([ "$(id -u)" = 0 ] || echo sudo) ';

const incomingDirectory = `${asRoot}install -d -m 0755 ${paths.runtime} && ${asRoot}install -d -m 0700 -o "$(id -un)" ${paths.incoming}`;

/** Commands on a machine. */
export function run(connection: SshConnection, inline: readonly string[]): RemoteExecProvisioner {
  return { type: "remote-exec", connection, inline: inline.map(terraformLiteral) };
}

function upload(connection: SshConnection, destination: string, content: string): FileProvisioner {
  return { type: "file", connection, content, destination };
}
