import { fleet as example } from "../../fleets/example";
import { Checkout, removeCheckouts } from "../helpers/checkout";

jest.setTimeout(60_000);
afterAll(removeCheckouts);

describe("steppe gcp permissions", () => {
  const printed = async (...argv: string[]): Promise<unknown> => {
    const checkout = new Checkout(`export const fleet = ${JSON.stringify({ ...example, name: "pilot" })};`);
    expect([await checkout.run("gcp", "permissions", ...argv), checkout.errors]).toEqual([0, ""]);
    return JSON.parse(checkout.text);
  };

  test("prints roles and bindings as a configuration of Terraform", async () => {
    const { resource, variable } = (await printed()) as Record<string, Record<string, object>>;
    expect(Object.keys(variable ?? {})).toEqual(["member"]);
    expect(Object.keys(resource?.["google_project_iam_custom_role"] ?? {})).toContain("secrets_example-fleet");
    expect(Object.keys(resource?.["google_service_account"] ?? {})).toHaveLength(4);
  });

  test("prints what a plan needs", async () => {
    const { resource } = (await printed("--planner")) as Record<string, Record<string, object>>;
    expect(Object.keys(resource ?? {})).toEqual(["google_project_iam_custom_role", "google_project_iam_member"]);
  });

  test("prints definitions as gcloud takes them, with where to bind them", async () => {
    const roles = (await printed("--json")) as readonly { readonly place: string }[];
    expect(roles.find(({ place }) => place === "secrets")).toEqual({
      place: "secrets",
      project: "example-fleet",
      roleId: "steppe_pilot_apply_secrets",
      definition: {
        title: "Steppe pilot, apply: secrets",
        description: "To apply fleet pilot: secrets",
        stage: "GA",
        includedPermissions: expect.arrayContaining(["secretmanager.versions.add"]) as unknown,
      },
      resources: ["projects/example-fleet"],
      condition: { title: "of fleet pilot", expression: expect.stringContaining('startsWith("pilot_")') as unknown },
    });
  });

  test("says of a fleet that is not on Google Cloud that it is not", async () => {
    const checkout = new Checkout();
    expect(await checkout.run("gcp", "permissions")).toBe(1);
    expect(checkout.errors).toContain("fleet pilot has no site on Google Cloud\n  choose another fleet with --fleet");
    expect(checkout.text).toBe("");
  });

  test("has examples in its help", async () => {
    const checkout = new Checkout();
    expect(await checkout.run("gcp", "permissions", "--help")).toBe(0);
    expect(checkout.text).toContain("Examples:\n  $ ./steppe gcp permissions --fleet example > roles.tf.json");
  });
});
