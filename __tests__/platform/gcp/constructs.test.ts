import { script } from "../../../constructs/machine/bundle-file";
import type { GcpStartup } from "../../../constructs/platform/gcp/startup";
import { type Attributes, everyResource, ofType, theOnly, trustOf } from "../../helpers/aws";
import { gcpFleet, spoil } from "../../helpers/fleet";
import { gcpFleets, gcpStack, recordedStartup } from "../../helpers/gcp";
import type { StackDocument } from "../../helpers/synth";

const fleets = gcpFleets();
const stacks = {
  default: gcpStack(fleets.default, { trust: trustOf(3) }),
  everything: gcpStack(fleets.everything, { trust: trustOf(3) }),
  existing: gcpStack(fleets.existing),
};
const spoilt = (path: string, value: unknown) => gcpStack(spoil(gcpFleet(), path, value));
const POOLS = ["h100", "l4", "t4", "batch", "arm"];
const SERVERS = [1, 2, 3].map((n) => `small-cloud-${n}`);

const types = ({ resource = {} }: StackDocument) => Object.keys(resource);
const each = (stack: StackDocument, type: string): readonly Attributes[] => {
  const found = Object.values(ofType(stack, type));
  expect(found.length).toBeGreaterThan(0);
  return found;
};
/** Servers and what machines of pools are made from. */
const machines = (stack: StackDocument) => ({
  ...ofType(stack, "google_compute_instance"),
  ...ofType(stack, "google_compute_region_instance_template"),
});
const template = (stack: StackDocument, pool: string): Attributes =>
  ofType(stack, "google_compute_region_instance_template")[`Pools_${pool}_Template`] as Attributes;
const group = (stack: StackDocument, pool: string): Attributes =>
  ofType(stack, "google_compute_region_instance_group_manager")[`Pools_${pool}`] as Attributes;

