import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { formatProblem } from "../../constructs/core/problems";
import { UserError } from "../../ops/errors";
import { runOf } from "../../ops/terraform/context";
import { apply, plan } from "../../ops/terraform/deploy";
import { connectionProblems } from "../../ops/terraform/reach";
import type { RunResult } from "../../ops/terraform/result";
import { initTrust } from "../../ops/trust/trust";
import { secretsOf } from "../../ops/trust/secrets";
import { describeWithTerraform } from "../helpers/terraform";
import { describeWithTool } from "../helpers/tools";
import { commands, spec, values, Workplace } from "./synthetic";

jest.setTimeout(60_000);

function statuses(result: RunResult): Record<string, string> {
  return Object.fromEntries(result.stacks.map(({ stack, status }) => [stack, status]));
}

async function rejection(promise: Promise<unknown>): Promise<UserError> {
  return promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as UserError,
  );
}

const connection = (port: number, more: object = {}): object => ({
  type: "ssh",
  host: "127.0.0.1",
  port,
  host_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA",
  ...more,
});
const delivery = (block: object): Record<string, unknown> => ({
  terraform_data: { e1: { provisioner: [{ "remote-exec": { connection: block, inline: ["true"] } }] } },
});

/** Commands run behind a prefix that writes them down in the file `entered`. */
function recorded(place: Workplace): { readonly prefix: readonly string[] } {
  const wrapper = place.path("enter");
  writeFileSync(wrapper, `#!/bin/sh\necho "$*" >> ${place.path("entered")}\nexec "$@"\n`);
  chmodSync(wrapper, 0o755);
  return { prefix: [wrapper] };
}

describeWithTerraform("plan", [], () => {
  test("asks providers unless it is told not to", async () => {
    const place = new Workplace();
    const stacks = place.stacks({ "lab-a": { resource: values("one") } });
    const log = async (refresh: boolean) => {
      const result = await plan(stacks, { ...place.settings(), refresh, context: { ...recorded(place), env: {} } });
      expect(statuses(result)).toEqual({ "lab-a": "changed" });
      return readFileSync(place.path("entered"), "utf8").trim().split("\n").at(-1) ?? "";
    };
    expect(await log(true)).not.toContain("-refresh=false");
    expect(await log(false)).toContain(" -refresh=false");
  });

  test("counts changes, shows them, and needs neither trust nor order", async () => {
    const place = new Workplace();
    const stacks = place.stacks({
      "lab-a": { resource: values("one", "two"), secrets: ["secrets_server_east"] },
      "lab-b": { after: ["lab-a"], resource: values("three") },
      "lab-empty": { after: ["lab-b"] },
    });
    const result = await plan(stacks, { ...place.settings(), text: true });
    expect(statuses(result)).toEqual({ "lab-a": "changed", "lab-b": "changed", "lab-empty": "unchanged" });
    expect(result.stacks[0]?.changes).toEqual({
      add: 2,
      change: 0,
      destroy: 0,
      resources: [
        { address: "terraform_data.v0", action: "create" },
        { address: "terraform_data.v1", action: "create" },
      ],
    });
    expect(result.stacks[0]?.text).toContain("# terraform_data.v0 will be created");
    expect(existsSync(place.path("state", "lab-a.tfstate"))).toBe(false);
  });

  test("shows what is wrong with one stack and plans the others", async () => {
    const place = new Workplace();
    const stacks = place.stacks({
      "lab-a": { resource: { terraform_data: { x: { input: "${var.absent}" } } } },
      "lab-b": { after: ["lab-a"], resource: values("b") },
    });
    const result = await plan(stacks, { ...place.settings(), parallel: 1 });
    expect(statuses(result)).toEqual({ "lab-a": "failed", "lab-b": "changed" });
    expect(result.stacks[0]?.detail).toContain("Reference to undeclared input variable");
  });

  test("defers Nomad objects of a region that does not run yet", async () => {
    const place = new Workplace();
    const stacks = place.stacks({
      "lab-jobs-east": {
        resource: { terraform_data: { x: { input: '${file("/no/such/file")}' } } },
        document: { provider: { nomad: [{ region: "east" }] } },
        terraform: { required_providers: { nomad: { source: "hashicorp/absent", version: "1.0.0" } } },
      },
    });
    const env = { ...place.env, TF_CLI_CONFIG_FILE: place.path("offline.tfrc") };
    writeFileSync(
      env.TF_CLI_CONFIG_FILE,
      'provider_installation {\n  filesystem_mirror { path = "/nonexistent" }\n}\n',
    );
    const result = await plan(stacks, { ...place.settings(), env });
    expect(result.stacks[0]).toMatchObject({ status: "deferred", detail: expect.stringContaining("region east") });
  });
});

