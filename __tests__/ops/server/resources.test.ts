import { join } from "node:path";
import type { Fleet } from "../../../model/types";
import { UserError } from "../../../ops/errors";
import { serverTarget } from "../../../ops/server/target";
import type { Stack } from "../../../ops/terraform/stack";
import { awsFleet, externalFleet, gcpFleet, spoil } from "../../helpers/fleet";
import { publicTrustOf, synthesizeFleet } from "../../helpers/synth";

/** The stack of site `cloud` as it is read after synthesis. */
function stackOf(fleet: Fleet): Stack {
  const document = synthesizeFleet(fleet, { trust: publicTrustOf(fleet) }).get("small-site-cloud") ?? {};
  return {
    name: "small-site-cloud",
    directory: join("stacks", "small-site-cloud"),
    document,
    dependencies: [],
    variables: [],
    secretVariables: [],
    providers: {},
    backend: { kind: "local" },
    connections: [],
  };
}

const withoutHash = (address: string) => address.replace(/_[0-9A-F]{8}$/, "").replace("Machines_", "");

describe("serverTarget", () => {
  test("finds machine, attachment and delivery of a server, and its data volume", () => {
    const fleet = awsFleet();
    const target = serverTarget(fleet, [stackOf(fleet)], "small-cloud-2");
    expect(target).toMatchObject({ region: "cloud", site: "cloud", isOnPrem: false });
    expect(target.resources.own.map(withoutHash).sort()).toEqual([
      "aws_instance.Servers-cloud_small-cloud-2_Machine",
      "aws_volume_attachment.Servers-cloud_small-cloud-2_Attachment",
      "terraform_data.small-cloud-2_Delivery",
    ]);
    expect(withoutHash(target.resources.lasting)).toBe("aws_ebs_volume.Servers-cloud_small-cloud-2_Data");
    expect(withoutHash(target.resources.replaced)).toBe("aws_instance.Servers-cloud_small-cloud-2_Machine");
  });

  test("finds machine, delivery and data disk of a server on Google Cloud, where the machine itself names its disk", () => {
    const fleet = gcpFleet();
    const { resources } = serverTarget(fleet, [stackOf(fleet)], "small-cloud-2");
    expect(resources.own.map(withoutHash).sort()).toEqual([
      "google_compute_instance.Servers-cloud_small-cloud-2_Machine",
      "terraform_data.small-cloud-2_Delivery",
    ]);
    expect(withoutHash(resources.lasting)).toBe("google_compute_disk.Servers-cloud_small-cloud-2_Data");
    expect(withoutHash(resources.replaced)).toBe("google_compute_instance.Servers-cloud_small-cloud-2_Machine");
  });

  test("counts a server's place behind the load balancer as its own", () => {
    const fleet = externalFleet();
    const { resources } = serverTarget(fleet, [stackOf(fleet)], "small-cloud-2");
    expect(resources.own.map(withoutHash)).toContain(
      "aws_lb_target_group_attachment.Access-cloud_Target-small-cloud-2",
    );
    expect(resources.own).toHaveLength(4);
  });

  test("refuses a server whose region is retired", () => {
    const fleet = spoil(awsFleet(), "regions.cloud.retired", { reason: "moved" });
    expect(() => serverTarget(fleet, [stackOf(fleet)], "small-cloud-2")).toThrow(UserError);
  });
});