describe.each(Object.entries(stacks))("exposure, site %s", (name, stack) => {
  test("from anywhere the tailnet's port alone, before what an existing network lets in", () => {
    const rules = ofType(stack, "google_compute_firewall");
    expect(rules).toEqual({
      Network_Machines_Tailnet: expect.objectContaining({
        priority: 900,
        direction: "INGRESS",
        source_ranges: ["0.0.0.0/0"],
        target_tags: ["small-cloud"],
        allow: [{ protocol: "udp", ports: ["41641"] }],
      }) as unknown,
      Network_Machines_Closed: expect.objectContaining({
        priority: 1000,
        direction: "INGRESS",
        source_ranges: ["0.0.0.0/0"],
        target_tags: ["small-cloud"],
        deny: [{ protocol: "all" }],
      }) as unknown,
    });
    expect(each(stack, "google_compute_firewall").filter(({ allow }) => allow !== undefined)).toHaveLength(1);
  });

  test("holds for every machine", () => {
    const tags = Object.values(machines(stack)).map((machine) => machine["tags"]);
    expect(tags).toEqual(Array(SERVERS.length + POOLS.length).fill(["small-cloud"]));
  });

  test("external addresses where they are the way out, and none elsewhere", () => {
    const cards = Object.values(machines(stack)).map(({ network_interface }) => (network_interface as Attributes[])[0]);
    const access = name === "default" ? [{ network_tier: "PREMIUM" }] : undefined;
    expect(cards.map((card) => card?.["access_config"])).toEqual(Array(8).fill(access));
    expect(new Set(cards.map((card) => card?.["stack_type"]))).toEqual(new Set(["IPV4_ONLY"]));
  });

  test("nothing is asked of Google at plan time", () => {
    expect(stack["data"]).toBeUndefined();
  });

  test("Shielded VM: signed, measured and watched; modules for GPUs are not signed", () => {
    const secureBoot = Object.fromEntries(
      Object.entries(machines(stack)).map(([id, { shielded_instance_config: shielded }]) => {
        const { enable_secure_boot, enable_vtpm, enable_integrity_monitoring } = shielded as Attributes;
        expect([enable_vtpm, enable_integrity_monitoring]).toEqual([true, true]);
        return [id, enable_secure_boot];
      }),
    );
    expect(secureBoot).toEqual({
      ...Object.fromEntries(SERVERS.map((server) => [`Servers-cloud_${server}_Machine`, true])),
      ...Object.fromEntries(POOLS.map((pool) => [`Pools_${pool}_Template`, pool === "batch" || pool === "arm"])),
    });
  });

  test("neither the project's keys nor the serial console let anybody in, and OS Login is a choice", () => {
    for (const { metadata } of Object.values(machines(stack)))
      expect(metadata).toEqual({
        "startup-script": expect.any(String) as string,
        "block-project-ssh-keys": "TRUE",
        "serial-port-enable": "FALSE",
        "enable-oslogin": name === "everything" ? "TRUE" : "FALSE",
      });
  });

  test("machines may read their own secret, and nothing else", () => {
    expect(types(stack).filter((type) => /iam/.test(type))).toEqual(["google_secret_manager_secret_iam_member"]);
    const members = ofType(stack, "google_secret_manager_secret_iam_member");
    const own = (identity: string) => ({
      project: "acme-fleet",
      role: "roles/secretmanager.secretAccessor",
      secret_id: expect.stringMatching(
        new RegExp(`^\\$\\{google_secret_manager_secret\\.Machines_Secrets_${identity}_Secret_\\w+\\.secret_id\\}$`),
      ) as unknown,
    });
    const account = (of: string) => ({
      member: expect.stringMatching(
        new RegExp(`^\\$\\{google_service_account\\.Machines_${of}_Account_\\w+\\.member\\}$`),
      ) as unknown,
    });
    expect(Object.keys(members)).toHaveLength(6);
    expect(members["Servers-cloud_Account_own-secret"]).toMatchObject({
      ...own("server-cloud"),
      ...account("Servers-cloud"),
    });
    for (const pool of POOLS)
      expect(members[`Pools_${pool}_Account_own-secret`]).toMatchObject({
        ...own(`client-${pool}`),
        ...account(`Pools_${pool}`),
      });
  });

  test("each machine is the account of its identity, which may have been made before it", () => {
    for (const account of each(stack, "google_service_account"))
      expect(account["create_ignore_already_exists"]).toBe(true);
    for (const [id, { service_account }] of Object.entries(machines(stack)))
      expect(service_account).toEqual({
        email: expect.stringContaining(
          `google_service_account.Machines_${id.split("_")[0] === "Pools" ? id.replace(/_Template$/, "") : "Servers-cloud"}_Account_`,
        ) as unknown,
        scopes: ["cloud-platform"],
      });
  });

  test("everything is in the site's project, but for rules of another's network", () => {
    // A version is where its secret is.
    const placed = everyResource([stack]).filter(({ type }) => /^google_(?!secret_manager_secret_version)/.test(type));
    const elsewhere = placed.filter(({ attributes }) => attributes["project"] !== "acme-fleet");
    expect(elsewhere.map(({ type, attributes }) => [type, attributes["project"]])).toEqual(
      name === "existing" ? Array(2).fill(["google_compute_firewall", "acme-network"]) : [],
    );
  });

  test("what can have labels has the site's", () => {
    const labelled = [
      ...["google_compute_instance", "google_compute_disk", "google_compute_region_instance_template"],
      "google_secret_manager_secret",
    ].flatMap((type) => each(stack, type));
    const disks = [
      ...each(stack, "google_compute_instance").map(
        ({ boot_disk }) => (boot_disk as { initialize_params: Attributes }).initialize_params,
      ),
      ...each(stack, "google_compute_region_instance_template").map(({ disk }) => (disk as Attributes[])[0]),
    ];
    expect(labelled.length + disks.length).toBe(3 + 3 + 5 + 6 + 8);
    for (const of of [...labelled, ...disks])
      expect(of?.["labels"]).toMatchObject({
        "steppe-fleet": "small",
        "steppe-site": "cloud",
        team: "platform",
      });
  });
});

