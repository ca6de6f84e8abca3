import { App, Testing } from "cdktf";
import { terraformLiteral } from "../../constructs/core/literal";
import { clientBundle, serverBundle } from "../../constructs/machine/bundle";
import { magicDnsName, serverNames } from "../../model/names";
import type { BackupStore } from "../../model/backup-types";
import type { PublicTrust } from "../../model/trust";
import type { Fleet } from "../../model/types";
import { validFleet } from "../../model/validate";
import { SiteStack } from "../../stacks/site";
import { type Attributes, awsStack, everyResource, ofType } from "../helpers/aws";
import { awsFleet, gcpFleet, smallFleet, spoil } from "../helpers/fleet";
import { publicTrustOf, type StackDocument } from "../helpers/synth";

/** What a platform has under a name of its own. */
interface Platform {
  readonly fleet: Fleet;
  /** Region whose servers are at the site of {@link stack}. */
  readonly region: string;
  /** Identities of the site's machines. */
  readonly identities: readonly string[];
  /** The site's stack. */
  readonly stack: (fleet: Fleet, trust?: PublicTrust) => StackDocument;
  /** Where a server is reached: its name in the tailnet, or in a LAN its address. */
  readonly hostOf: (fleet: Fleet, server: string) => string;
  /** The fleet's own where it names one, and otherwise the trust's. */
  readonly hostKeyOf: (server: string) => string;
  /** Types of resources of a cloud's own; none on-prem, where machines and network exist. */
  readonly types?: {
    readonly server: string;
    readonly data: string;
    /** What pools' machines are made from. */
    readonly template: string;
    /** Where a secret's value is written, and the argument that takes it. */
    readonly secret: readonly [type: string, argument: string];
  };
  /** What the site's machines take from anywhere. Shape: `["udp 41641"]`. */
  readonly open: (stack: StackDocument) => readonly string[];
  /** Whose a resource is; undefined for one that can say nothing. */
  readonly ownerOf: (attributes: Attributes) => readonly unknown[] | undefined;
  /** How long a pool's machine that is to go is left to itself, seconds. */
  readonly goesAfterSeconds: (stack: StackDocument, pool: string, spot: boolean) => number;
  /** Unit that learns that a machine is to go; none where people say so. */
  readonly noticesUnit?: string;
  /** Where the site's stack makes a region's bucket for snapshots: what the fleet says, and what it is made as. */
  readonly backups?: { readonly store: BackupStore; readonly bucket: string; readonly argument: string };
  /** Changes to a server's image, size and first boot. */
  readonly rebuilt: Readonly<Record<string, unknown>>;
}

