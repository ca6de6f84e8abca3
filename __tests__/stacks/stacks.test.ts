import { fleet as example } from "../../fleets/example";
import { fleet as lab, workloads } from "../../fleets/lab";
import type { Fleet } from "../../model/types";
import { smallFleet, spoil } from "../helpers/fleet";
import { publicTrustOf, type StackDocument, stackDependencies, synthesizeFleet } from "../helpers/synth";

/** Terraform keeps what these make, or are given, in its state. */
const SECRET_TYPES = [
  "nomad_acl_token",
  "nomad_variable",
  "tailscale_logstream_configuration",
  "tailscale_oauth_client",
  "tailscale_posture_integration",
  "tailscale_tailnet_key",
  "tailscale_webhook",
];

const labStacks = synthesizeFleet(lab, { workloads, trust: publicTrustOf(lab) });
const exampleStacks = synthesizeFleet(example);
const everyStack: [string, StackDocument][] = [...labStacks, ...exampleStacks];

const resources = (stack: StackDocument | undefined) =>
  Object.entries(stack?.resource ?? {}).flatMap(([type, byName]) =>
    Object.keys(byName).map((name) => `${type}.${name}`),
  );
const data = (stack: StackDocument | undefined) => stack?.resource?.["terraform_data"] ?? {};
const named = (stack: StackDocument | undefined, pattern: RegExp) =>
  Object.entries(data(stack)).filter(([name]) => pattern.test(name));

test("ids are the committed ones: a changed id destroys and makes a machine", () => {
  expect(Object.fromEntries(everyStack.map(([name, stack]) => [name, resources(stack)]))).toMatchSnapshot();
});

test("each stack depends on the row before it", () => {
  expect(stackDependencies(lab)).toEqual({
    "lab-tailnet": [],
    "lab-site-dc-east": ["lab-tailnet"],
    "lab-site-onprem": ["lab-tailnet"],
    "lab-site-dc-west": ["lab-tailnet"],
    "lab-site-edge-site": ["lab-tailnet"],
    "lab-control": ["lab-site-dc-east"],
    "lab-storage-east": ["lab-control"],
    "lab-storage-west": ["lab-control", "lab-site-dc-west"],
    "lab-jobs-east": ["lab-storage-east"],
    "lab-jobs-west": ["lab-storage-west"],
  });
});

describe.each(everyStack)("%s", (name, stack) => {
  const text = JSON.stringify(stack);

  test("reads no other stack's state", () => {
    expect(text).not.toContain("terraform_remote_state");
    expect(text).not.toContain("cross-stack");
    expect(stack).not.toHaveProperty("data");
  });

  test("keeps its state under a key of its own, locked, and without a path of this machine", () => {
    const s3 = {
      bucket: "example-steppe-state",
      region: "eu-central-1",
      key: `example/${name}.tfstate`,
      encrypt: true,
      use_lockfile: true,
    };
    expect(stack.terraform.backend).toEqual(
      name.startsWith("lab-") ? { local: { path: `../../../state/${name}.tfstate` } } : { s3 },
    );
    expect(text).not.toContain(process.cwd());
  });

  test("wants a Terraform that has ephemeral variables", () => {
    expect(stack.terraform).toHaveProperty("required_version", ">= 1.11.0");
  });

  test("takes secrets as ephemeral variables only, and writes them into uploads and write-only arguments alone", () => {
    for (const [, settings] of Object.entries(stack.variable ?? {}).filter(([id]) => id.startsWith("secrets_")))
      expect(settings).toMatchObject({ ephemeral: true, default: "" });
    const uses = [...text.matchAll(/var\.secrets_\w+/g)].length;
    const allowed = [
      ...text.matchAll(
        /"(?:content|secret_string_wo|secret_data_wo)":"\$\{var\.secrets_\w+\}"|"condition":"\$\{terraform\.applying \? !contains\(\[[^\]]*\], var\.secrets_\w+\)/g,
      ),
    ].length;
    expect(uses).toBe(allowed);
  });

  test("has no resource that would put a secret into its state", () => {
    const types = Object.keys(stack.resource ?? {});
    expect(types.filter((type) => SECRET_TYPES.includes(type))).toEqual([]);
    expect(text).not.toContain('"overwrite_existing_content"');
  });

  test("checks the host key of every machine that it logs in to, with keys from the agent", () => {
    const connections = [...text.matchAll(/"connection":(\{[^}]*\})/g)].map(
      ([, json]) => JSON.parse(json as string) as Record<string, unknown>,
    );
    for (const connection of connections)
      expect(connection).toMatchObject({ agent: "true", host_key: expect.stringMatching(/^ssh-/), type: "ssh" });
    expect(text).not.toContain("private_key");
  });
});

