import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printError, table } from "../../cli/print";
import { UserError } from "../../ops/errors";
import { projectDirectory } from "../../ops/project";
import { secretsOf } from "../../ops/trust/secrets";
import { loadTrust } from "../../ops/trust/trust";
import { Checkout, PILOT, removeCheckouts } from "../helpers/checkout";
import { externalFleet } from "../helpers/fleet";
import { describeWithTerraform } from "../helpers/terraform";

jest.setTimeout(60_000);
afterAll(removeCheckouts);

const roots: string[] = [];
afterAll(() => roots.forEach((root) => rmSync(root, { recursive: true, force: true })));

describe("steppe trust", () => {
  test("makes, shows and renews without ever printing a secret", async () => {
    const checkout = new Checkout();
    checkout.standInForTerraform();
    let printed = "";
    const run = async (...argv: string[]): Promise<number> => {
      const code = await checkout.run(...argv);
      printed += checkout.text + checkout.errors;
      return code;
    };
    expect(await run("trust", "init")).toBe(0);
    expect(checkout.text).toContain("made certificate server-home\n");
    expect(checkout.text).toContain(`wrote ${join(checkout.project, "fleets", "pilot.trust.json")}; commit it\n`);
    checkout.complete();
    expect(await run("trust", "init")).toBe(0);
    expect(checkout.text).toBe("the trust of fleet pilot is complete, generation 1; nothing changed\n");
    const before = secretsOf(loadTrust("pilot", checkout));
    expect(await run("trust", "renew")).toBe(0);
    expect(checkout.text).toContain("generation 2");
    expect(await run("trust", "show")).toBe(0);
    expect(checkout.text).toMatch(/^server-home +CN=server\.home\.nomad +\d{4}-\d\d-\d\d +[0-9a-f]{32}$/m);
    expect(await run("trust", "show", "--json")).toBe(0);
    expect(JSON.parse(checkout.text)).toMatchObject({
      fleet: "pilot",
      generation: 2,
      authKeys: { "server-home": true, "client-gpu": true },
      problems: [],
    });
    expect(await run("env")).toBe(0);
    const secrets = [...before, ...secretsOf(loadTrust("pilot", checkout))];
    expect(secrets.length).toBeGreaterThan(50);
    expect(secrets.filter(({ value }) => printed.includes(value))).toEqual([]);
  });

  test("says that there is none", async () => {
    const checkout = new Checkout();
    expect(await checkout.run("trust", "show")).toBe(1);
    expect(checkout.errors).toBe(
      `error: fleet pilot has no trust in ${checkout.project}-home/trust/pilot\n  run ./steppe trust init --fleet pilot, or set STEPPE_TRUST_DIR to where it is\n`,
    );
  });

  test("records a host key that it is given", async () => {
    const checkout = new Checkout();
    await checkout.run("trust", "init");
    expect(
      await checkout.run("trust", "host-key", "s1", "--key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA root@s1"),
    ).toBe(0);
    expect(readFileSync(join(checkout.project, "fleets", "pilot.trust.json"), "utf8")).toContain(
      '"s1": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA"',
    );
    expect(await checkout.run("trust", "host-key", "nobody", "--key", "x")).toBe(1);
    expect(checkout.errors).toContain("use one of: s1, g1");
  });
});

