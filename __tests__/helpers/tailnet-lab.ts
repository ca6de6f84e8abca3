import type { Device } from "../../constructs/tailnet/reach/world";
import { labAuthKeys, setPolicy, tailnetMachines } from "../../lab/control";
import { labPaths } from "../../lab/paths";
import { labExec } from "../../lab/power";
import { run } from "../../lab/run";
import { OPERATOR, type LabSpec } from "../../lab/spec";
import { requireState } from "../../lab/state";
import { labUp } from "../../lab/up";

/** A machine of the tailnet: who it is, and where to find it. */
export type Member = Device & { readonly name: string; readonly addresses: readonly string[] };

/** Runs the lab's headscale command. */
export async function headscale(args: readonly string[]): Promise<string> {
  const { tools } = await requireState();
  return (await run(tools.headscale, ["--config", `${labPaths().control}/config.yaml`, ...args])).stdout;
}

/** All machines of the lab's tailnet, as the control server knows them. */
export async function members(): Promise<Member[]> {
  const { spec } = await requireState();
  const isKnown = (name: string) => name === OPERATOR || spec.hosts.some((host) => host.name === name);
  return (await tailnetMachines())
    .filter(({ name }) => isKnown(name))
    .map(({ name, addresses, tags, user }) => ({ name, addresses, ...(tags.length > 0 ? { tags } : { user }) }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * Brings up hosts that run tailscaled and nothing else of a fleet.
 *
 * @param identityOf - by host: an identity of the spec, or a user of the control server, shape `alice@`.
 */
export async function startTailnet(spec: LabSpec, identityOf: Readonly<Record<string, string>>): Promise<void> {
  await labUp(spec, { progress: () => undefined });
  const keys = new Map(labAuthKeys());
  for (const user of new Set(Object.values(identityOf).filter((each) => each.endsWith("@")))) {
    const made = JSON.parse(await headscale(["users", "create", user.slice(0, -1), "-o", "json"])) as { id: number };
    const flags = ["--user", String(made.id), "--reusable", "--expiration", "1h", "-o", "json"];
    keys.set(user, (JSON.parse(await headscale(["preauthkeys", "create", ...flags])) as { key: string }).key);
  }
  const tagOwners = Object.fromEntries(spec.identities.flatMap(({ tags }) => tags.map((tag) => [tag, ["lab@"]])));
  await setPolicy(JSON.stringify({ tagOwners, acls: [] }));
  await Promise.all(
    Object.entries(identityOf).map(async ([host, identity]) => await joinTailnet(host, keys.get(identity) ?? "")),
  );
}

const JOIN = `set -eu
umask 077
cat > /run/join-key
systemctl is-active --quiet tailscaled || systemd-run --quiet --unit=tailscaled -p RuntimeDirectory=tailscale -p Environment=TS_DEBUG_USE_DERP_HTTP=1 \
  tailscaled --state=/srv/data/ts.state --no-logs-no-support
until tailscale up --login-server=http://10.61.0.1:8080 --auth-key=file:/run/join-key --timeout=20s; do sleep 0.2; done
rm /run/join-key`;

/** Joins a host to the tailnet with an auth key, its own tailscaled first. */
export async function joinTailnet(host: string, key: string): Promise<void> {
  const joined = await labExec(host, ["sh", "-c", JOIN], { input: key, timeoutSeconds: 60 });
  if (joined.code !== 0) throw new Error(`${host} does not join: ${joined.stderr}`);
}