describeWithTerraform("apply", [], () => {
  test("keeps the order, works side by side where it may, and changes nothing the second time", async () => {
    const place = new Workplace();
    // a and b can only end when both are at work at the same time.
    const meet = (mine: string, other: string): string =>
      `touch ${place.path(mine)}; i=0; until [ -e ${place.path(other)} ]; do i=$((i+1)); [ $i -lt 100 ]; sleep 0.1; done`;
    const stacks = place.stacks({
      "lab-c": { after: ["lab-a", "lab-b"], resource: commands(`echo c >> ${place.path("order")}`) },
      "lab-a": { resource: commands(`${meet("a", "b")}; echo a >> ${place.path("order")}`) },
      "lab-b": { resource: commands(`${meet("b", "a")}; echo b >> ${place.path("order")}`) },
    });
    expect(stacks.map(({ name }) => name)).toEqual(["lab-a", "lab-b", "lab-c"]);
    const trust = await place.trust();
    const first = await apply(stacks, place.settings(trust));
    expect(statuses(first)).toEqual({ "lab-a": "changed", "lab-b": "changed", "lab-c": "changed" });
    expect(readFileSync(place.path("order"), "utf8").trim().split("\n").at(-1)).toBe("c");
    expect(place.events).toContainEqual({ stack: "lab-c", kind: "waiting", text: "for lab-a, lab-b" });
    expect(place.when("lab-c", "working", "applying")).toBeGreaterThan(place.when("lab-a", "done"));
    const second = await apply(stacks, place.settings(trust));
    expect(statuses(second)).toEqual({ "lab-a": "unchanged", "lab-b": "unchanged", "lab-c": "unchanged" });
  });

  test("gives placeholders to the plan and the real secrets to the apply, and writes them nowhere", async () => {
    const place = new Workplace();
    const target = place.path("delivered");
    const stacks = place.stacks({
      "lab-a": {
        secrets: ["secrets_server_east"],
        resource: {
          terraform_data: {
            x: {
              provisioner: [
                {
                  "local-exec": {
                    command: `printf '%s' "$SECRETS" > ${target}`,
                    environment: { SECRETS: "${var.secrets_server_east}" },
                  },
                },
              ],
            },
          },
        },
      },
    });
    const trust = await place.trust();
    await apply(stacks, place.settings(trust));
    const delivered = readFileSync(target, "utf8");
    expect(delivered).toContain(`gossip.key ${Buffer.from(`${trust.gossipKey}\n`).toString("base64")}\n`);
    rmSync(target);
    const left = execFileSync("grep", ["-rhae", "", "state", ".terraform", "cdktf.out", "cache"], {
      cwd: place.project,
      encoding: "latin1",
      maxBuffer: 1 << 28,
    });
    expect(secretsOf(trust).filter(({ value }) => left.includes(value))).toEqual([]);
    expect(left).toContain("Apply complete");
  });

  test("stops what has not begun after a failure, and shows what the machine said", async () => {
    const place = new Workplace();
    const stacks = place.stacks({
      "lab-a": { resource: commands("echo the disk is full; exit 3") },
      "lab-b": { after: ["lab-a"], resource: values("b") },
      "lab-c": { after: ["lab-b"], resource: values("c") },
    });
    const result = await apply(stacks, place.settings(await place.trust()));
    expect(statuses(result)).toEqual({ "lab-a": "failed", "lab-b": "not-begun", "lab-c": "not-begun" });
    expect(result.stacks[0]?.detail).toContain("| the disk is full");
    expect(result.stacks[0]?.detail).toContain("exit status 3");
    expect(readFileSync(result.stacks[0]?.log ?? "", "utf8")).toContain("terraform_data.r0: the disk is full");
    expect(existsSync(place.path("state", "lab-b.tfstate"))).toBe(false);
  });

  test("leaves logins and colours out of what it shows, and keeps them in the log", async () => {
    const place = new Workplace();
    const login = [
      "Connecting to remote host via SSH...",
      "  Host: 10.1.0.11",
      "  User: root",
      "  Password: false",
      "  Private key: false",
      "  Certificate: false",
      "  SSH Agent: true",
      "  Checking Host Key: true",
      "  Target Platform: unix",
      "Connected!",
    ];
    writeFileSync(place.path("login"), `${login.join("\n")}\n`);
    const script = `cat ${place.path("login")}; printf '\\033[31mUser: nobody\\033[0m may write\\n'; cat ${place.path("login")}; exit 3`;
    const stacks = place.stacks({ "lab-a": { resource: commands(script) } });
    const [result] = (await apply(stacks, place.settings(await place.trust()))).stacks;
    const machine = (result?.detail ?? "").split("\n").filter((line) => line.startsWith("  | "));
    expect(machine.at(-1)).toBe("  | User: nobody may write");
    expect(machine.filter((line) => login.includes(line.slice("  | ".length)))).toEqual([]);
    const log = readFileSync(result?.log ?? "", "utf8");
    for (const line of login) expect(log).toContain(`terraform_data.r0: ${line}\n`);
    expect(log).toContain("\u001b[31mUser: nobody");
  });

  test("changes nothing when one stack cannot be planned", async () => {
    const place = new Workplace();
    const stacks = place.stacks({
      "lab-a": { resource: values("a") },
      "lab-b": { after: ["lab-a"], resource: { terraform_data: { x: { input: "${var.absent}" } } } },
    });
    const result = await apply(stacks, place.settings(await place.trust()));
    expect(statuses(result)).toEqual({ "lab-a": "not-begun", "lab-b": "failed" });
    expect(existsSync(place.path("state", "lab-a.tfstate"))).toBe(false);
  });

  test("names every missing secret before anything changes", async () => {
    const place = new Workplace();
    const stacks = place.stacks({
      "lab-a": { secrets: ["secrets_server_east", "secrets_client_gpu"], resource: values("a") },
    });
    const error = await rejection(apply(stacks, place.settings()));
    expect(error).toBeInstanceOf(UserError);
    expect(error.problems.map(({ path }) => path)).toEqual([
      "trust",
      "trust.auth-keys.server-east",
      "variable secrets_client_gpu",
    ]);
    expect(existsSync(place.path("state"))).toBe(false);
  });

  test("refuses an expired certificate before anything changes", async () => {
    const place = new Workplace();
    const { trust } = await initTrust(spec, { env: place.env, project: place.project, now: new Date("2020-01-01") });
    const error = await rejection(apply(place.stacks({ "lab-a": { resource: values("a") } }), place.settings(trust)));
    expect(error.problems.map(formatProblem).join("\n")).toContain("trust.server-east: has expired");
    expect(existsSync(place.path("state"))).toBe(false);
  });

  test("refuses while a stack that left the data has state", async () => {
    const place = new Workplace();
    const trust = await place.trust();
    const both = place.stacks({ "lab-tailnet": { resource: values("a") }, "lab-site-b": { resource: values("b") } });
    await apply(both, place.settings(trust));
    const error = await rejection(
      apply(place.stacks({ "lab-tailnet": { resource: values("changed") } }), place.settings(trust)),
    );
    expect(error.problems).toEqual([
      {
        path: "lab-site-b",
        rule: "is no longer in the data but has state (1 resource)",
        fix: "put it back with retired: { reason }, apply, then delete the line",
      },
    ]);
  });

  test("refuses while a machine that left the data has state", async () => {
    const place = new Workplace();
    const trust = await place.trust();
    const machines = (...hosts: string[]) => ({
      "lab-site-a": {
        resource: {
          terraform_data: Object.fromEntries(
            hosts.map((host) => [`Machines_${host}_Machine_0123ABCD`, { input: { host, address: "10.1.0.1" } }]),
          ),
        },
      },
    });
    await apply(place.stacks(machines("a-1", "a-2")), place.settings(trust));
    const error = await rejection(apply(place.stacks(machines("a-1")), place.settings(trust)));
    expect(error.problems.map(formatProblem)).toEqual([
      "lab-site-a: a-2: is no longer in the data but its stack has it; put it back with retired: { reason }, apply, then delete the line",
    ]);
  });

  test("applies what was approved and leaves the rest", async () => {
    const place = new Workplace();
    const stacks = place.stacks({
      "lab-a": { resource: values("a") },
      "lab-b": { resource: values("b") },
      "lab-c": { after: ["lab-b"], resource: values("c") },
    });
    const asked: string[] = [];
    const result = await apply(stacks, {
      ...place.settings(await place.trust()),
      parallel: 1,
      approve: (stack, _changes, text) => {
        asked.push(text.split("\n").filter((line) => line.includes("Plan:"))[0] ?? "");
        return Promise.resolve(stack.name === "lab-a");
      },
    });
    expect(asked).toEqual(["Plan: 1 to add, 0 to change, 0 to destroy.", "Plan: 1 to add, 0 to change, 0 to destroy."]);
    expect(statuses(result)).toEqual({ "lab-a": "changed", "lab-b": "declined", "lab-c": "not-begun" });
  });

  test("hands stacks to another way of applying them, in their turn", async () => {
    const place = new Workplace();
    const stacks = place.stacks({
      "lab-a": { resource: commands(`touch ${place.path("applied")}`) },
      "lab-jobs-east": { after: ["lab-a"], document: { provider: { nomad: [{ region: "east" }] } } },
    });
    const seen: boolean[] = [];
    const override = {
      matches: (stack: { nomadRegion?: string }) => stack.nomadRegion !== undefined,
      apply: () => Promise.resolve(void seen.push(existsSync(place.path("applied")))),
      describe: "with the nomad command",
    };
    const context = { prefix: [], env: {}, overrides: [override] };
    const result = await apply(stacks, { ...place.settings(await place.trust()), context });
    expect(statuses(result)).toEqual({ "lab-a": "changed", "lab-jobs-east": "override" });
    expect(seen).toEqual([true]);
  });

  test("runs plan and apply behind the prefix, but not init", async () => {
    const place = new Workplace();
    const stacks = place.stacks({ "lab-a": { resource: commands(`echo "$PLACE" > ${place.path("place")}`) } });
    await apply(stacks, {
      ...place.settings(await place.trust()),
      context: { ...recorded(place), env: { PLACE: "inside" } },
    });
    const entered = readFileSync(place.path("entered"), "utf8").trim().split("\n");
    expect(entered.map((line) => line.split(" ")[2])).toEqual(["plan", "apply"]);
    expect(readFileSync(place.path("place"), "utf8")).toBe("inside\n");
  });

  test("says that a region has no leader instead of waiting for ever", async () => {
    const place = new Workplace();
    const stacks = place.stacks({ "lab-jobs-east": { document: { provider: { nomad: [{ region: "east" }] } } } });
    const result = await apply(stacks, { ...place.settings(await place.trust()), nomadWaitSeconds: 0 });
    expect(result.stacks[0]?.detail).toMatch(
      /region east has no server that answers and knows a leader, after 0 s: e1\.steppe\.test: /,
    );
  });

  test("reports a broken backend in Terraform's own words", async () => {
    const place = new Workplace();
    const stacks = place.stacks({ "lab-a": { resource: values("a") } });
    mkdirSync(place.path("state"), { recursive: true });
    // A directory in place of the state file fails as a broken backend does.
    mkdirSync(place.path("state", "lab-a.tfstate"));
    const result = await plan(stacks, place.settings());
    expect(result.stacks[0]?.status).toBe("failed");
    expect(result.stacks[0]?.detail).toContain("is a directory");
  });
});