describe("steppe env", () => {
  const shells = ["bash", "zsh", "fish"].filter((shell) => spawnSync(shell, ["-c", "true"]).status === 0);

  test.each(shells)("sets up %s with the secrets from their files", async (shell) => {
    const checkout = new Checkout();
    checkout.standInForTerraform();
    await checkout.run("trust", "init");
    checkout.complete();
    expect(await checkout.run("env", "--shell", shell)).toBe(0);
    const trust = loadTrust("pilot", checkout);
    const script = `${checkout.text}\nprintf '%s|%s|%s|%s' "$NOMAD_TOKEN" "$NOMAD_ADDR" "$TF_INPUT" "$TF_VAR_secrets_server_home"`;
    const said = execFileSync(shell, ["-c", script], { encoding: "utf8" }).split("|");
    expect(said.slice(0, 3)).toEqual([trust.managementToken, "https://s1.steppe.test:4646", "0"]);
    expect(said[3]).toContain(`\ngossip.key ${Buffer.from(`${trust.gossipKey}\n`).toString("base64")}\n`);
  });

  test("calls nobody from outside the tailnet who is not reached that way", async () => {
    const checkout = new Checkout();
    checkout.standInForTerraform();
    await checkout.run("trust", "init");
    expect(await checkout.run("env", "--external")).toBe(1);
    expect(checkout.errors).toBe(
      "error: region home cannot be reached from outside the tailnet\n  give it externalAccess in the fleet\n",
    );
    expect(checkout.text).toBe("");
  });

  test("calls the fleet from outside the tailnet by the names that its certificates carry", async () => {
    const checkout = new Checkout(`export const fleet = ${JSON.stringify({ ...externalFleet(), name: "pilot" })};`);
    checkout.standInForTerraform();
    await checkout.run("trust", "init");
    const shown = async (...options: readonly string[]) => {
      expect(await checkout.run("env", "--shell", "bash", "--external", ...options)).toBe(0);
      return checkout.text.match(/NOMAD_(ADDR|TLS_SERVER_NAME|REGION)='[^']*'/g);
    };
    expect(await shown()).toEqual([
      "NOMAD_ADDR='https://nomad.example.com:4646'",
      "NOMAD_TLS_SERVER_NAME='nomad.example.com'",
      "NOMAD_REGION='north'",
    ]);
    expect(await shown("--region", "cloud")).toEqual([
      "NOMAD_ADDR='https://cloud.example.com:4646'",
      "NOMAD_TLS_SERVER_NAME='server.cloud.nomad'",
      "NOMAD_REGION='cloud'",
    ]);
    expect(await checkout.run("env", "--external", "--region", "north")).toBe(1);
    expect(checkout.errors).toContain("give --region: cloud, ohio can be reached");
  });
});

describeWithTerraform("a fleet from plan to status", [], () => {
  test("plans without a secret, applies with all, and says by exit code what is left to do", async () => {
    const checkout = new Checkout();
    expect(await checkout.run("plan")).toBe(0);
    expect(checkout.text).toContain("# terraform_data.x will be created");
    expect(checkout.text).toMatch(/^pilot-site-home +changed +1 +0 +0 +\d/m);
    expect(await checkout.run("plan", "--detailed-exitcode", "--json")).toBe(2);
    expect(JSON.parse(checkout.text)).toMatchObject([
      { stack: "pilot-tailnet", status: "changed", changes: { add: 1 } },
      { stack: "pilot-site-home", status: "changed" },
    ]);
    expect(await checkout.run("apply", "--yes")).toBe(1);
    expect(checkout.errors).toContain(
      "error: fleet pilot cannot be applied as things are\n  - trust: has not been made",
    );
    expect(checkout.errors).toContain(
      "trust.auth-keys.server-home: is missing; run ./steppe secret put tailnet-key server-home",
    );
    expect(existsSync(join(checkout.project, "state", "pilot-tailnet.tfstate"))).toBe(false);
    await checkout.run("trust", "init");
    checkout.complete();
    expect(await checkout.run("apply")).toBe(1);
    expect(checkout.errors).toContain("give --yes to apply without being asked");
    expect(await checkout.run("apply", "--yes", "tailnet")).toBe(0);
    expect(checkout.errors).toMatch(/^ +\d+s {2}pilot-tailnet {2}applying$/m);
    expect(await checkout.run("apply", "--yes")).toBe(0);
    expect(checkout.text).toMatch(/^pilot-tailnet +unchanged/m);
    expect(await checkout.run("plan", "--detailed-exitcode")).toBe(0);
    expect(await checkout.run("check")).toBe(0);
    expect(checkout.text).toBe("fleet pilot is in order: 2 stacks\n");
    expect(await checkout.run("status", "--json")).toBe(0);
    expect(JSON.parse(checkout.text)).toMatchObject({
      stacks: [{ stack: "pilot-tailnet", backend: "local", serial: 1, resources: 1 }, { stack: "pilot-site-home" }],
      regions: [{ region: "home", failure: expect.any(String) }],
    });
    expect(await checkout.run("status")).toBe(0);
    expect(checkout.text).toMatch(/^home +\S.* +0 of 0 alive +0 of 0 ready$/m);
  });
});