describe("GcpNetwork", () => {
  test("makes a network and one subnet for all zones", () => {
    expect(theOnly(stacks.default, "google_compute_network")).toMatchObject({
      name: "small-cloud",
      auto_create_subnetworks: false,
      routing_mode: "REGIONAL",
    });
    const subnet = theOnly(stacks.default, "google_compute_subnetwork");
    expect(subnet).toMatchObject({
      name: "small-cloud",
      region: "europe-west4",
      ip_cidr_range: "10.6.0.0/20",
      private_ip_google_access: true,
    });
    expect(subnet["log_config"]).toBeUndefined();
    expect(types(stacks.default).filter((type) => /router|nat|address/.test(type))).toEqual([]);
  });

  test("NAT: for this subnet alone, with one port of a machine for all destinations", () => {
    const nat = theOnly(stacks.everything, "google_compute_router_nat");
    expect(nat).toMatchObject({
      nat_ip_allocate_option: "AUTO_ONLY",
      source_subnetwork_ip_ranges_to_nat: "LIST_OF_SUBNETWORKS",
      enable_endpoint_independent_mapping: true,
      enable_dynamic_port_allocation: false,
      min_ports_per_vm: 1024,
    });
    const [subnet] = nat["subnetwork"] as Attributes[];
    expect(subnet?.["name"]).toContain("google_compute_subnetwork.Machines_Network_Subnet_");
    for (const machine of each(stacks.everything, "google_compute_instance"))
      expect(machine["depends_on"]).toContainEqual(expect.stringContaining("google_compute_router_nat."));
  });

  test("flow logs and Private Google Access are settings of the subnet", () => {
    expect(theOnly(stacks.everything, "google_compute_subnetwork")["log_config"]).toEqual({
      flow_sampling: 0.1,
      aggregation_interval: "INTERVAL_10_MIN",
      metadata: "INCLUDE_ALL_METADATA",
    });
    const closed = spoilt("sites.cloud.privateGoogleAccess", false);
    expect(theOnly(closed, "google_compute_subnetwork")["private_ip_google_access"]).toBe(false);
  });

  test("an existing network is left as it is", () => {
    const made = everyResource([stacks.existing]).filter(({ id }) => id.startsWith("Machines_Network"));
    expect(made.map(({ type }) => type)).toEqual(["google_compute_firewall", "google_compute_firewall"]);
    const cards = Object.values(machines(stacks.existing)).map(
      ({ network_interface }) => (network_interface as Attributes[])[0],
    );
    expect(new Set(cards.map((card) => card?.["subnetwork"]))).toEqual(
      new Set(["projects/acme-network/regions/europe-west4/subnetworks/fleet"]),
    );
  });
});

