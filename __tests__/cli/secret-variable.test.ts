import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../ops/process";
import { projectDirectory } from "../../ops/project";
import { loadTrust } from "../../ops/trust/trust";
import { Checkout, PILOT, removeCheckouts } from "../helpers/checkout";
import { type Recorded, RecordingServer, type Reply } from "../helpers/recording-server";
import { describeWithTool } from "../helpers/tools";
import { NomadFront } from "../helpers/stand-ins/nomad-front";

jest.setTimeout(60_000);

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(removeCheckouts);

interface Variable {
  Items: Record<string, string>;
  ModifyIndex: number;
}

/** Nomad's variables, with its check-and-set. */
class Variables {
  public readonly stored: Record<string, Variable> = {};
  /** What others do just before a write. */
  public meanwhile: (() => void) | undefined;
  public leader = "100.64.0.1:4647";
  /** Answer to a write. */
  public refusal: Reply | undefined;
  private index = 10;

  public set(path: string, items: Record<string, string>): void {
    this.stored[path] = { Items: items, ModifyIndex: ++this.index };
  }

  public readonly reply = ({ method, path, body }: Recorded): Reply => {
    const url = new URL(path, "http://nomad");
    if (url.pathname === "/v1/status/leader") return { body: JSON.stringify(this.leader) };
    const name = decodeURIComponent(url.pathname.replace("/v1/var/", ""));
    if (method === "PUT") {
      if (this.refusal !== undefined) return this.refusal;
      this.meanwhile?.();
      this.meanwhile = undefined;
      if (Number(url.searchParams.get("cas")) !== (this.stored[name]?.ModifyIndex ?? 0))
        return { status: 409, body: this.stored[name] };
      this.set(name, (JSON.parse(body) as Variable).Items);
    }
    const found = this.stored[name];
    return found === undefined ? { status: 404, body: "variable not found" } : { body: found };
  };
}

async function pilot(): Promise<{ checkout: Checkout; nomad: Variables; server: RecordingServer }> {
  const checkout = new Checkout();
  expect(await checkout.run("trust", "init")).toBe(0);
  const nomad = new Variables();
  const server = await RecordingServer.start(nomad.reply);
  const front = await NomadFront.start(loadTrust("pilot", checkout), "home", server.url);
  ends.push(async () => await server.stop());
  ends.push(async () => await front.stop());
  Object.assign(checkout.env, front.env);
  return { checkout, nomad, server };
}

const REDIS = "nomad/jobs/redis";
const put = ["secret", "put", "variable"] as const;