describe("steppe plan, check, show, backend", () => {
  test("check names everything wrong at once", async () => {
    const checkout = new Checkout();
    mkdirSync(join(checkout.project, "state"));
    writeFileSync(
      join(checkout.project, "state", "pilot-site-gone.tfstate"),
      JSON.stringify({ serial: 1, resources: [{ mode: "managed", instances: [{}] }] }),
    );
    expect(await checkout.run("check")).toBe(1);
    expect(checkout.errors).toContain("- trust: has not been made");
    expect(checkout.errors).toContain(
      "- pilot-site-gone: is no longer in the data but has state (1 resource); put it back",
    );
    expect(await checkout.run("check", "--json")).toBe(1);
    expect(JSON.parse(checkout.text)).toMatchObject({ fleet: "pilot" });
  });

  test("shows the program's own words when it does not synthesize", async () => {
    const checkout = new Checkout();
    checkout.env["BREAK_SYNTH"] = "1";
    expect(await checkout.run("plan")).toBe(1);
    expect(checkout.errors).toBe("error: fleet pilot is not valid\n  - sites: all wrong\n");
  });

  test("say that terraform is missing before anything else happens", async () => {
    const checkout = new Checkout();
    checkout.env["PATH"] = "/nowhere";
    expect(await checkout.run("plan")).toBe(1);
    expect(checkout.errors).toContain(
      "error: Terraform 1.11.0 or newer, or OpenTofu, is needed: terraform not found, tofu not found",
    );
  });

  test("show prints a stack", async () => {
    const checkout = new Checkout();
    expect(await checkout.run("show", "tailnet", "--json")).toBe(0);
    expect(JSON.parse(checkout.text)).toMatchObject({
      resource: { terraform_data: { x: { input: "pilot-tailnet" } } },
    });
    expect(await checkout.run("show", "nothing")).toBe(1);
    expect(checkout.errors).toContain("use one of: pilot-tailnet, pilot-site-home");
  });

  test("backend init makes the directory", async () => {
    const checkout = new Checkout();
    expect(await checkout.run("backend", "init")).toBe(0);
    expect(existsSync(join(checkout.project, "state"))).toBe(true);
  });
});

describe("the choice of a fleet", () => {
  test("must be made, and made among those there are", async () => {
    const checkout = new Checkout();
    checkout.env["STEPPE_FLEET"] = undefined;
    expect(await checkout.run("check")).toBe(1);
    expect(checkout.errors).toBe("error: no fleet is chosen\n  give --fleet or set STEPPE_FLEET; fleets/ has: pilot\n");
    expect(await checkout.run("check", "--fleet", "pilto")).toBe(1);
    expect(checkout.errors).toBe("error: there is no fleet pilto\n  fleets/ has: pilot\n");
    expect(await checkout.run("--fleet", "pilot", "show", "tailnet", "--json")).toBe(0);
    expect(await checkout.run("show", "-f", join(checkout.project, "fleets", "pilot.ts"), "tailnet", "--json")).toBe(0);
  });

  test("shows every problem of a fleet that is not valid, and makes nothing", async () => {
    const checkout = new Checkout();
    const wrong = PILOT.replace('hosts: ["s1"]', 'hosts: ["s1", "g1"]').replace("192.168.7.0/24", "100.64.1.0/24");
    writeFileSync(join(checkout.project, "fleets", "pilot.ts"), wrong);
    expect(await checkout.run("trust", "init")).toBe(1);
    expect(checkout.errors).toContain("error: fleet pilot is not valid\n");
    expect(checkout.errors.match(/^ {2}- /gm)?.length).toBeGreaterThan(2);
    expect(existsSync(`${checkout.project}-home/trust`)).toBe(false);
  });
});

