import { App } from "cdktf";
import { fleet as example } from "../../fleets/example";
import { fleet as lab } from "../../fleets/lab";
import { validatePolicy } from "../../constructs/tailnet/language/validate";
import { annotatedPolicy, reasonedPolicy, tailnetPolicy } from "../../constructs/tailnet/policy";
import { identitiesOf, tagsOf } from "../../model/identities";
import { tailnetDialect } from "../../model/names";
import type { Fleet } from "../../model/types";
import { TailnetStack } from "../../stacks/tailnet";
import { awsFleet, smallFleet, spoil } from "../helpers/fleet";

/** Grants that one place of the fleet asks for. */
function rulesFrom(fleet: Fleet, from: string) {
  return reasonedPolicy(fleet).grants.flatMap((grant) => (grant.from === from ? [grant.rule] : []));
}

/** The small fleet with a NAS behind pool gpu. */
function withNas(): Fleet {
  return spoil(smallFleet(), "sites.north.lanHosts", {
    nas: { address: "10.1.0.5", routers: ["gpu"], services: { nfs: { port: 2049, callers: ["edge"] } } },
  });
}

describe("tailnetPolicy", () => {
  const policy = tailnetPolicy(smallFleet());
  const reach = (src: string, dst: string) =>
    policy.grants
      .filter((grant) => grant.src.includes(src) && grant.dst.includes(dst))
      .flatMap((grant) => grant.ip ?? []);

  test("owns every tag that a machine carries", () => {
    expect(policy.tagOwners).toEqual(
      Object.fromEntries(
        [
          "client",
          "client-north",
          "client-south",
          "operator",
          "pool-edge",
          "pool-gpu",
          "server",
          "server-north",
          "server-south",
        ].map((name) => [`tag:nomad-${name}`, ["autogroup:admin"]]),
      ),
    );
  });

  test("lets servers federate and nobody else reach Serf", () => {
    expect(reach("tag:nomad-server", "tag:nomad-server")).toEqual(["tcp:4647", "tcp:4648", "udp:4648"]);
    const toSerf = policy.grants.filter((grant) => grant.ip?.some((port) => port.endsWith(":4648")));
    expect(toSerf.flatMap((grant) => grant.src)).toEqual(["tag:nomad-server"]);
  });

  test("lets operators deliver to servers whose sshd listens elsewhere, in that region alone", () => {
    const fleet = spoil(awsFleet(), "sites.cloud.ssh.port", 2222);
    expect(rulesFrom(fleet, "sites.cloud.ssh.port")).toEqual([
      { src: ["tag:nomad-operator"], dst: ["tag:nomad-server-cloud"], ip: ["tcp:2222"] },
    ]);
    expect(rulesFrom(awsFleet(), "sites.cloud.ssh.port")).toEqual([]);
  });

  test("lets clients reach RPC of their own region alone", () => {
    expect(reach("tag:nomad-client-north", "tag:nomad-server-north")).toEqual(["tcp:4647"]);
    expect(reach("tag:nomad-client-north", "tag:nomad-server-south")).toEqual([]);
    expect(reach("tag:nomad-client", "tag:nomad-server")).toEqual([]);
  });

  test("lets pools reach each other where a service says so, in that direction", () => {
    expect(reach("tag:nomad-pool-edge", "tag:nomad-pool-gpu")).toEqual(["tcp:8000"]);
    expect(reach("tag:nomad-pool-gpu", "tag:nomad-pool-edge")).toEqual([]);
  });

  test("opens Nomad's dynamic range for a dynamic service only", () => {
    const opened = tailnetPolicy(spoil(smallFleet(), "services.vllm.port", "dynamic"));
    expect(JSON.stringify(opened.grants)).toContain("tcp:20000-32000");
    expect(JSON.stringify(policy.grants)).not.toContain("20000");
  });

  test("opens a range of ports, over both protocols", () => {
    const opened = spoil(spoil(smallFleet(), "services.vllm.port", "18000-18999"), "services.vllm.protocol", "tcp+udp");
    expect(rulesFrom(opened, "services.vllm")).toEqual([
      {
        src: ["tag:nomad-pool-edge", "tag:nomad-operator"],
        dst: ["tag:nomad-pool-gpu"],
        ip: ["tcp:18000-18999", "udp:18000-18999"],
      },
    ]);
  });

  test("lets groups, tags, users, autogroups and servers call", () => {
    const callers = ["group:ml", "tag:monitoring", "ada@example.com", "autogroup:member", "servers"];
    const [rule] = rulesFrom(spoil(smallFleet(), "services.vllm.callers", callers), "services.vllm");
    expect(rule?.src).toEqual([...callers.slice(0, 4), "tag:nomad-server"]);
  });

  test("joins services at ports of Nomad's choice that open the same way", () => {
    const dynamic = { port: "dynamic", pools: ["gpu"], callers: ["operators"] };
    const fleet = spoil(smallFleet(), "services", { ollama: dynamic, vllm: dynamic });
    expect(annotatedPolicy(fleet).reasons.get(`grants.${tailnetPolicy(fleet).grants.length - 1}`)).toMatchObject({
      from: "services.ollama, services.vllm",
      reason: "operators may call ollama and vllm at ports of Nomad's choice of pool gpu",
    });
  });

  test("opens the API of every agent to who collects metrics, and to nobody else", () => {
    const scraped = spoil(smallFleet(), "metrics", { scrapers: ["edge"] });
    expect(rulesFrom(scraped, "metrics.scrapers")).toEqual([
      { src: ["tag:nomad-pool-edge"], dst: ["tag:nomad-server", "tag:nomad-client"], ip: ["tcp:4646"] },
    ]);
    expect(rulesFrom(smallFleet(), "metrics.scrapers")).toEqual([]);
  });

  test("lets machines of a pool fetch each other's disks where it migrates them", () => {
    const migrating = spoil(smallFleet(), "pools.gpu.migratesDisks", true);
    expect(rulesFrom(migrating, "pools.gpu.migratesDisks")).toEqual([
      { src: ["tag:nomad-pool-gpu"], dst: ["tag:nomad-pool-gpu"], ip: ["tcp:4646"] },
    ]);
  });

  test("leads to a LAN host by its name, through the one route that its routers may advertise", () => {
    const policy = tailnetPolicy(withNas());
    expect(policy.hosts).toEqual({ nas: "10.1.0.5" });
    expect(policy.autoApprovers).toEqual({ routes: { "10.1.0.5/32": ["tag:nomad-pool-gpu"] } });
    expect(rulesFrom(withNas(), "sites.north.lanHosts.nas.services.nfs")).toEqual([
      { src: ["tag:nomad-pool-edge"], dst: ["nas"], ip: ["tcp:2049"] },
    ]);
  });

  test("takes extra grants as they are, with their reasons", () => {
    const extra = { reason: "backups.", src: ["tag:backup"], dst: ["tag:nomad-server"], ip: ["tcp:873"] };
    const fleet = spoil(spoil(smallFleet(), "tailnet.extraGrants", [extra]), "tailnet.otherTags", {
      "tag:backup": ["group:it@example.com"],
    });
    const { policy, reasons } = annotatedPolicy(fleet);
    expect(policy.grants.at(-1)).toEqual({ src: extra.src, dst: extra.dst, ip: extra.ip });
    expect(reasons.get(`grants.${policy.grants.length - 1}`)?.reason).toBe("extra grant: backups");
    expect(policy.tagOwners["tag:backup"]).toEqual(["group:it@example.com"]);
  });

  test("asks people again at Tailscale SSH and machines never", () => {
    const fleet = spoil(
      spoil(smallFleet(), "tailnet.ssh", { users: ["steppe"], checkPeriod: "4h" }),
      "tailnet.operators",
      ["ada@example.com"],
    );
    const dst = ["tag:nomad-server", "tag:nomad-client"];
    expect(tailnetPolicy(fleet).ssh).toEqual([
      { action: "check", src: ["ada@example.com"], dst, users: ["steppe"], checkPeriod: "4h" },
      { action: "accept", src: ["tag:nomad-operator"], dst, users: ["steppe"] },
    ]);
    expect(tailnetPolicy(fleet).sshTests).toEqual([
      { src: "ada@example.com", dst, check: ["steppe"], deny: ["root"] },
      { src: "tag:nomad-operator", dst, accept: ["steppe"], deny: ["root"] },
      { src: "tag:nomad-server", dst, deny: ["steppe"] },
      { src: "tag:nomad-client", dst, deny: ["steppe"] },
    ]);
    expect(tailnetPolicy(smallFleet()).ssh).toBeUndefined();
  });

  test("gives every rule a reason and a place in the fleet", () => {
    const { policy, reasons } = annotatedPolicy(withNas());
    const unexplained = (["grants", "tests"] as const).flatMap((section) =>
      (policy[section] ?? []).flatMap((_rule, index) => {
        const found = reasons.get(`${section}.${index}`);
        return found === undefined || found.reason === "" || found.from === "" ? [`${section}.${index}`] : [];
      }),
    );
    expect(unexplained).toEqual([]);
  });

  test("names no role in a fleet that joins headscale, which has none", () => {
    expect(JSON.stringify(tailnetPolicy(lab))).not.toContain("autogroup");
  });
});

describe("the policy file", () => {
  const machines = (fleet: Fleet) => identitiesOf(fleet).map((identity) => ({ tags: tagsOf(identity) }));

  test.each(Object.entries({ lab, example, small: smallFleet() }))(
    "of fleet %s is valid in its dialect",
    (_name, fleet) => {
      const options = { dialect: tailnetDialect(fleet), devices: machines(fleet) };
      expect(validatePolicy(tailnetPolicy(fleet), options)).toEqual([]);
    },
  );

  test("holds the groups of the fleet, and a group that nothing defines stops synthesis", () => {
    expect(tailnetPolicy(example).groups).toEqual(example.tailnet.groups);
    const broken = spoil(example, "tailnet.operators", ["group:plattform"]);
    expect(() => new TailnetStack(new App(), { fleet: broken })).toThrow(
      /grants\.\d+\.src\.1 \(tailnet\.operators\): .*group:plattform/,
    );
  });
});
