import { createHash } from "node:crypto";
import type { Problem } from "../../constructs/core/problems";
import { run } from "../process";
import type { Run } from "./context";
import type { Connection } from "./stack";

/** Tries all machines at once from where commands run, so that a dead one costs five seconds, not five each. */
const PROBE = `
const { connect } = require("node:net");
const { existsSync, readFileSync } = require("node:fs");
const { hosts, agent, timeout } = JSON.parse(readFileSync(0, "utf8"));
const attempt = (options) => new Promise((done) => {
  const socket = connect({ ...options, timeout });
  const end = (failure) => { socket.destroy(); done(failure); };
  socket.on("connect", () => end(null));
  socket.on("timeout", () => end("no answer within " + timeout / 1000 + " s"));
  socket.on("error", (error) => end(error.code === "ECONNREFUSED" ? "connection refused" : error.message || error.code));
});
Promise.all([
  Promise.all(hosts.map(attempt)),
  agent === undefined ? null : existsSync(agent) ? attempt({ path: agent }) : "there is no socket " + agent,
]).then((result) => process.stdout.write(JSON.stringify(result)));
`;

/**
 * What would make Terraform fail on its way to the machines it is about to change, found in seconds and before anything
 * changes: no SSH agent, no recorded host key, a machine that does not answer or shows another key.
 *
 * @param unmade - the machines do not run yet: only what the operator must have is looked at.
 */
export async function connectionProblems(
  connections: readonly Connection[],
  settings: Run,
  { unmade = false }: { readonly unmade?: boolean } = {},
): Promise<Problem[]> {
  const machines = [...new Map(connections.map((entry) => [`${entry.host}:${entry.port}`, entry])).values()];
  if (machines.length === 0) return [];
  const agent = machines.some((entry) => entry.agent) ? (settings.env["SSH_AUTH_SOCK"] ?? "") : undefined;
  const problems: Problem[] = [];
  const start = "start one: eval $(ssh-agent) && ssh-add";
  if (agent === "") problems.push({ path: "ssh agent", rule: "is not running (SSH_AUTH_SOCK is not set)", fix: start });
  for (const { host, hostKey, resource } of machines)
    if (hostKey === undefined)
      problems.push({
        path: resource,
        rule: `has no recorded host key of ${host}`,
        fix: "run ./steppe trust host-key <host>, and compare what it shows with the machine's console",
      });
  const tried = unmade ? [] : machines;
  const { code, stdout, stderr } = await run([...settings.context.prefix, process.execPath, "-e", PROBE], {
    env: settings.env,
    input: JSON.stringify({
      hosts: tried.map(({ host, port }) => ({ host, port })),
      agent: agent === "" ? undefined : agent,
      timeout: 5000,
    }),
  });
  if (code !== 0) return [...problems, { path: "machines", rule: `cannot be tried: ${stderr.trim()}` }];
  const [failures, agentFailure] = JSON.parse(stdout) as [(string | null)[], string | null];
  if (agentFailure !== null) problems.push({ path: "ssh agent", rule: `does not answer: ${agentFailure}`, fix: start });
  const reachable: Connection[] = [];
  for (const [index, machine] of tried.entries()) {
    const failure = failures[index] ?? null;
    if (failure === null) reachable.push(machine);
    else
      problems.push({
        path: machine.resource,
        rule: `cannot reach ${machine.host}:${machine.port}: ${failure}`,
        fix: "start the machine or its network, or take it out with retired: { reason }",
      });
  }
  return [...problems, ...(await Promise.all(reachable.map((machine) => keyProblem(machine, settings)))).flat()];
}

/**
 * Asks machines for their SSH host keys.
 *
 * @returns lines of type and key; empty where the machine shows none of that type, or `ssh-keyscan` is not installed.
 */
export async function scanHostKeys(
  host: string,
  port: number,
  type: string,
  settings: Pick<Run, "context" | "env">,
): Promise<string[]> {
  const { stdout } = await run(
    [...settings.context.prefix, "ssh-keyscan", "-T", "5", "-p", String(port), "-t", type, host],
    { env: settings.env },
  );
  return stdout
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(" ").slice(1, 3).join(" "));
}

/** A host key as `ssh` shows it: `SHA256:...`. */
export function keyFingerprint(key: string): string {
  const bytes = Buffer.from(key.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}`;
}

async function keyProblem({ host, port, hostKey, resource }: Connection, settings: Run): Promise<Problem[]> {
  // A certificate authority or a reference cannot be compared; the machine itself will be checked by Terraform.
  const [type, key] = hostKey?.split(/\s+/) ?? [];
  if (type === undefined || key === undefined || hostKey?.includes("${") === true) return [];
  const scanned = await scanHostKeys(
    host,
    port,
    type.replace(/^ssh-|-nistp\d+$|-sha2$/g, "").replace(/^ecdsa.*/, "ecdsa"),
    settings,
  );
  const shown = scanned.filter((line) => line.startsWith(`${type} `));
  if (shown.length === 0 || shown.includes(`${type} ${key}`)) return [];
  return [
    {
      path: resource,
      rule: `${host} shows the host key ${keyFingerprint(shown[0] ?? "")}, not the recorded ${keyFingerprint(`${type} ${key}`)}`,
      fix: "find out why: if the machine was set up again, run ./steppe trust host-key <host>",
    },
  ];
}
