import { type Attributes, awsFleets, awsStack, everyResource, trustOf } from "../../helpers/aws";

const stacks = Object.values(awsFleets()).map((fleet) => awsStack(fleet, { trust: trustOf(1) }));
const resources = everyResource(stacks).filter(({ type }) => type.startsWith("aws_"));
const COST = ["steppe:fleet", "steppe:site"];

/** Whether the provider's binding of a type knows an argument. */
function has(type: string, argument: string): boolean {
  const path = `@cdktf/provider-aws/lib/${type.replace("aws_", "").replaceAll("_", "-")}`;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- one of hundreds, by the name of its type
  const binding = Object.values(require(path) as Record<string, { tfResourceType?: string; prototype?: object }>).find(
    ({ tfResourceType }) => tfResourceType === type,
  );
  return binding?.prototype !== undefined && argument in binding.prototype;
}

const lacks = (tags: unknown): boolean => COST.some((key) => !Object.hasOwn(tags ?? {}, key));

describe("tags for cost allocation", () => {
  test("are on every resource that can have some", () => {
    const taggable = resources.filter(({ type }) => has(type, "tags"));
    expect(new Set(taggable.map(({ type }) => type)).size).toBeGreaterThan(15);
    expect(taggable.filter(({ attributes }) => lacks(attributes["tags"])).map(({ id }) => id)).toEqual([]);
  });

  test("are on the machines of a pool, their disks and network interfaces", () => {
    const groups = resources.filter(({ type }) => type === "aws_autoscaling_group");
    const templates = resources.filter(({ type }) => type === "aws_launch_template");
    expect([groups.length, templates.length]).toEqual([16, 16]);
    for (const { attributes } of groups) {
      const tags = attributes["tag"] as { key: string; propagate_at_launch: boolean }[];
      const handed = tags.filter(({ propagate_at_launch: handedOn }) => handedOn).map(({ key }) => key);
      expect(handed).toEqual(expect.arrayContaining(COST));
    }
    for (const { attributes } of templates) {
      const specifications = attributes["tag_specifications"] as { resource_type: string; tags: Attributes }[];
      expect(specifications.map(({ resource_type: of }) => of)).toEqual(["volume", "network-interface"]);
      expect(specifications.filter(({ tags }) => lacks(tags))).toEqual([]);
    }
  });

  test("are on the root disks of servers", () => {
    const disks = resources
      .filter(({ type }) => type === "aws_instance")
      .map(({ attributes }) => attributes["root_block_device"] as Attributes);
    expect(disks.length).toBeGreaterThan(5);
    expect(disks.filter(({ tags }) => lacks(tags))).toEqual([]);
  });

  test("are the site's own as well", () => {
    const own = everyResource([awsStack(awsFleets().default)]).filter(
      ({ type }) => type.startsWith("aws_") && has(type, "tags"),
    );
    expect(own.filter(({ attributes }) => (attributes["tags"] as Attributes)["team"] !== "platform")).toEqual([]);
    expect(own.length).toBeGreaterThan(20);
  });
});