describe("GcpServers", () => {
  const servers = ofType(stacks.default, "google_compute_instance");

  test("have stable names, a zone each, and leave image, script and type alone", () => {
    expect(Object.keys(servers)).toEqual(SERVERS.map((server) => `Servers-cloud_${server}_Machine`));
    expect(servers["Servers-cloud_small-cloud-2_Machine"]).toMatchObject({
      name: "small-cloud-2",
      zone: "europe-west4-b",
      machine_type: "n2-standard-2",
      allow_stopping_for_update: false,
      scheduling: { provisioning_model: "STANDARD", automatic_restart: true, on_host_maintenance: "MIGRATE" },
      boot_disk: {
        initialize_params: {
          image: "projects/debian-cloud/global/images/debian-12-bookworm-v20250610",
          type: "pd-balanced",
        },
      },
      lifecycle: {
        ignore_changes: ["boot_disk[0].initialize_params", 'metadata["startup-script"]', "machine_type"],
      },
      labels: { "steppe-role": "server", "steppe-region": "cloud" },
    });
  });

  test("run what they are given, by name", () => {
    const { metadata } = servers["Servers-cloud_small-cloud-2_Machine"] as { metadata: Attributes };
    expect(metadata["startup-script"]).toBe('small/cloud: {"host":"small-cloud-2","generation":3}');
  });

  test("of ARM take the image of their architecture, and disks that it takes", () => {
    const arm = { count: 3, machineType: "c4a-standard-2", architecture: "arm64" };
    const stack = spoilt("regions.cloud.servers", arm);
    for (const { boot_disk } of each(stack, "google_compute_instance"))
      expect(boot_disk).toMatchObject({
        initialize_params: {
          image: "projects/debian-cloud/global/images/debian-12-bookworm-arm64-v20250610",
          type: "hyperdisk-balanced",
        },
      });
    expect(each(stack, "google_compute_disk").map(({ type }) => type)).toEqual(Array(3).fill("hyperdisk-balanced"));
  });

  test("stay in the zones that the fleet names, whatever zones the site gets", () => {
    const zones = ["b", "c", "b"].map((zone) => `europe-west4-${zone}`);
    const stack = spoilt("regions.cloud.servers.zones", zones);
    expect(each(stack, "google_compute_disk").map(({ zone }) => zone)).toEqual(zones);
    expect(each(stack, "google_compute_instance").map(({ zone }) => zone)).toEqual(zones);
  });

  test("have a data disk that survives them, under a name that stays, and a snapshot that survives it", () => {
    for (const disk of each(stacks.default, "google_compute_disk"))
      expect(disk).toMatchObject({
        name: expect.stringMatching(/^small-cloud-\d-data$/) as unknown,
        size: 40,
        type: "pd-balanced",
        create_snapshot_before_destroy: true,
        create_snapshot_before_destroy_prefix: disk["name"],
        lifecycle: { prevent_destroy: true },
      });
    for (const [id, { attached_disk }] of Object.entries(servers))
      expect(attached_disk).toEqual([
        {
          device_name: "steppe-data",
          mode: "READ_WRITE",
          source: expect.stringContaining(
            `google_compute_disk.Machines_${id.replace("_Machine", "_Data")}_`,
          ) as unknown,
        },
      ]);
  });

  test("leave a snapshot under a name that the provider takes, however long theirs is", () => {
    const region = "a-region-with-a-name-this-long";
    const { cloud, ...others } = gcpFleet().regions;
    const fleet = spoil(spoil(gcpFleet(), "name", "a-fleet-as-well"), "regions", { ...others, [region]: cloud });
    for (const pool of Object.values(fleet.pools)) if (pool.region === "cloud") Object.assign(pool, { region });
    const [disk] = each(gcpStack(fleet), "google_compute_disk");
    const prefix = disk?.["create_snapshot_before_destroy_prefix"] as string;
    expect(disk?.["name"]).toBe(`a-fleet-as-well-${region}-1-data`);
    expect(prefix).toMatch(/^a-fleet-as-well-a-region-with-a-name-th-[0-9a-f]{8}$/);
    expect(prefix).toHaveLength(48);
  });

  test("that are disposable lose their data with the stack", () => {
    const disks = each(stacks.everything, "google_compute_disk");
    expect(disks.map((disk) => [disk["create_snapshot_before_destroy"], disk["lifecycle"]])).toEqual(
      Array(3).fill([false, undefined]),
    );
  });

  test.each([
    [undefined, ["google_compute_disk"]],
    [true, ["google_compute_disk"]],
    [false, []],
  ])("that are retired leave their data: keepData %s", (keepData, left) => {
    const stack = spoilt("regions.cloud.retired", { reason: "moved", ...(keepData === undefined ? {} : { keepData }) });
    const made = ["google_compute_instance", "google_compute_disk"];
    expect(made.filter((type) => Object.keys(ofType(stack, type)).length > 0)).toEqual(left);
  });
});