describe("tailnet stack", () => {
  const aclOf = (stack: StackDocument | undefined) => stack?.resource?.["tailscale_acl"]?.["Policy"]?.["acl"] as string;

  test("has comments in the policy, but not for headscale, which would forget them", () => {
    expect(aclOf(exampleStacks.get("example-tailnet"))).toMatch(/^\/\/ The policy of fleet example/);
    expect(JSON.parse(aclOf(labStacks.get("lab-tailnet")))).toHaveProperty("grants");
  });

  test("leaves DNS to headscale", () => {
    expect(Object.keys(labStacks.get("lab-tailnet")?.resource ?? {})).toEqual(["tailscale_acl"]);
    expect(labStacks.get("lab-tailnet")).not.toHaveProperty("removed");
  });
});

describe("site stack", () => {
  const site = labStacks.get("lab-site-dc-east");

  test("delivers to one server after the other", () => {
    const order = ["east-1", "east-2", "east-3"].map(
      (host) => named(site, new RegExp(`${host}_Delivery`))[0] as [string, Record<string, unknown>],
    );
    const [first, second, third] = order.map(([name]) => `terraform_data.${name}`);
    expect(order[1]?.[1]["depends_on"]).toContain(first);
    expect(order[2]?.[1]["depends_on"]).toContain(second);
    expect(order[0]?.[1]["depends_on"]).not.toContain(third);
  });

  test("tells only the last server to wait for the quorum", () => {
    const commands = named(site, /east-\d_Delivery/).map(
      ([, { provisioner }]) => JSON.stringify(provisioner).match(/incoming\/bundle (east-\d \w+)/)?.[1],
    );
    expect(commands).toEqual(["east-1 more", "east-2 more", "east-3 last"]);
  });

  test("has no destroy provisioner: replacements would run them all first", () => {
    expect(JSON.stringify(site)).not.toContain('"when"');
  });

  test("shows in a plan which files of a bundle change", () => {
    const [, delivery] = named(site, /east-1_Delivery/)[0] as [string, { triggers_replace: Record<string, string> }];
    expect(delivery.triggers_replace).toMatchObject({
      "/etc/nomad.d/steppe.json": expect.stringMatching(/^[0-9a-f]{16}$/),
      trust: "generation 1",
    });
  });
});

describe("a third region", () => {
  const grown: Fleet = {
    ...lab,
    sites: {
      ...lab.sites,
      "dc-north": {
        platform: "onprem",
        networks: ["10.61.5.0/24"],
        hosts: { "north-1": { address: "10.61.5.11" } },
        install: { kind: "image" },
        dataDirectory: "/srv/data",
      },
    },
    regions: { ...lab.regions, north: { site: "dc-north", servers: { hosts: ["north-1"] } } },
  };
  const after = synthesizeFleet(grown, { workloads, trust: publicTrustOf(grown) });

  test("keeps every machine and changes only deliveries to servers", () => {
    const unchanged = ["lab-site-onprem", "lab-site-edge-site"];
    for (const [name, before] of labStacks) {
      const now = after.get(name);
      expect(resources(now)).toEqual(resources(before));
      const changed = Object.keys(data(before)).filter(
        (id) => JSON.stringify(data(before)[id]) !== JSON.stringify(data(now)[id]),
      );
      const allowed = unchanged.includes(name) ? /^$/ : /_Delivery_|_Secrets_/;
      expect({ name, changed: changed.filter((id) => !allowed.test(id)) }).toEqual({ name, changed: [] });
    }
  });
});

describe("retirement", () => {
  const fleet = smallFleet();
  fleet.pools.gpu = { ...fleet.pools["gpu"]!, hosts: ["n-gpu", "n-gpu-2"] };
  const north = fleet.sites["north"];
  if (north?.platform === "onprem") north.hosts["n-gpu-2"] = { address: "10.1.0.22", hostKey: "ssh-ed25519 AAAA" };
  const of = (retired: object) =>
    synthesizeFleet(spoil(fleet, "sites.north.hosts.n-gpu.retired", retired)).get("small-site-north");

  test("stops and removes the agent, keeps the data, and delivers no more", () => {
    const stack = of({ reason: "too old" });
    expect(named(stack, /n-gpu_Delivery/)).toEqual([]);
    const [, retirement] = named(stack, /n-gpu_Retirement/)[0] as [string, Record<string, unknown>];
    expect(retirement["input"]).toEqual({ host: "n-gpu", reason: "too old" });
    expect(JSON.stringify(retirement["provisioner"])).toContain("/usr/local/lib/steppe/remove keep-data");
  });

  test("deletes data only when told to", () => {
    expect(JSON.stringify(of({ reason: "sold", keepData: false }))).toContain(
      "/usr/local/lib/steppe/remove delete-data",
    );
  });
});

test("an on-prem machine whose host key is unknown cannot be logged in to", () => {
  const stacks = synthesizeFleet(lab, { workloads });
  expect(JSON.stringify(stacks.get("lab-site-onprem"))).toContain('"host_key":"ssh-ed25519 unknown"');
});