describe("the command line", () => {
  test("answers wrong use with code 1 and where to read on", async () => {
    const checkout = new Checkout();
    expect(await checkout.run("plan", "--nope")).toBe(1);
    expect(checkout.errors).toContain("unknown option '--nope'");
    expect(checkout.errors).toContain("see ./steppe plan --help");
    expect(await checkout.run("nothing")).toBe(1);
    expect(await checkout.run("plan", "--parallel", "0")).toBe(1);
    expect(checkout.errors).toContain("--parallel must be a whole number from 1");
  });

  test.each([
    [["trust"]],
    [["trust", "init"]],
    [["trust", "show"]],
    [["trust", "renew"]],
    [["trust", "auth-key"]],
    [["trust", "host-key"]],
    [["env"]],
    [["plan"]],
    [["apply"]],
    [["status"]],
    [["check"]],
    [["show"]],
    [["backend", "init"]],
  ])("%s --help has examples", async (command) => {
    const checkout = new Checkout();
    expect(await checkout.run(...command, "--help")).toBe(0);
    expect(checkout.text).toContain(`Examples:\n  $ ./steppe ${command.join(" ")}`);
  });
});

describe("printError", () => {
  const printed = (error: unknown, debug = false): string => {
    let text = "";
    printError(error, { out: () => undefined, err: (line) => void (text += `${line}\n`), terminal: false }, debug);
    return text;
  };

  test("prints message, problems and fixes of a known error without a stack trace", () => {
    const error = new UserError(
      "it cannot be",
      ["do this", "or that"],
      [{ path: "a.b", rule: "must be 1", got: 2, fix: "write 1" }],
    );
    expect(printed(error)).toBe("error: it cannot be\n  - a.b: must be 1, got 2; write 1\n  do this\n  or that\n");
    expect(
      printError(
        new UserError("interrupted", [], [], 130),
        { out: () => undefined, err: () => undefined, terminal: false },
        false,
      ),
    ).toBe(130);
  });

  test("keeps the stack trace of an unforeseen error for those who ask", () => {
    expect(printed(new TypeError("x is not a function"))).toBe(
      "error: x is not a function\n  this is a fault of Steppe; run again with STEPPE_DEBUG=1 for details\n",
    );
    expect(printed(new TypeError("x is not a function"), true)).toContain("cli.test.ts");
  });
});

describe("table", () => {
  test("is as wide as its content", () => {
    const output = { out: () => undefined, err: () => undefined, terminal: false };
    expect(
      table(
        output,
        ["a", "long head"],
        [
          ["value", "x"],
          ["v", "y"],
        ],
      ),
    ).toBe("a      long head\nvalue  x\nv      y");
  });
});

describe("./steppe", () => {
  test("says what to install", () => {
    const place = mkdtempSync(join(tmpdir(), "steppe-launch-"));
    roots.push(place);
    cpSync(join(projectDirectory, "steppe"), join(place, "steppe"));
    chmodSync(join(place, "steppe"), 0o755);
    const run = spawnSync(process.execPath, [join(place, "steppe"), "plan"], { encoding: "utf8", env: {} });
    expect(run.status).toBe(1);
    expect(run.stderr).toBe(`error: the packages of Steppe are not installed\n  run npm ci in ${place}\n`);
  });

  test("refuses an old Node", () => {
    const script = `Object.defineProperty(process.versions, "node", { value: "18.20.0" }); require(${JSON.stringify(join(projectDirectory, "steppe"))});`;
    const run = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("Node 20.12 or newer is needed");
  });

  test("runs from any directory, and through a link", () => {
    const place = mkdtempSync(join(tmpdir(), "steppe-launch-"));
    roots.push(place);
    symlinkSync(join(projectDirectory, "steppe"), join(place, "linked"));
    const run = spawnSync(join(place, "linked"), ["plan", "--fleet", "nope"], { encoding: "utf8", cwd: place });
    expect(run.stderr).toContain("error: there is no fleet nope");
    expect(run.status).toBe(1);
  });
});