const platforms: Readonly<Record<string, Platform>> = {
  "on-prem": {
    fleet: smallFleet(),
    region: "north",
    identities: ["server-north", "client-gpu"],
    stack: (fleet, trust) => siteStack(fleet, "north", trust),
    hostOf: (fleet, server) => {
      const site = fleet.sites["north"];
      return site?.platform === "onprem" ? (site.hosts[server]?.address ?? "none") : "none";
    },
    hostKeyOf: () => "ssh-ed25519 AAAA",
    open: () => [],
    ownerOf: () => undefined,
    goesAfterSeconds: () => Infinity,
    rebuilt: {},
  },
  AWS: {
    fleet: awsFleet(),
    region: "cloud",
    identities: ["server-cloud", "client-h100", "client-l4", "client-batch", "client-arm"],
    stack: (fleet, trust) => awsStack(fleet, trust === undefined ? {} : { trust }),
    hostOf: magicDnsName,
    hostKeyOf: (server) => `ssh-ed25519 AAAA${server}`,
    types: {
      server: "aws_instance",
      data: "aws_ebs_volume",
      template: "aws_launch_template",
      secret: ["aws_secretsmanager_secret_version", "secret_string_wo"],
    },
    open: (stack) =>
      Object.values(ofType(stack, "aws_vpc_security_group_ingress_rule"))
        .filter(({ cidr_ipv4 }) => cidr_ipv4 === "0.0.0.0/0")
        .map(({ ip_protocol, from_port, to_port }) => `${String(ip_protocol)} ${String(from_port)}-${String(to_port)}`),
    ownerOf: ({ tags }) => {
      const all = tags as Attributes | undefined;
      return all && [all["steppe:fleet"], all["steppe:site"], all["team"]];
    },
    // A spot machine is taken away two minutes after its notice, whatever the hook says.
    goesAfterSeconds: (stack, pool, spot) =>
      spot
        ? 120
        : Number(ofType(stack, "aws_autoscaling_lifecycle_hook")[`Pools_${pool}_Drain`]?.["heartbeat_timeout"]),
    noticesUnit: "steppe-notices.service",
    backups: {
      store: { kind: "s3", operatorArns: ["arn:aws:iam::123456789012:role/operators"] },
      bucket: "aws_s3_bucket",
      argument: "bucket",
    },
    rebuilt: {
      "sites.cloud.images.amd64": "ami-0aaaaaaaaaaaaaaa1",
      "regions.cloud.servers.machineType": "m7i.xlarge",
      "sites.cloud.ssh.authorizedKeys": ["ssh-ed25519 BBBB"],
    },
  },
  "Google Cloud": {
    fleet: gcpFleet(),
    region: "cloud",
    identities: ["server-cloud", "client-h100", "client-l4", "client-t4", "client-batch", "client-arm"],
    stack: (fleet, trust) => siteStack(fleet, "cloud", trust),
    hostOf: magicDnsName,
    hostKeyOf: (server) => `ssh-ed25519 AAAA${server}`,
    types: {
      server: "google_compute_instance",
      data: "google_compute_disk",
      template: "google_compute_region_instance_template",
      secret: ["google_secret_manager_secret_version", "secret_data_wo"],
    },
    open: (stack) =>
      Object.values(ofType(stack, "google_compute_firewall"))
        .filter(({ allow }) => allow !== undefined)
        .flatMap(({ allow }) => allow as { protocol: string; ports: string[] }[])
        .flatMap(({ protocol, ports }) => ports.map((port) => `${protocol} ${port}-${port}`)),
    ownerOf: ({ labels }) => {
      const all = labels as Attributes | undefined;
      return all && [all["steppe-fleet"], all["steppe-site"], all["team"]];
    },
    goesAfterSeconds: (_stack, _pool, spot) => (spot ? 30 : 90),
    noticesUnit: "steppe-notices.service",
    backups: {
      store: { kind: "gcs", operators: ["group:operators@example.com"] },
      bucket: "google_storage_bucket",
      argument: "name",
    },
    rebuilt: {
      "sites.cloud.images.amd64": "projects/acme-images/global/images/debian-20260101",
      "regions.cloud.servers.machineType": "n2-standard-4",
      "sites.cloud.ssh.authorizedKeys": ["ssh-ed25519 BBBB"],
    },
  },
};