describeWithTerraform("the way to machines", [], () => {
  test("is tried before anything changes: machine, host key and agent, all at once", async () => {
    const place = new Workplace();
    const stacks = place.stacks({
      "lab-site-a": { resource: delivery(connection(1)) },
      "lab-site-b": { resource: delivery(connection(2, { host_key: undefined })) },
      "lab-tailnet": { resource: values("a") },
    });
    const settings = place.settings(await place.trust());
    const error = await rejection(apply(stacks, { ...settings, env: { ...place.env, SSH_AUTH_SOCK: undefined } }));
    expect(error.problems.map(({ path, rule }) => `${path}: ${rule}`)).toEqual([
      "ssh agent: is not running (SSH_AUTH_SOCK is not set)",
      "terraform_data.e1: has no recorded host key of 127.0.0.1",
      "terraform_data.e1: cannot reach 127.0.0.1:1: connection refused",
      "terraform_data.e1: cannot reach 127.0.0.1:2: connection refused",
    ]);
    expect(existsSync(place.path("state", "lab-tailnet.tfstate"))).toBe(false);
  });

  test("is tried for a machine that is there, not for one that the same apply makes", async () => {
    const place = new Workplace();
    const trust = await place.trust();
    const { e1 } = delivery(connection(1, { agent: false, password: "unused", timeout: "1s" }))["terraform_data"] as {
      e1: object;
    };
    const resource = {
      terraform_data: {
        m1: { input: "a machine" },
        e1: { ...e1, triggers_replace: { machine: "${terraform_data.m1.id}" } },
      },
    };
    const stacks = place.stacks({ "lab-site-a": { resource } });
    expect(statuses(await apply(stacks, place.settings(trust)))).toEqual({ "lab-site-a": "failed" });
    expect(readFileSync(place.path("state", "lab-site-a.tfstate"), "utf8")).toContain('"name": "m1"');
    const error = await rejection(apply(stacks, place.settings(trust)));
    expect(error.problems.map(({ rule }) => rule)).toEqual(["cannot reach 127.0.0.1:1: connection refused"]);
  }, 30_000);

  test("is not tried for machines that the plan leaves alone", async () => {
    const place = new Workplace();
    const trust = await place.trust();
    await apply(place.stacks({ "lab-a": { resource: values("a") } }), place.settings(trust));
    const idle = {
      terraform_data: {
        v0: { input: "a", provisioner: [{ "remote-exec": { connection: connection(1), inline: ["true"] } }] },
      },
    };
    const result = await apply(place.stacks({ "lab-a": { resource: idle } }), place.settings(trust));
    expect(statuses(result)).toEqual({ "lab-a": "unchanged" });
  });

  test("keeps a slow machine from holding up the others", async () => {
    const place = new Workplace();
    const server: Server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const at = (host: string, port: number) => ({
      resource: host,
      host,
      port,
      agent: false,
      onDestroy: false,
      after: [],
      hostKey: "@ca",
    });
    const begun = Date.now();
    const open = typeof address === "object" && address !== null ? address.port : 0;
    const problems = await connectionProblems(
      [at("127.0.0.1", open), at("192.0.2.1", 22), at("192.0.2.2", 22)],
      runOf(place.settings()),
    );
    server.close();
    expect(problems.map(({ path }) => path)).toEqual(["192.0.2.1", "192.0.2.2"]);
    expect(Date.now() - begun).toBeLessThan(9_000);
  });
});

