import { Checkout, removeCheckouts } from "../helpers/checkout";
import { describeWithTerraform } from "../helpers/terraform";

jest.setTimeout(60_000);
afterAll(removeCheckouts);

describeWithTerraform("steppe destroy", [], () => {
  test("takes away what was applied, and prints what became of each stack", async () => {
    const checkout = new Checkout();
    await checkout.run("trust", "init");
    checkout.complete();
    expect(await checkout.run("apply", "--yes")).toBe(0);
    expect(await checkout.run("destroy", "tailnet", "--yes")).toBe(1);
    expect(checkout.errors).toContain(
      [
        "error: not everything can be destroyed as things are: nothing was changed",
        "  - pilot-tailnet: cannot go before pilot-site-home, which has state (1 resource); destroy that too: ./steppe destroy pilot-site-home pilot-tailnet",
      ].join("\n"),
    );
    expect(await checkout.run("destroy", "--yes")).toBe(0);
    expect(checkout.text).toMatch(/^pilot-site-home +destroyed +0 +0 +1 /m);
    expect(checkout.text).toMatch(/^pilot-tailnet +destroyed +0 +0 +1 /m);
    expect(checkout.errors).toContain("pilot-tailnet    waiting for pilot-site-home");
    expect(checkout.errors).toContain("pilot-site-home: its machines go on running");
    expect(await checkout.run("destroy", "--yes", "--json")).toBe(0);
    expect(JSON.parse(checkout.text)).toMatchObject([
      { stack: "pilot-tailnet", status: "unchanged" },
      { stack: "pilot-site-home", status: "unchanged" },
    ]);
  });
});

describe("steppe destroy, asked wrongly", () => {
  test.each([
    [["destroy"], "error: a destroy asks before it destroys something, and nobody is here to answer\n  give --yes"],
    [["destroy", "nowhere", "--yes"], 'error: fleet pilot has no stack "nowhere"\n  use one of: pilot-tailnet'],
    [["destroy", "--yes", "--wait", "0"], "error: --wait must be a whole number from 1"],
    [["apply", "--yes", "--allow-data-loss", " "], "error: --allow-data-loss wants a reason"],
    [["plan", "--allow-data-loss", ""], "error: --allow-data-loss wants a reason"],
  ])("%j", async (argv, error) => {
    const checkout = new Checkout();
    expect(await checkout.run(...argv)).toBe(1);
    expect(checkout.errors).toContain(error);
  });
});