describe("GcpPools", () => {
  test("of every kind are moved, restarted or given up as Google can", () => {
    const standard = { provisioning_model: "STANDARD", automatic_restart: true };
    const spot = {
      provisioning_model: "SPOT",
      preemptible: true,
      automatic_restart: false,
      on_host_maintenance: "TERMINATE",
      instance_termination_action: "STOP",
    };
    expect(Object.fromEntries(POOLS.map((pool) => [pool, template(stacks.default, pool)["scheduling"]]))).toEqual({
      h100: { ...standard, on_host_maintenance: "TERMINATE" },
      l4: spot,
      t4: { ...standard, on_host_maintenance: "TERMINATE" },
      batch: spot,
      arm: { ...standard, on_host_maintenance: "MIGRATE" },
    });
  });

  test("get GPUs beside their type where the type brings none", () => {
    expect(POOLS.map((pool) => template(stacks.default, pool)["guest_accelerator"])).toEqual([
      undefined,
      undefined,
      [{ type: "nvidia-tesla-t4", count: 2 }],
      undefined,
      undefined,
    ]);
  });

  test("take the image and disk of their architecture and type, or their own", () => {
    const disk = (pool: string) => (template(stacks.default, pool)["disk"] as Attributes[])[0];
    expect(disk("arm")).toMatchObject({
      source_image: "projects/debian-cloud/global/images/debian-12-bookworm-arm64-v20250610",
      disk_type: "hyperdisk-balanced",
      disk_size_gb: 100,
      boot: true,
      auto_delete: true,
    });
    expect(disk("h100")).toMatchObject({
      source_image: "projects/acme-images/global/images/gpu-20250610",
      disk_type: "pd-balanced",
    });
    const own = template(spoilt("pools.arm.rootVolumeGiB", 200), "arm");
    expect(own["disk"]).toMatchObject([{ disk_size_gb: 200 }]);
  });

  test("take another template before they leave this one", () => {
    expect(template(stacks.default, "l4")).toMatchObject({
      name_prefix: "small-l4-",
      lifecycle: { create_before_destroy: true },
    });
    expect(group(stacks.default, "l4")).toMatchObject({
      name: "small-l4",
      base_instance_name: "small-l4",
      target_size: 4,
      wait_for_instances: false,
      version: [{ instance_template: expect.stringMatching(/Pools_l4_Template_\w+\.self_link\}$/) as unknown }],
    });
  });

  test.each([
    // pool, machines, zones, at once
    ["h100", 0, 1],
    ["l4", 0, 3],
    ["batch", 4, 0],
    ["arm", 3, 0],
  ])("are rolled: %s, %d more at a time, %d fewer", (pool, more, fewer) => {
    expect(group(stacks.default, pool)["update_policy"]).toEqual({
      type: "PROACTIVE",
      minimal_action: "REPLACE",
      most_disruptive_allowed_action: "REPLACE",
      replacement_method: "SUBSTITUTE",
      instance_redistribution_type: "NONE",
      max_surge_fixed: more,
      max_unavailable_fixed: fewer,
    });
  });

  test("are where there is capacity, in the zones that have their type", () => {
    const of = (pool: string) => {
      const { distribution_policy_zones, distribution_policy_target_shape } = group(stacks.default, pool);
      return [distribution_policy_zones, distribution_policy_target_shape];
    };
    const all = ["a", "b", "c"].map((zone) => `europe-west4-${zone}`);
    expect(of("h100")).toEqual([["europe-west4-b"], "BALANCED"]);
    expect(of("arm")).toEqual([all, "BALANCED"]);
    expect(of("l4")).toEqual([all, "ANY"]);
  });

  test("take other types that will do as well, in order", () => {
    expect(group(stacks.default, "l4")["instance_flexibility_policy"]).toEqual({
      instance_selections: [
        { name: "g2-standard-8", machine_types: ["g2-standard-8"], rank: 1 },
        { name: "g2-standard-12", machine_types: ["g2-standard-12"], rank: 2 },
      ],
    });
    expect(group(stacks.default, "arm")["instance_flexibility_policy"]).toBeUndefined();
  });

  test("are born with what they are given, which means the same to Terraform and to the shell", () => {
    const { metadata } = template(stacks.default, "l4") as { metadata: Attributes };
    expect(metadata["startup-script"]).toBe('small/l4: {"generation":3} $${HOME}');
  });

  test.each(["pools.h100.retired", "sites.cloud.retired"])("that are retired are emptied: %s", (path) => {
    expect(group(spoilt(path, { reason: "too old" }), "h100")["target_size"]).toBe(0);
  });
});