describe("steppe secret put variable", () => {
  test("makes a random value once, and shows none", async () => {
    const { checkout, nomad, server } = await pilot();
    expect(await checkout.run(...put, REDIS, "--generate", "password")).toBe(0);
    expect(checkout.text).toBe("made password of nomad/jobs/redis (region home)\n");
    const made = nomad.stored[REDIS]?.Items["password"];
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(await checkout.run(...put, REDIS, "--generate", "password")).toBe(0);
    expect(checkout.text).toBe("kept password of nomad/jobs/redis (region home); --rotate replaces it\n");
    expect(await checkout.run(...put, REDIS, "--generate", "password", "--missing", "--json")).toBe(0);
    expect(JSON.parse(checkout.text)).toEqual({
      region: "home",
      namespace: "default",
      path: REDIS,
      items: [{ item: "password", action: "keep" }],
    });
    expect(nomad.stored[REDIS]?.Items).toEqual({ password: made });
    expect(server.requests.filter(({ method }) => method === "PUT")).toHaveLength(1);
    expect(await checkout.run(...put, REDIS, "--generate", "password", "--rotate")).toBe(0);
    expect(checkout.text).toBe("replaced password of nomad/jobs/redis (region home)\n");
    expect(nomad.stored[REDIS]?.Items["password"]).not.toBe(made);
  });

  test("takes values from files, and leaves other items as they are", async () => {
    const { checkout, nomad, server } = await pilot();
    nomad.set(REDIS, { username: "ada" });
    const file = join(checkout.project, "password");
    writeFileSync(file, "two\nlines\n");
    expect(await checkout.run(...put, REDIS, "--file", `password=${file}`, "--namespace", "ai")).toBe(0);
    expect(checkout.text).toBe("made password of nomad/jobs/redis (region home, namespace ai)\n");
    expect(nomad.stored[REDIS]?.Items).toEqual({ username: "ada", password: "two\nlines" });
    const written = server.requests.find(({ method }) => method === "PUT");
    expect(written?.path).toBe("/v1/var/nomad/jobs/redis?namespace=ai&cas=11");
    expect(JSON.parse(written?.body ?? "")).toMatchObject({ Namespace: "ai", Path: REDIS });
  });

  test("takes a value, or all of them, from standard input", async () => {
    const { checkout, nomad } = await pilot();
    const steppe = withInput(checkout);
    expect(await steppe("s3cret value\n", "password")).toMatchObject({
      code: 0,
      stdout: "made password of nomad/jobs/redis (region home)\n",
    });
    expect(await steppe('{"username": "ada", "password": "s3cret value"}', "--from-stdin")).toMatchObject({
      code: 0,
      stdout:
        "made username of nomad/jobs/redis (region home)\nkept password of nomad/jobs/redis (region home); --rotate replaces it\n",
    });
    expect(nomad.stored[REDIS]?.Items).toEqual({ username: "ada", password: "s3cret value" });
  });

  test("replaces no value without being told to, and repeats none in its messages", async () => {
    const { checkout, nomad } = await pilot();
    const steppe = withInput(checkout);
    nomad.set(REDIS, { password: "old-value" });
    const refused = await steppe("new-value", "password");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      "error: variable nomad/jobs/redis (region home) was not written\n" +
        "  - nomad/jobs/redis.password: has a value already, and it is another one; give --rotate to replace it, or --missing to keep it\n",
    );
    expect(await steppe("new-value", "password", "--missing")).toMatchObject({
      code: 0,
      stdout: "kept password of nomad/jobs/redis (region home)\n",
    });
    expect(nomad.stored[REDIS]?.Items).toEqual({ password: "old-value" });
    expect((await steppe("new-value", "password", "--rotate")).code).toBe(0);
    expect(nomad.stored[REDIS]?.Items).toEqual({ password: "new-value" });
  });

  test("loses no change that others make at the same time", async () => {
    const { checkout, nomad, server } = await pilot();
    nomad.set(REDIS, { username: "ada" });
    nomad.meanwhile = () => nomad.set(REDIS, { username: "grace", port: "6379" });
    expect(await checkout.run(...put, REDIS, "--generate", "password")).toBe(0);
    expect(nomad.stored[REDIS]?.Items).toEqual({
      username: "grace",
      port: "6379",
      password: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(server.requests.filter(({ method }) => method === "PUT")).toHaveLength(2);
  });

  test("does not replace what somebody else has just replaced", async () => {
    const { checkout, nomad } = await pilot();
    nomad.set(REDIS, { password: "first" });
    nomad.meanwhile = () => nomad.set(REDIS, { password: "theirs" });
    expect(await checkout.run(...put, REDIS, "--generate", "password", "--rotate")).toBe(1);
    expect(checkout.errors).toContain("nomad/jobs/redis.password: was changed by somebody else just now; run it again");
    expect(nomad.stored[REDIS]?.Items).toEqual({ password: "theirs" });
  });

  test.each([
    [
      ["nomad/system/x", "--generate", "a"],
      'path: must be below nomad/jobs or nomad/job-templates: the rest of nomad/ is Nomad\'s own, got "nomad/system/x"',
    ],
    [
      ["/a b", "--generate", "a"],
      'path: must be 1 to 128 letters, digits, -, _, ~ and /, without / at either end, got "/a b"',
    ],
    [[REDIS], "items: must name at least one; name items, or give --generate, --file or --from-stdin"],
    [
      [REDIS, "password=hunter2"],
      "items.0: must be a name alone: whoever is on this machine can read arguments; write password, and give the value by",
    ],
    [
      [REDIS, "pass-word"],
      'items.0: must be letters, digits and _, and not begin with a digit: templates read it as .<item>, got "pass-word"',
    ],
    [[REDIS, "a", "--generate", "a"], 'items.1: must be given once, got "a"'],
    [[REDIS, "a", "--from-stdin"], '--from-stdin: brings the names with the values, got "a"; leave the names out'],
    [[REDIS, "a", "--missing", "--rotate"], "--missing: keeps what is there, and --rotate replaces it"],
    [[REDIS, "--file", "a"], '--file: must be <item>=<file>, got "a"; '],
  ])("refuses %j before anything is asked", async (argv, message) => {
    const checkout = new Checkout();
    expect(await checkout.run(...put, ...argv)).toBe(1);
    expect(checkout.errors).toContain(message.replace(/; $/, ""));
    expect(checkout.errors).not.toContain("hunter2");
  });

  test.each([
    ["", ["password"], 'items.password: must have a value, got ""'],
    ["{", ["--from-stdin"], "standard input must be a JSON object of texts"],
    ['{"a": 7}', ["--from-stdin"], "standard input must be a JSON object of texts"],
    [
      '{"a b": "x"}',
      ["--from-stdin"],
      'items.0: must be letters, digits and _, and not begin with a digit: templates read it as .<item>, got "a b"',
    ],
    ["x", ["a", "b"], "values of a, b can be asked for on a terminal alone\n  pipe in a JSON object with --from-stdin"],
  ])("refuses %j on standard input for %j", async (input, argv, message) => {
    const { checkout, nomad } = await pilot();
    const result = await withInput(checkout)(input, ...argv);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(message);
    expect(nomad.stored).toEqual({});
  });

  test("wants a region where there are several, and one that the fleet has", async () => {
    const both = PILOT.replace(
      "authoritative: true }",
      'authoritative: true }, away: { site: "home", servers: { hosts: ["s2"] } }',
    ).replace("s1: {", 's2: { address: "192.168.7.12" }, s1: {');
    const checkout = new Checkout(both);
    expect(await checkout.run(...put, REDIS, "--generate", "a")).toBe(1);
    expect(checkout.errors).toContain(
      "has several regions, and each has its own variables\n  give --region with one of: home, away",
    );
    expect(await checkout.run(...put, REDIS, "--generate", "a", "--region", "hme")).toBe(1);
    expect(checkout.errors).toContain('fleet pilot has no region "hme"\n  use one of: home, away');
  });

  test("says what Nomad said where it refuses", async () => {
    const { checkout, nomad } = await pilot();
    nomad.refusal = { status: 500, body: 'nonexistent namespace "nowhere"' };
    expect(await checkout.run(...put, REDIS, "--generate", "a", "--namespace", "nowhere")).toBe(1);
    expect(checkout.errors).toContain(
      'variable nomad/jobs/redis (region home, namespace nowhere) was not written: HTTP 500 nonexistent namespace "nowhere"',
    );
  });

  describeWithTool("python3", "on a terminal", (python) => {
    test("asks without showing what is typed", async () => {
      const { checkout, nomad } = await pilot();
      nomad.set(REDIS, { username: "ada" });
      const [, ...argv] = commandOf(checkout, "username", "password", "--missing");
      const said = await run([python, "-c", TYPIST, process.execPath, ...argv], {
        env: checkout.env,
        input: "typed-value",
      });
      expect(said.stdout).toContain("password of nomad/jobs/redis (not shown): ");
      expect(said.stdout).toContain("made password of nomad/jobs/redis (region home)");
      expect(said.stdout).not.toContain("typed-value");
      expect(said.stdout).not.toContain("username of nomad/jobs/redis (not shown)");
      expect(nomad.stored[REDIS]?.Items).toEqual({ username: "ada", password: "typed-value" });
    });
  });
});

describe("steppe secret list --variables", () => {
  /** A checkout whose only stack has a job of a template. */
  async function withJob(data: string) {
    const { checkout, nomad } = await pilot();
    const job = {
      ID: "redis",
      Namespace: "ai",
      TaskGroups: [
        {
          Name: "db",
          Tasks: [
            {
              Name: "db",
              Driver: "docker",
              Config: { image: "redis:7" },
              Templates: [{ DestPath: "secrets/a", EmbeddedTmpl: data }],
            },
          ],
        },
      ],
    };
    const document = {
      provider: { nomad: [{ region: "home" }] },
      resource: {
        nomad_job: { redis: { json: true, jobspec: JSON.stringify(job) }, old: { jobspec: 'job "old" {}' } },
      },
    };
    writeFileSync(
      join(checkout.project, "scripts", "synth.mjs"),
      `import { mkdirSync, writeFileSync } from "node:fs";
const out = process.env.CDKTF_OUTDIR;
mkdirSync(out + "/stacks/jobs", { recursive: true });
writeFileSync(out + "/stacks/jobs/cdk.tf.json", ${JSON.stringify(JSON.stringify(document))});
const jobs = { name: "jobs", workingDirectory: "stacks/jobs", synthesizedStackPath: "stacks/jobs/cdk.tf.json", dependencies: [] };
writeFileSync(out + "/manifest.json", JSON.stringify({ stacks: { jobs } }));
`,
    );
    return { checkout, nomad };
  }

  const list = ["secret", "list", "--variables"] as const;

  test("says what jobs read, what is missing, how to write it, and no value", async () => {
    const { checkout, nomad } = await withJob(
      '{{ with nomadVar "nomad/jobs/redis" }}{{ .user }}{{ .password }}{{ end }}',
    );
    nomad.set(REDIS, { user: "top-secret" });
    expect(await checkout.run(...list)).toBe(0);
    const rows = checkout.text.split("\n").map((line) => line.replace(/ {2,}/g, " | "));
    expect(rows).toEqual([
      "region | namespace | variable | item | state | read by",
      "home | ai | nomad/jobs/redis | password | missing | redis",
      "home | ai | nomad/jobs/redis | user | present | redis",
      "",
      "write what is missing:",
      " | ./steppe secret put variable nomad/jobs/redis password --region home --namespace ai",
      "",
      "what these jobs read is not known, or not all of it: home/old",
      "",
    ]);
    expect(await checkout.run(...list, "--json")).toBe(0);
    expect(JSON.parse(checkout.text)).toMatchObject({
      items: [
        { item: "password", state: "missing" },
        { item: "user", state: "present" },
      ],
      unreadJobs: ["home/old"],
      failures: {},
    });
    expect(checkout.text).not.toContain("top-secret");
  });

  test("says that nothing is read, and which regions do not answer", async () => {
    const { checkout, nomad } = await withJob("plain");
    expect(await checkout.run(...list)).toBe(0);
    expect(checkout.text).toContain("no job reads a Nomad variable\n");
    expect(await checkout.run(...list, "--region", "away")).toBe(1);
    expect(checkout.errors).toContain('fleet pilot has no region "away"');
    const silent = await withJob('{{ with nomadVar "nomad/jobs/redis" }}{{ .a }}{{ end }}');
    silent.nomad.leader = "";
    expect(await silent.checkout.run(...list)).toBe(1);
    expect(silent.checkout.text).toContain("unknown");
    expect(silent.checkout.errors).toContain("error: not every region could be asked\n  home: ");
    expect(nomad.stored).toEqual({});
  });
});

/** Runs a command on a terminal of its own and types a line once it is asked for; prints what the terminal showed. */
const TYPIST = `
import os, pty, sys
value = sys.stdin.read()
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
shown = b""
typed = False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
    if b"(not shown): " in shown and not typed:
        typed = True
        os.write(terminal, value.encode() + b"\\r")
os.waitpid(pid, 0)
sys.stdout.write(shown.decode())
`;

function commandOf(checkout: Checkout, ...argv: readonly string[]): readonly string[] {
  const fleet = join(checkout.project, "fleets", "pilot.ts");
  return [process.execPath, join(projectDirectory, "steppe"), ...put, REDIS, ...argv, "--fleet", fleet];
}

/** The command as a process of its own. */
function withInput(checkout: Checkout) {
  return async (input: string, ...argv: readonly string[]) =>
    await run(commandOf(checkout, ...argv), { env: checkout.env, input });
}
