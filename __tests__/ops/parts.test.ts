import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { UserError } from "../../ops/errors";
import { healthyServer, nomadRequests, serverAddresses } from "../../ops/nomad-api";
import { findMirror, providerAvailable, satisfiesConstraint, writeCliConfig } from "../../ops/terraform/providers";
import { removalProblems } from "../../ops/terraform/removal";
import { inDependencyOrder } from "../../ops/terraform/schedule";
import { readStacks, selectStacks, type Stack } from "../../ops/terraform/stack";
import { findTerraform } from "../../ops/terraform/tool";
import { spec, values, Workplace } from "./synthetic";

describe("findTerraform", () => {
  function tools(versions: Readonly<Record<string, string>>): Record<string, string> {
    const place = new Workplace();
    mkdirSync(place.path("bin"));
    for (const [name, version] of Object.entries(versions)) {
      const path = place.path("bin", name);
      writeFileSync(path, `#!/bin/sh\necho '{"terraform_version":"${version}"}'\n`);
      chmodSync(path, 0o755);
    }
    return { PATH: `${place.path("bin")}:/usr/bin:/bin`, HOME: place.project };
  }

  test("takes terraform first, and tofu where terraform is too old", () => {
    expect(findTerraform(tools({ terraform: "1.11.0", tofu: "1.12.6" }))).toEqual({
      command: "terraform",
      version: "1.11.0",
    });
    expect(findTerraform(tools({ terraform: "1.10.5", tofu: "1.12.6" }))).toEqual({
      command: "tofu",
      version: "1.12.6",
    });
  });

  test("says what it found where nothing is new enough", () => {
    expect(() => findTerraform(tools({ terraform: "1.10.5" }))).toThrow(
      "Terraform 1.11.0 or newer, or OpenTofu, is needed: terraform is 1.10.5, tofu not found",
    );
    expect(() => findTerraform(tools({}))).toThrow("terraform not found, tofu not found");
  });

  test("takes nothing else when STEPPE_TERRAFORM is set", () => {
    const env = { ...tools({ terraform: "1.11.4" }), STEPPE_TERRAFORM: "/no/such/terraform" };
    expect(() => findTerraform(env)).toThrow(
      "STEPPE_TERRAFORM names no Terraform 1.11.0 or newer: /no/such/terraform not found",
    );
  });
});

describe("readStacks", () => {
  test("puts every stack after those that it depends on", () => {
    const stacks = new Workplace().stacks({ "f-c": { after: ["f-b"] }, "f-b": { after: ["f-a"] }, "f-a": {} });
    expect(stacks.map(({ name }) => name)).toEqual(["f-a", "f-b", "f-c"]);
  });

  test("reads variables, providers, backend, Nomad region and logins", () => {
    const [stack] = new Workplace().stacks({
      "f-a": {
        secrets: ["secrets_server_east"],
        document: {
          variable: { secrets_server_east: { ephemeral: true }, nomad_address: { default: "x" }, secrets_plain: {} },
          provider: { nomad: [{ region: "east", address: "${var.nomad_address}" }] },
        },
        terraform: { required_providers: { nomad: { source: "hashicorp/nomad", version: "2.5.2" } } },
        resource: {
          terraform_data: {
            host: {
              provisioner: [
                { file: { connection: { type: "ssh", host: "10.0.0.1", host_key: "k", agent: true } } },
                { "remote-exec": { when: "destroy", connection: { host: "10.0.0.1", port: 2222 } } },
                { "remote-exec": { connection: { host: "${self.input.host}" } } },
              ],
            },
          },
        },
      },
    });
    expect(stack).toMatchObject({
      variables: ["secrets_server_east", "nomad_address", "secrets_plain"],
      secretVariables: ["secrets_server_east"],
      providers: { nomad: { source: "registry.terraform.io/hashicorp/nomad", version: "2.5.2" } },
      backend: { kind: "local", path: expect.stringMatching(/\/state\/f-a\.tfstate$/) },
      nomadRegion: "east",
      connections: [
        { resource: "terraform_data.host", host: "10.0.0.1", port: 22, hostKey: "k", agent: true, onDestroy: false },
        { resource: "terraform_data.host", host: "10.0.0.1", port: 2222, agent: true, onDestroy: true },
      ],
    });
  });

  test("says that nothing was synthesized, and that stacks depend on each other", () => {
    expect(() => readStacks("/no/such/place")).toThrow("nothing was synthesized");
    expect(() => new Workplace().stacks({ "f-a": { after: ["f-b"] }, "f-b": { after: ["f-a"] } })).toThrow(
      "stacks depend on each other: f-a -> f-b -> f-a",
    );
  });
});