describe("GcpSecrets", () => {
  test("has a secret per identity in the site's region, written through write-only arguments", () => {
    const secrets = each(stacks.default, "google_secret_manager_secret");
    expect(secrets.map(({ secret_id }) => secret_id)).toEqual(
      ["client-arm", "client-batch", "client-h100", "client-l4", "client-t4", "server-cloud"].map(
        (identity) => `small_${identity}`,
      ),
    );
    for (const secret of secrets)
      expect(secret["replication"]).toEqual({ user_managed: { replicas: [{ location: "europe-west4" }] } });
    expect(ofType(stacks.default, "google_secret_manager_secret_version")["Secrets_client-l4_Value"]).toMatchObject({
      secret_data_wo: "${var.secrets_client_l4}",
      secret_data_wo_version: 3,
      lifecycle: { create_before_destroy: true },
    });
    for (const value of each(stacks.default, "google_secret_manager_secret_version"))
      expect(value["secret_data"]).toBeUndefined();
  });

  test("no machine boots before its secret is there and its account may read it", () => {
    const waits = (of: Attributes | undefined, identity: string, account: string) =>
      expect(of?.["depends_on"]).toEqual(
        expect.arrayContaining([
          expect.stringContaining(`google_secret_manager_secret_version.Machines_Secrets_${identity}_Value`),
          expect.stringContaining(`google_secret_manager_secret_iam_member.Machines_${account}_Account_own-secret`),
        ]),
      );
    for (const machine of each(stacks.default, "google_compute_instance"))
      waits(machine, "server-cloud", "Servers-cloud");
    for (const pool of POOLS) waits(group(stacks.default, pool), `client-${pool}`, `Pools_${pool}`);
  });

  test("without a trust is of generation 0", () => {
    const versions = each(stacks.existing, "google_secret_manager_secret_version");
    expect(versions.map((value) => value["secret_data_wo_version"])).toEqual(Array(6).fill(0));
  });
});

describe("GcpMachines", () => {
  test("deliver the bundle by names in the tailnet, one server after the other, and to a new machine again", () => {
    const deliveries = ofType(stacks.everything, "terraform_data");
    const second = deliveries["small-cloud-2_Delivery"] as Attributes & { provisioner: Record<string, Attributes>[] };
    for (const step of second.provisioner)
      expect(Object.values(step)[0]?.["connection"]).toMatchObject({
        host: "small-cloud-2.tail0.ts.net",
        user: "sa_1234567890",
        port: 2222,
        host_key: "ssh-ed25519 unknown",
      });
    expect(second["triggers_replace"]).toMatchObject({
      // Not the id, which is made of names.
      machine: expect.stringMatching(/small-cloud-2_Machine_[0-9A-F]+\.instance_id\}$/) as unknown,
    });
  });

  test("log in as steppe where the fleet names nobody", () => {
    const { provisioner } = ofType(stacks.default, "terraform_data")["small-cloud-1_Delivery"] as {
      provisioner: Record<string, { connection: Attributes }>[];
    };
    expect(Object.values(provisioner[0] ?? {})[0]?.connection).toMatchObject({ user: "steppe", port: 22 });
  });

  test("refuse scripts that Google would not take, all at once, with what takes the most", () => {
    const large = script("large", "x".repeat(300_000));
    const startup: GcpStartup = {
      ...recordedStartup,
      pool: (_, pool) => ({ text: pool === "arm" || pool === "l4" ? large.content : pool, files: [large] }),
    };
    expect(() => gcpStack(gcpFleet(), { startup })).toThrow(
      /pools\.l4: has a startup script of 300000 bytes, and Google takes 262144; shorten what takes the most: \S+large \(300000\)[^]*pools\.arm: has/,
    );
  });

  test("give machines that their cloud vouches for the tailnet's name for them", () => {
    const stack = spoilt("pools.l4.join", { kind: "workload-identity" });
    const { metadata } = template(stack, "l4") as { metadata: Attributes };
    expect(theOnly(stack, "tailscale_federated_identity")).toMatchObject({
      issuer: "https://accounts.google.com",
      subject: expect.stringMatching(
        /^\$\{google_service_account\.Machines_Pools_l4_Account_\w+\.unique_id\}$/,
      ) as unknown,
    });
    expect(metadata["startup-script"]).toMatch(/"joinClient":\{"id":"\$\{tailscale_federated_identity\.[^"]+\.id\}"/);
  });
});

test("ids come from names: a changed one replaces what it stands for", () => {
  const ids = everyResource([stacks.everything]).map(({ type, id }) => `${type}.${id}`);
  expect(ids.filter((id) => !/Pools_(t4|batch|arm)|small-cloud-[23]|client-(t4|batch|arm)/.test(id))).toMatchSnapshot();
});