describe.each(Object.entries(platforms))("on %s", (_, platform) => {
  const { fleet, region, types } = platform;
  const stack = platform.stack(fleet, publicTrustOf(fleet, 3));
  const servers = serverNames(fleet, region);
  const deliveries = (of: StackDocument) => ofType(of, "terraform_data");
  const deliveryTo = (server: string) => deliveries(stack)[`${server}_Delivery`] as Attributes & Provisioned;

  describe("names", () => {
    test("a server has its own, its address and a host key that was known before", () => {
      for (const server of servers) {
        const steps = deliveryTo(server).provisioner.flatMap((step) => Object.values(step));
        expect(steps).toHaveLength(4);
        for (const { connection } of steps)
          expect(connection).toMatchObject({
            host: platform.hostOf(fleet, server),
            host_key: platform.hostKeyOf(server),
          });
        expect(steps.at(-1)?.["inline"]).toEqual([expect.stringContaining(`/bundle ${server} `)]);
      }
    });

    test("machines of a cloud have those of the fleet", () => {
      const named = types === undefined ? [] : Object.keys(ofType(stack, types.server));
      expect(named).toEqual(types === undefined ? [] : servers.map((name) => `Servers-${region}_${name}_Machine`));
    });

    test("what can say whose it is says so", () => {
      const owners = everyResource([stack]).flatMap(({ attributes }) => platform.ownerOf(attributes) ?? []);
      expect(new Set(owners)).toEqual(new Set(types === undefined ? [] : ["small", "cloud", "platform"]));
    });
  });

  describe("bundle", () => {
    test("is the same bytes everywhere, one server after the other", () => {
      const script = terraformLiteral(serverBundle(fleet, region).script);
      for (const [index, server] of servers.entries()) {
        const delivery = deliveryTo(server);
        expect(delivery.provisioner.map(({ file }) => file?.["content"]).filter(Boolean)).toEqual([
          `\${var.secrets_server_${region}}`,
          script,
        ]);
        const before = index === 0 ? "" : `_${servers[index - 1] ?? "none"}_Delivery_`;
        expect(delivery["depends_on"]).toContainEqual(expect.stringContaining(before));
      }
    });
  });

  describe("isolation", () => {
    test("nothing is open but the tailnet's port, where the network is Steppe's", () => {
      expect(platform.open(stack)).toEqual(types === undefined ? [] : ["udp 41641-41641"]);
    });

    test("nothing is asked of anybody at plan time", () => {
      expect(stack["data"]).toBeUndefined();
    });
  });

  describe("secrets", () => {
    test("are ephemeral variables, one per identity", () => {
      const variables = Object.entries(stack.variable ?? {}).map(([name, { ephemeral }]) => [name, ephemeral]);
      expect(variables).toHaveLength(platform.identities.length);
      expect(Object.fromEntries(variables)).toEqual(
        Object.fromEntries(platform.identities.map((name) => [`secrets_${name.replaceAll("-", "_")}`, true])),
      );
    });

    test("go into write-only arguments, provisioners and conditions, and nowhere else", () => {
      const uses = everyResource([stack]).flatMap(({ type, attributes }) =>
        pathsOf(attributes, (text) => text.includes("var.secrets_")).map((path) => `${type} ${path}`),
      );
      expect([...new Set(uses)].sort()).toEqual(
        [
          "terraform_data lifecycle.precondition.condition",
          "terraform_data provisioner.file.content",
          ...(types === undefined
            ? []
            : [`${types.secret[0]} lifecycle.precondition.condition`, types.secret.join(" ")]),
        ].sort(),
      );
    });

    test("are asked for before anything is made", () => {
      const resources = everyResource([stack]).map(({ type, id, attributes }) => ({
        address: `${type}.${id}`,
        after: (attributes["depends_on"] ?? []) as string[],
      }));
      const gated = new Set(resources.filter(({ address }) => /_Gate_|_Secrets_[0-9A-F]+$/.test(address)).map(address));
      expect(gated.size).toBe(1);
      for (let before = 0; before < gated.size;) {
        before = gated.size;
        for (const { address: own, after } of resources) if (after.some((on) => gated.has(on))) gated.add(own);
      }
      expect(resources.map(address).filter((own) => !gated.has(own))).toEqual([]);
    });
  });

  describe("replacement", () => {
    test("a new generation of the trust is delivered to servers, written again, and rolls the pools; no machine else changes", () => {
      const next = platform.stack(fleet, publicTrustOf(fleet, 4));
      const changed = changedTypes(stack, next);
      expect(changed).toEqual(
        ["terraform_data", ...(types === undefined ? [] : [types.secret[0], types.template])].sort(),
      );
    });

    test("a server's image, size and first boot change no server that exists", () => {
      const rebuilt = Object.entries(platform.rebuilt).reduce<Fleet>(
        (changed, [path, value]) => spoil(changed, path, value),
        fleet,
      );
      const next = platform.stack(rebuilt, publicTrustOf(fleet, 3));
      const machines = (of: StackDocument) => (types === undefined ? {} : ofType(of, types.server));
      expect(JSON.stringify(machines(next)) === JSON.stringify(machines(stack))).toBe(types === undefined);
      expect(changedTypes(stack, next)).toEqual(types === undefined ? [] : [types.template]);
    });

    test("nothing is done by destroying: no provisioner waits for it", () => {
      expect(everyResource([stack]).filter(({ attributes }) => JSON.stringify(attributes).includes('"when"'))).toEqual(
        [],
      );
    });
  });

  describe("drain on removal", () => {
    const pools = Object.entries(fleet.pools).filter(([, { site }]) => site === fleet.regions[region]?.site);

    test.each(pools)(
      "pool %s: Nomad drains when it is stopped, within the time that its machine is given",
      (name, pool) => {
        const { files } = clientBundle(fleet, name);
        const contentOf = (end: string) => files.find(({ path }) => path.endsWith(end))?.content ?? "";
        const { client } = JSON.parse(contentOf("/steppe.json")) as {
          client: { drain_on_shutdown: { deadline: string } };
        };
        const deadline = Number(client.drain_on_shutdown.deadline.replace(/s$/, ""));
        expect(deadline).toBeGreaterThan(0);
        expect(deadline).toBeLessThan(platform.goesAfterSeconds(stack, name, pool.spot === true));
        expect(contentOf("/nomad.service")).toContain(
          `KillSignal=SIGINT\nTimeoutStartSec=120\nTimeoutStopSec=${deadline + 30}\n`,
        );
      },
    );

    test("a machine learns from its cloud that it is to go", () => {
      for (const [name] of pools) {
        const units = clientBundle(fleet, name).files.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
        expect(units.filter((unit) => unit === "steppe-notices.service")).toEqual(
          platform.noticesUnit === undefined ? [] : [platform.noticesUnit],
        );
      }
    });

    test("a machine of people's own is drained by the apply that retires it; those of a cloud have no such step", () => {
      const retired = platform.stack(spoil(fleet, "sites.north.hosts.n-gpu.retired", { reason: "sold" }));
      const isHere = types === undefined;
      expect(Object.keys(deliveries(retired)).filter((id) => id.endsWith("_Retirement"))).toEqual(
        isHere ? ["n-gpu_Retirement"] : [],
      );
    });
  });

  describe("what is kept", () => {
    const protectedTypes = (of: StackDocument) => [
      ...new Set(
        everyResource([of])
          .filter(({ attributes }) => (attributes["lifecycle"] as Attributes | undefined)?.["prevent_destroy"] === true)
          .map(({ type }) => type),
      ),
    ];

    test("servers' data, unless they are disposable", () => {
      expect(protectedTypes(stack)).toEqual(types === undefined ? [] : [types.data]);
      const disposable = spoil(fleet, `regions.${region}.servers.disposable`, { reason: "a test fleet" });
      expect(types === undefined ? [] : protectedTypes(platform.stack(disposable))).toEqual([]);
    });

    test("snapshots, in a bucket of the region's own, when it is retired too", () => {
      const { backups } = platform;
      const backedUp = spoil(fleet, `regions.${region}.backups`, { store: backups?.store });
      const kept = [backedUp, spoil(backedUp, `regions.${region}.retired`, { reason: "moved" })]
        .filter(() => backups !== undefined)
        .map((of) => ofType(platform.stack(of), backups?.bucket ?? ""))
        .flatMap((buckets) => Object.values(buckets))
        .map((bucket) => [bucket[backups?.argument ?? ""], bucket["force_destroy"], bucket["lifecycle"]]);
      const own = [`${fleet.name}-${region}-snapshots`, false, { prevent_destroy: true }];
      expect(kept).toEqual(backups === undefined ? [] : [own, own]);
    });

    test("data of a retired region, which is taken out of service", () => {
      const retired = platform.stack(spoil(fleet, `regions.${region}.retired`, { reason: "moved" }));
      expect(
        Object.keys(deliveries(retired)).filter((id) => servers.some((name) => id === `${name}_Delivery`)),
      ).toEqual([]);
      expect(protectedTypes(retired)).toEqual(types === undefined ? [] : [types.data]);
      const removals = Object.entries(deliveries(retired)).filter(
        ([id, attributes]) => id.endsWith("_Retirement") && JSON.stringify(attributes).includes("/remove keep-data"),
      );
      expect(removals.map(([id]) => id)).toEqual(
        types === undefined ? servers.map((name) => `${name}_Retirement`) : [],
      );
    });
  });
});