describe("selectStacks", () => {
  const stacks = new Workplace().stacks({ "f-a": {}, "f-b": { after: ["f-a"] } });

  test("knows names with and without the fleet's, and keeps the order", () => {
    expect(selectStacks(stacks, "f", ["b", "f-a"]).map(({ name }) => name)).toEqual(["f-a", "f-b"]);
    expect(selectStacks(stacks, "f", [])).toHaveLength(2);
  });

  test("lists what there is", () => {
    expect(() => selectStacks(stacks, "f", ["c", "d"])).toThrow('fleet f has no stack "c", "d"');
  });
});

describe("providers", () => {
  const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

  function mirror(place: Workplace, ...parts: string[]): string {
    const directory = place.path(...parts);
    mkdirSync(`${directory}/registry.terraform.io/acme/unpacked/2.5.2/${platform}`, { recursive: true });
    mkdirSync(`${directory}/registry.terraform.io/acme/packed`, { recursive: true });
    writeFileSync(`${directory}/registry.terraform.io/acme/packed/terraform-provider-packed_1.2.3_${platform}.zip`, "");
    writeFileSync(`${directory}/registry.terraform.io/acme/packed/terraform-provider-packed_9.9.9_plan9_mips.zip`, "");
    return directory;
  }

  test("are found where Terraform would look and where the user says, unpacked and packed", async () => {
    const place = new Workplace();
    const directory = mirror(place, ".terraform.d", "plugins");
    const env = { HOME: place.project };
    expect(findMirror("acme/unpacked", env)).toEqual({
      source: "registry.terraform.io/acme/unpacked",
      directory,
      versions: ["2.5.2"],
    });
    expect(findMirror("acme/packed", env)?.versions).toEqual(["1.2.3"]);
    expect(findMirror("acme/absent", env)).toBeUndefined();
    const named = mirror(place, "named");
    expect(findMirror("acme/unpacked", { ...env, STEPPE_PROVIDERS: named })?.directory).toBe(named);
    await expect(providerAvailable("acme/unpacked", env)).resolves.toBe("mirror");
  });

  test("do not count in a version that the stack does not want", () => {
    const place = new Workplace();
    mirror(place, ".terraform.d", "plugins");
    expect(findMirror("acme/unpacked", { HOME: place.project }, "~> 2.4")).toBeDefined();
    expect(findMirror("acme/unpacked", { HOME: place.project }, "~> 2.6")).toBeUndefined();
  });

  test.each([
    ["2.5.2", "2.5.2", true],
    ["2.5.3", "2.5.2", false],
    ["2.9.0", "~> 2.5", true],
    ["3.0.0", "~> 2.5", false],
    ["2.5.9", "~> 2.5.2", true],
    ["2.6.0", "~> 2.5.2", false],
    ["2.5.1", "~> 2.5.2", false],
    ["2.5.2", ">= 2.0, < 3.0", true],
    ["3.0.0", ">= 2.0, < 3.0", false],
    ["2.5.2", "!= 2.5.2", false],
  ])("version %s under constraint %s: %s", (version, constraint, expected) => {
    expect(satisfiesConstraint(version, constraint)).toBe(expected);
  });

  test("are installed from the mirror, all others directly, and the user's configuration stays", () => {
    const place = new Workplace();
    const directory = mirror(place, ".terraform.d", "plugins");
    writeFileSync(place.path(".terraformrc"), 'plugin_cache_dir = "/cache"\n');
    const stacks = place.stacks({
      "f-a": {
        terraform: {
          required_providers: {
            unpacked: { source: "acme/unpacked", version: "2.5.2" },
            aws: { source: "hashicorp/none" },
          },
        },
      },
    });
    const path = writeCliConfig(stacks, { HOME: place.project }, place.path("cache"));
    expect(readFileSync(path, "utf8")).toBe(
      [
        'plugin_cache_dir = "/cache"',
        "",
        "provider_installation {",
        "  filesystem_mirror {",
        `    path    = "${directory}"`,
        '    include = ["registry.terraform.io/acme/unpacked"]',
        "  }",
        "  direct {",
        '    exclude = ["registry.terraform.io/acme/unpacked"]',
        "  }",
        "}",
        "",
      ].join("\n"),
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
    writeFileSync(place.path(".terraformrc"), "provider_installation {\n  direct {}\n}\n");
    expect(writeCliConfig(stacks, { HOME: place.project }, place.path("cache"))).toBe(place.path(".terraformrc"));
  });
});

describe("removalProblems", () => {
  test("sees states without a stack, but neither empty ones nor another fleet's", () => {
    const place = new Workplace();
    const stacks = place.stacks({ "lab-tailnet": { resource: values("a") } });
    mkdirSync(place.path("state"));
    const state = (name: string, instances: number): void =>
      writeFileSync(
        place.path("state", `${name}.tfstate`),
        JSON.stringify({ serial: 3, resources: [{ mode: "managed", instances: Array(instances).fill({}) }] }),
      );
    state("lab-site-gone", 2);
    state("lab-site-empty", 0);
    state("lab-two-tailnet", 1);
    state("other-tailnet", 1);
    state("lab-tailnet", 1);
    expect(removalProblems(stacks, "lab").map(({ path, rule }) => `${path} ${rule}`)).toEqual([
      "lab-site-gone is no longer in the data but has state (2 resources)",
    ]);
  });
});

describe("removalProblems of machines", () => {
  const machine = (host: string, address = `${host}_Machine_0123ABCD`) => ({
    mode: "managed",
    type: "terraform_data",
    name: `Machines_${address}`,
    instances: [{ attributes: { input: { type: [], value: { host, address: "10.1.0.1", identity: "server-east" } } } }],
  });
  const found = (resource: object, state: object) => {
    const place = new Workplace();
    const stacks = place.stacks({ "lab-site-a": { resource: { terraform_data: resource } } });
    mkdirSync(place.path("state"));
    writeFileSync(place.path("state", "lab-site-a.tfstate"), JSON.stringify(state));
    return removalProblems(stacks, "lab");
  };
  const kept = { "Machines_a-1_Machine_0123ABCD": { input: { host: "a-1", address: "10.1.0.1" } } };

  test("sees one that left the data while its stack stays", () => {
    expect(found(kept, { resources: [machine("a-1"), machine("a-2")] })).toEqual([
      {
        path: "lab-site-a: a-2",
        rule: "is no longer in the data but its stack has it",
        fix: "put it back with retired: { reason }, apply, then delete the line",
      },
    ]);
  });

  test("sees the last one of a stack", () => {
    expect(found({}, { resources: [machine("a-1")] })).toHaveLength(1);
  });

  test("lets one go that retires", () => {
    const retiring = { "Machines_a-2_Retirement_0123ABCD": { input: { host: "a-2", reason: "too old" } } };
    expect(found({ ...kept, ...retiring }, { resources: [machine("a-1"), machine("a-2")] })).toEqual([]);
  });

  test("does not take the record of a retirement for a machine", () => {
    const retired = machine("a-2", "a-2_Retirement_0123ABCD");
    expect(found(kept, { resources: [machine("a-1"), retired] })).toEqual([]);
  });

  test("sees one whose retirement failed", () => {
    const [instance] = machine("a-2").instances;
    const failed = { ...machine("a-2", "a-2_Retirement_0123ABCD"), instances: [{ ...instance, status: "tainted" }] };
    expect(found(kept, { resources: [failed] })).toHaveLength(1);
  });

  test("copes with a state that is empty or holds nothing of a machine", () => {
    expect(found(kept, {})).toEqual([]);
    expect(found(kept, { resources: [{ ...machine("a-2"), instances: [{ attributes: { input: null } }] }] })).toEqual(
      [],
    );
  });
});

describe("inDependencyOrder", () => {
  test("keeps to the limit, and begins nothing after a failure", async () => {
    const stacks = new Workplace().stacks(Object.fromEntries(["a", "b", "c", "d"].map((name) => [`f-${name}`, {}])));
    let running = 0;
    let most = 0;
    const work = async (stack: Stack): Promise<string> => {
      most = Math.max(most, ++running);
      await new Promise((done) => setTimeout(done, 10));
      running--;
      if (stack.name === "f-b") throw new UserError("no");
      return stack.name;
    };
    const options = { parallel: 2, stopped: () => false, onWaiting: () => undefined };
    const outcomes = [...(await inDependencyOrder(stacks, work, options)).values()].map(({ kind }) => kind);
    expect(most).toBe(2);
    // The third may have taken the place of the first before the second failed.
    expect(outcomes.filter((_kind, index) => index !== 2)).toEqual(["done", "failed", "not-begun"]);
    const all = await inDependencyOrder(stacks, work, { ...options, ordered: false });
    expect([...all.values()].map(({ kind }) => kind)).toEqual(["done", "failed", "done", "done"]);
  });
});

describe("nomad API", () => {
  test("says of each server why it cannot be asked", async () => {
    const place = new Workplace();
    const access = { trust: await place.trust(), spec, prefix: [], env: process.env };
    expect(serverAddresses(spec, "east")).toEqual(["https://e1.steppe.test:4646"]);
    const [answer] = await nomadRequests(access, ["https://127.0.0.1:1/v1/status/leader"]);
    expect(answer).toEqual({ status: 0, failure: expect.stringContaining("ECONNREFUSED") });
    await expect(healthyServer(access, "east")).resolves.toEqual({
      failures: [expect.stringMatching(/^e1\.steppe\.test: /)],
    });
    await expect(healthyServer(access, "north")).resolves.toEqual({
      failures: ["fleet lab has no servers in region north"],
    });
    expect(existsSync(place.path("state"))).toBe(false);
  });
});