describeWithTool("sshd", "a machine's host key", (sshd) => {
  test("is refused when the machine shows another key than the recorded one", async () => {
    const place = new Workplace();
    const key = place.path("host_key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    const port = await freePort();
    writeFileSync(place.path("sshd_config"), `HostKey ${key}\nListenAddress 127.0.0.1:${port}\nPidFile none\n`);
    mkdirSync("/run/sshd", { recursive: true });
    const server = spawn(sshd, ["-D", "-f", place.path("sshd_config")], { stdio: "ignore" });
    try {
      await listening(port);
      const stacks = place.stacks({ "lab-site-a": { resource: delivery(connection(port, { agent: false })) } });
      const error = await rejection(apply(stacks, place.settings(await place.trust())));
      expect(error.problems).toHaveLength(1);
      expect(error.problems[0]?.rule).toMatch(
        /^127\.0\.0\.1 shows the host key SHA256:\S+, not the recorded SHA256:\S+$/,
      );
    } finally {
      server.kill();
    }
  });
});

describeWithTerraform("Ctrl-C", [], () => {
  test("lets Terraform end its step, keeps the state whole, and begins nothing new", async () => {
    const place = new Workplace();
    await place.trust();
    place.stacks({
      "lab-a": { resource: commands(`touch ${place.path("begun")}; sleep 30`) },
      "lab-b": { after: ["lab-a"], resource: values("b") },
    });
    const child = spawn(process.execPath, ["--require", "tsx/cjs", join(__dirname, "interrupted.ts"), place.project], {
      env: { ...process.env, ...place.env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const ended = new Promise<number | null>((done) => child.on("exit", done));
    for (const deadline = Date.now() + 30_000; !existsSync(place.path("begun")) && Date.now() < deadline;)
      await new Promise((done) => setTimeout(done, 50));
    const begun = Date.now();
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(Date.now() - begun).toBeLessThan(20_000);
    const result = JSON.parse(output) as RunResult;
    expect(result.interrupted).toBe(true);
    expect(statuses(result)).toEqual({ "lab-a": "failed", "lab-b": "not-begun" });
    expect(JSON.parse(readFileSync(place.path("state", "lab-a.tfstate"), "utf8"))).toMatchObject({ version: 4 });
    expect(existsSync(place.path("state", ".lab-a.tfstate.lock.info"))).toBe(false);
  });
});

async function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function listening(port: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await new Promise((done) => setTimeout(done, 100)))
    try {
      execFileSync("ssh-keyscan", ["-p", String(port), "127.0.0.1"], { stdio: "ignore" });
      return;
    } catch {
      // Not yet.
    }
}
