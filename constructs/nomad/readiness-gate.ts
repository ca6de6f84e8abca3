import { type ITerraformDependable, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { terraformLiteral } from "../core/literal";
import { assertValid, type Problem } from "../core/problems";
import { shellWord } from "../core/shell-word";
import { type SshConnection, TerraformData } from "../core/terraform-data";

/** Where the machine bundle puts the script that waits. */
const GATE_SCRIPT = "/usr/local/lib/steppe/gate";
/** How long after its own deadline the script is stopped from outside, seconds. It should have said why by then. */
const GRACE_SECONDS = 15;

export interface ReadinessGateProps {
  /** SSH to a server of the region. */
  readonly connection: SshConnection;
  /** Arguments of the gate script. Shape: `["region", "300", "namespace/ai"]`. */
  readonly check: readonly string[];
  /** Deadline, seconds. */
  readonly timeoutSeconds: number;
  /** The gate runs again when one of these changes. @default - it runs once */
  readonly triggers?: readonly string[];
  /** @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * Waits on a server of the region until the region is ready, for a bounded time, and says what it waits for. Everything of
 * Nomad in the same stack waits for it by itself.
 *
 * At most one per stack.
 */
export class ReadinessGate extends Construct implements ITerraformDependable {
  private static readonly gates = new WeakMap<TerraformStack, ReadinessGate>();

  /** The gate of the stack that a construct is in; undefined where there is none. */
  public static of(scope: Construct): ReadinessGate | undefined {
    return ReadinessGate.gates.get(TerraformStack.of(scope));
  }

  /** SSH to the server of the region on which it waits. */
  public readonly connection: SshConnection;
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: TerraformData;

  constructor(scope: Construct, id: string, props: ReadinessGateProps) {
    super(scope, id);
    const { check, connection, timeoutSeconds } = props;
    this.connection = connection;
    const stack = TerraformStack.of(this);
    const problems: Problem[] = [];
    if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > 3600) {
      problems.push({
        path: "timeoutSeconds",
        rule: "must be a whole number of seconds from 1 to 3600",
        got: timeoutSeconds,
      });
    }
    if (check.length === 0)
      problems.push({ path: "check", rule: "must name what to wait for", fix: 'write ["region", …]' });
    if (ReadinessGate.gates.has(stack)) problems.push({ path: id, rule: "must be the only gate of its stack" });
    assertValid(this.node.path, problems);
    const command = [GATE_SCRIPT, ...check].map(shellWord).join(" ");
    this.resource = new TerraformData(this, "Resource", {
      triggersReplace: props.triggers,
      dependsOn: [...(props.dependsOn ?? [])],
      provisioners: [
        {
          type: "remote-exec",
          connection,
          inline: [
            `echo ${shellWord(`waiting up to ${timeoutSeconds} s for: ${check.join(" ")}`)}`,
            `$([ "$(id -u)" = 0 ] || echo sudo) timeout ${timeoutSeconds + GRACE_SECONDS} ${command}`,
          ].map(terraformLiteral),
        },
      ],
    });
    ReadinessGate.gates.set(stack, this);
  }

  /** Reference for `depends_on`. */
  public get fqn(): string {
    return this.resource.fqn;
  }
}
