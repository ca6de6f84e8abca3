import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, describeInLab, nomad, operatorEnvironment, root, steppe } from "../helpers/lab";
import { terraform } from "../helpers/terraform";

jest.setTimeout(580_000);

const fleetText = (version: string): string => `
import type { Construct } from "constructs";
import { NomadJob } from "../../constructs/nomad/job";
import { setupFleet } from "../../__tests__/helpers/lab-setup";
import { scriptJob } from "../../__tests__/helpers/setup-jobs";

export const fleet = setupFleet();
export const workloads = {
  east: (scope: Construct) =>
    void new NomadJob(scope, "Api", {
      job: scriptJob("api", "exec sleep 100000", { nodePool: "general", type: "service", meta: { version: ${JSON.stringify(version)} } }),
    }),
};
`;

describeInLab("a change that is reviewed and applied", () => {
  const fixture = join(root, "dist", "fleets", "lab-review.ts");
  const outdir = join(root, "cdktf.out.lab-review");
  const place = mkdtempSync(join(tmpdir(), "steppe-reviewed-"));
  const at = (...parts: readonly string[]) => join(place, ...parts);
  let env: Record<string, string> = {};

  const fleetSays = (version: string) => writeFileSync(fixture, fleetText(version));
  const about = async (...args: readonly string[]) => await steppe([...args, "--fleet", fixture]);
  const succeed = async (...args: readonly string[]) => {
    const ran = await about(...args);
    expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
    return ran;
  };
  const version = async () => {
    const { out } = await nomad(env, "operator api /v1/job/api </dev/null");
    return (JSON.parse(out) as { Meta: Record<string, string> }).Meta["version"];
  };
  /** What the fleet synthesizes now, in a directory of its own. */
  const synthesizedInto = async (directory: string) => {
    await succeed("show", "jobs-east", "--json");
    cpSync(outdir, directory, { recursive: true, filter: (path) => !path.includes(".terraform") });
  };

  beforeAll(async () => {
    mkdirSync(join(fixture, ".."), { recursive: true });
    fleetSays("1");
    await steppe(["lab", "down"]);
    for (const args of [
      ["lab", "up"],
      ["apply", "--yes"],
    ]) {
      const { code, err } = await about(...args);
      if (code !== 0) throw new Error(err);
    }
    env = operatorEnvironment(fixture);
    await synthesizedInto(at("base"));
  });
  afterAll(async () => {
    rmSync(place, { recursive: true, force: true });
    rmSync(outdir, { recursive: true, force: true });
    const { code, err } = await steppe(["lab", "down"]);
    if (code !== 0) throw new Error(err);
  });

  test("is seen in Nomad, exactly as it was planned", async () => {
    expect(await version()).toBe("1");
    fleetSays("2");
    await synthesizedInto(at("head"));
    const synth = await succeed(
      "review",
      "--base-out",
      at("base"),
      "--head-out",
      at("head"),
      "--fail-on",
      "never",
      "--json",
    );
    expect(JSON.parse(synth.out)).toMatchObject({ changes: [{ stack: "lab-jobs-east", action: "update" }] });
    const { err } = await succeed("plan", "--out", at("plans"));
    expect(err).toContain("plan files can hold secrets");
    const planned = await succeed("review", at("plans"), "--base-out", at("base"), "--fail-on", "never", "--json");
    expect(JSON.parse(planned.out)).toMatchObject({
      source: "plan",
      drift: [],
      changes: [{ stack: "lab-jobs-east", action: "update" }],
      jobs: [{ job: "api", region: "east" }],
    });
    expect(await version()).toBe("1");
    const applied = await succeed("apply", at("plans"), "--yes", "--json");
    expect(JSON.parse(applied.out)).toMatchObject([{ stack: "lab-jobs-east", status: "changed" }]);
    expect(await version()).toBe("2");
    expect((await succeed("apply", at("plans"), "--yes")).out).toContain("nothing is left to apply");
  });

  test("is refused when the state has moved on, and when the code has", async () => {
    fleetSays("3");
    await succeed("plan", "--out", at("stale"));
    fleetSays("4");
    await succeed("apply", "jobs-east", "--yes");
    fleetSays("3");
    const state = await about("apply", at("stale"), "--yes");
    expect(state.code).toBe(1);
    expect(state.err).toMatch(/lab-jobs-east: its state has moved on: the plan was made on serial \d+/);
    fleetSays("5");
    await succeed("plan", "--out", at("reviewed"));
    fleetSays("6");
    const code = await about("apply", at("reviewed"), "--yes");
    expect(code.code).toBe(1);
    expect(code.err).toContain("lab-jobs-east: its code has moved on");
    expect(await version()).toBe("4");
  });

  test("is planned again without the plan file, and applied only where it does the same", async () => {
    rmSync(at("reviewed", "plan-files"), { recursive: true });
    const other = await about("plan", "--out", at("again"), "--expect", at("reviewed"));
    expect(other.code).toBe(3);
    expect(other.err).toContain("lab-jobs-east: nomad_job.Api");
    expect(existsSync(at("again"))).toBe(false);
    fleetSays("5");
    await succeed("plan", "--out", at("again"), "--expect", at("reviewed"));
    await succeed("apply", at("again"), "--yes");
    expect(await version()).toBe("5");
  });

  describe("that wants more than the base has", () => {
    const ran = at("ran");
    const mirror = at("mirror");
    const stack = "lab-jobs-east";

    /** A change of the base's documents. */
    const head = (name: string, change: (document: Record<string, Record<string, unknown>>) => void) => {
      cpSync(at("base"), at(name), { recursive: true });
      const path = at(name, "stacks", stack, "cdk.tf.json");
      const document = JSON.parse(readFileSync(path, "utf8")) as Record<string, Record<string, unknown>>;
      change(document);
      writeFileSync(path, JSON.stringify(document));
      return at(name);
    };
    const external = (document: Record<string, Record<string, unknown>>) => {
      document["terraform"]!["required_providers"] = { external: { source: "hashicorp/external", version: "2.3.5" } };
      document["data"] = { external: { spy: { program: ["touch", ran] } } };
    };
    const planned = async (directory: string) =>
      await steppe(
        [
          "plan",
          "jobs-east",
          "--synthesized",
          directory,
          "--base-out",
          at("base"),
          "--fleet",
          fixture,
          "--out",
          at("never"),
        ],
        { STEPPE_PROVIDERS: mirror },
      );

    beforeAll(() => {
      // A provider that leaves a trace as soon as Terraform starts it.
      const directory = join(mirror, "registry.terraform.io", "hashicorp", "external", "2.3.5", "linux_amd64");
      mkdirSync(directory, { recursive: true });
      const program = join(directory, "terraform-provider-external_v2.3.5");
      writeFileSync(program, `#!/bin/sh\ntouch ${ran}\nexit 1\n`);
      chmodSync(program, 0o755);
    });

    test("would run a program where nobody looks at it first", async () => {
      const directory = at("unguarded");
      mkdirSync(directory);
      const document = {
        terraform: { required_providers: { external: { source: "hashicorp/external", version: "2.3.5" } } },
        data: { external: { spy: { program: ["touch", ran] } } },
      };
      writeFileSync(join(directory, "main.tf.json"), JSON.stringify(document));
      writeFileSync(at("cli.tfrc"), `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`);
      const settings = { TF_CLI_CONFIG_FILE: at("cli.tfrc"), CHECKPOINT_DISABLE: "1" };
      const tool = terraform ?? "terraform";
      expect((await command([tool, `-chdir=${directory}`, "init", "-no-color"], settings)).code).toBe(0);
      await command([tool, `-chdir=${directory}`, "plan", "-no-color"], settings);
      expect(existsSync(ran)).toBe(true);
      rmSync(ran);
    });

    test.each<[string, (document: Record<string, Record<string, unknown>>) => void, string]>([
      ["an external data source", external, "data.external.spy: is a data source"],
      [
        "an unknown provider",
        (document) => {
          document["terraform"]!["required_providers"] = {
            ...(document["terraform"]!["required_providers"] as object),
            external: { source: "hashicorp/external", version: "2.3.5" },
          };
          document["provider"] = { ...document["provider"], external: {} };
        },
        "required_providers.external: is a provider that is not on the list",
      ],
      [
        "a provisioner",
        (document) => {
          const spy = { provisioner: [{ "local-exec": { command: `touch ${ran}` } }] };
          document["resource"]!["terraform_data"] = { ...(document["resource"]!["terraform_data"] as object), spy };
        },
        "terraform_data.spy: provisioner local-exec: runs a program",
      ],
      [
        "a file of the runner",
        (document) => {
          document["output"] = { spy: { value: '${file("/etc/hostname")}' } };
        },
        "calls file",
      ],
    ])("is stopped before any credential: %s", async (what, change, message) => {
      const { code, err } = await planned(head(what.replaceAll(" ", "-"), change));
      expect({ code, says: err.includes(message) }).toEqual({ code: 3, says: true });
      expect({ ran: existsSync(ran), saved: existsSync(at("never")) }).toEqual({ ran: false, saved: false });
      expect(await version()).toBe("5");
    });

    test("is planned where it is harmless, without running its code", async () => {
      fleetSays("7");
      await synthesizedInto(at("harmless"));
      const args = ["--synthesized", at("harmless"), "--base-out", at("base"), "--out", at("guarded")];
      await succeed("plan", ...args);
      await succeed("apply", at("guarded"), "--yes");
      expect(await version()).toBe("7");
    });
  });
});