/** A site's stack as the program makes it. */
function siteStack(fleet: Fleet, site: string, trust?: PublicTrust): StackDocument {
  const app = Testing.stubVersion(new App({ stackTraces: false }));
  const props = { fleet: validFleet(fleet), ...(trust === undefined ? {} : { trust }) };
  return JSON.parse(Testing.synth(new SiteStack(app, site, props))) as StackDocument;
}

interface Provisioned {
  readonly provisioner: readonly Readonly<Record<string, Attributes>>[];
}

function address(resource: { readonly address: string }): string {
  return resource.address;
}

/** Paths to the strings in a value for which something holds; places in lists are left out. */
function pathsOf(value: unknown, holds: (text: string) => boolean, path: readonly string[] = []): string[] {
  if (typeof value === "string") return holds(value) ? [path.join(".")] : [];
  if (Array.isArray(value)) return value.flatMap((entry) => pathsOf(entry, holds, path));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => pathsOf(entry, holds, [...path, key]));
}

/** Types of the resources that Terraform would change: what a resource ignores does not count. */
function changedTypes(before: StackDocument, after: StackDocument): readonly string[] {
  const byAddress = (stack: StackDocument) =>
    new Map(everyResource([stack]).map((resource) => [`${resource.type}.${resource.id}`, resource]));
  const [old, next] = [byAddress(before), byAddress(after)];
  const changed = [...new Set([...old.keys(), ...next.keys()])].filter(
    (key) => JSON.stringify(counted(old.get(key)?.attributes)) !== JSON.stringify(counted(next.get(key)?.attributes)),
  );
  return [...new Set(changed.map((key) => key.slice(0, key.indexOf("."))))].sort();
}

/** Attributes of a resource without those that it ignores. Shape of a path: `boot_disk[0].image`, `metadata["script"]`. */
function counted(attributes: Attributes | undefined): Attributes | undefined {
  const copy = structuredClone(attributes);
  const ignored = ((copy?.["lifecycle"] as Attributes | undefined)?.["ignore_changes"] ?? []) as string[];
  for (const path of ignored) {
    const keys = path.match(/[a-z][a-z0-9_-]*/g) ?? [];
    const parent = keys.slice(0, -1).reduce<unknown>((at, key) => (at as Attributes | undefined)?.[key], copy);
    if (parent !== undefined) Reflect.deleteProperty(parent as object, keys.at(-1) as string);
  }
  return copy;
}
