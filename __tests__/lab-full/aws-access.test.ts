import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identitiesAt, secretsVariable } from "../../model/identities";
import type { Fleet } from "../../model/types";
import { awsStack, trustOf } from "../helpers/aws";
import { AWS_PROVIDER, awsFiles, awsOverride } from "../helpers/aws-provider";
import { externalFleet, spoil } from "../helpers/fleet";
import { describeWithMoto, type Moto, motoProvider, startMoto } from "../helpers/moto";
import type { StackDocument } from "../helpers/synth";
import { describeWithTerraform, removeTerraformDirs, runTerraform, terraformDir } from "../helpers/terraform";

const ACCESS = "regions.cloud.externalAccess";

const fleet = ["h100", "l4", "batch", "arm"].reduce<Fleet>(
  (fleet, pool) => spoil(fleet, `pools.${pool}`, undefined),
  externalFleet(),
);

/** A hosted zone of moto's, in place of the fleet's. */
const ZONE = { resource: { aws_route53_zone: { zone: { name: "example.com" } } } };
const inZone = (text: string) => text.replaceAll("Z0123456789ABCDEFGHIJ", "${aws_route53_zone.zone.zone_id}");

/** Machines of moto's are none: nobody answers the SSH of a delivery. It fails where maintenance options change. */
function forMoto({ resource = {}, ...stack }: StackDocument): StackDocument {
  const without = (type: string, attribute: string) =>
    Object.fromEntries(
      Object.entries(resource[type] ?? {}).map(([id, attributes]) => [
        id,
        Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== attribute)),
      ]),
    );
  return {
    ...stack,
    resource: {
      ...resource,
      aws_instance: without("aws_instance", "maintenance_options"),
      terraform_data: without("terraform_data", "provisioner"),
    },
  };
}

describeWithTerraform("external access", [AWS_PROVIDER], () => {
  describeWithMoto("against moto", (path) => {
    let moto: Moto;
    let directory: string;

    function prepare(of: Fleet): void {
      const files = awsFiles(forMoto(awsStack(of, { trust: trustOf(1) })), awsOverride(motoProvider(moto)));
      for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), inZone(text));
      writeFileSync(join(directory, "zone.tf.json"), JSON.stringify(ZONE));
    }

    const apply = () => runTerraform(directory, "apply", "-auto-approve", "-no-color");

    /** What there is of external access: attributes by address, without the hash that cdktf adds. */
    function made(): Record<string, Record<string, unknown>> {
      const { resources } = JSON.parse(readFileSync(join(directory, "test.tfstate"), "utf8")) as {
        resources: { type: string; name: string; instances: { attributes: Record<string, unknown> }[] }[];
      };
      return Object.fromEntries(
        resources
          .filter(({ name }) => name.startsWith("Machines_Access-"))
          .map(({ type, name, instances }) => [
            `${type}.${name.replace("Machines_", "").replace(/_[0-9A-F]{8}$/, "")}`,
            instances[0]?.attributes ?? {},
          ]),
      );
    }

    beforeAll(async () => {
      moto = await startMoto(path, { "ami-0123456789abcdef0": "x86_64", "ami-0fedcba9876543210": "arm64" });
      directory = terraformDir({}, [AWS_PROVIDER]);
      prepare(fleet);
      const secrets = identitiesAt(fleet, "cloud").map((identity) => [
        secretsVariable(identity),
        `of-${identity.name}`,
      ]);
      writeFileSync(join(directory, "secrets.auto.tfvars.json"), JSON.stringify(Object.fromEntries(secrets)));
      runTerraform(directory, "init");
    }, 120_000);

    afterAll(async () => {
      await moto.stop();
      removeTerraformDirs();
    });

    test("an apply makes it, and says where the load balancer is", () => {
      apply();
      const { "aws_lb.Access-cloud": balancer, "aws_route53_record.Access-cloud_GlobalRecord": record } = made();
      expect(balancer).toMatchObject({ enable_deletion_protection: true, load_balancer_type: "network" });
      expect(record).toMatchObject({ fqdn: "nomad.example.com", set_identifier: "small-cloud" });
      expect(JSON.parse(runTerraform(directory, "output", "-json", "external-access-cloud"))).toBe(
        balancer?.["dns_name"],
      );
    }, 400_000);

    test("a second plan changes nothing of it", () => {
      runTerraform(directory, "plan", "-out=plan.bin");
      const { resource_changes } = JSON.parse(runTerraform(directory, "show", "-json", "plan.bin")) as {
        resource_changes: { address: string; change: { actions: string[] } }[];
      };
      const changed = resource_changes.filter(({ change }) => change.actions.join() !== "no-op");
      // moto forgets which groups an instance was made with.
      expect([...new Set(changed.map(({ address }) => address.split(".")[0]))]).toEqual(["aws_instance"]);
    }, 180_000);

    test("retired first, then deleted, nothing is left of it", () => {
      const retired = spoil(fleet, "globalAccess", undefined);
      prepare(spoil(retired, `${ACCESS}.retired`, { reason: "everybody is in the tailnet now" }));
      apply();
      expect(Object.keys(made()).sort()).toEqual([
        "aws_lb.Access-cloud",
        "aws_security_group.Access-cloud_Firewall_Balancer",
      ]);
      // moto deletes what is protected, AWS does not.
      expect(made()["aws_lb.Access-cloud"]).toMatchObject({ enable_deletion_protection: false });
      prepare(spoil(retired, ACCESS, undefined));
      apply();
      expect(made()).toEqual({});
    }, 400_000);
  });
});
