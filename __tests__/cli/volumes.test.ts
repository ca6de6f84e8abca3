import { rmSync } from "node:fs";
import { ageText, sizeText } from "../../cli/volumes-text";
import { secretsOf } from "../../ops/trust/secrets";
import { removeCheckouts } from "../helpers/checkout";
import { smallFleet, spoil } from "../helpers/fleet";
import { ServerCheckout } from "../helpers/server-checkout";
import { allocation, csiVolume, hostVolume, node, StandInVolumes } from "../helpers/stand-ins/nomad-volumes";

afterAll(removeCheckouts);

const started: StandInVolumes[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(async (one) => await one.stop()));
});

const job = (volumes: object) =>
  JSON.stringify({ ID: "web", TaskGroups: [{ Name: "app", Count: 2, Volumes: volumes }] });

/** A checkout whose region north has a static and a dynamic host volume, and a job that mounts both. */
async function checkoutWith(): Promise<{ readonly checkout: ServerCheckout; readonly nomad: StandInVolumes }> {
  const fleet = spoil(smallFleet(), "regions.north.storage", {
    volumes: { work: { kind: "dynamic-host", pool: "gpu" } },
  });
  const checkout = await ServerCheckout.make(fleet);
  checkout.env["STEPPE_FLEET"] = "pilot";
  checkout.synthesizes({
    "small-jobs-north": {
      provider: { nomad: [{ region: "north" }] },
      resource: {
        nomad_job: {
          web: {
            json: true,
            jobspec: job({
              m: { Type: "host", Source: "models", ReadOnly: true },
              w: { Type: "host", Source: "work" },
            }),
          },
          old: { jobspec: 'job "old" {}' },
        },
      },
    },
  });
  const nomad = await StandInVolumes.start(checkout.trust, "north");
  started.push(nomad);
  Object.assign(checkout.env, nomad.env);
  nomad.has.nodes = [node("n-gpu", "gpu", { HostVolumes: { models: { Name: "models", ID: "" } } })];
  const running = allocation("web", "app", 1, "n-gpu", { CreateTime: (Date.now() - 200 * 60_000) * 1e6 });
  nomad.has.host = [hostVolume("work", "n-gpu", { Allocations: [running] })];
  nomad.has.allocations = { web: [running, allocation("web", "app", 0, "n-gpu", { ClientStatus: "complete" })] };
  return { checkout, nomad };
}

describe("steppe volumes", () => {
  test("shows who mounts what, where, since when, and what is left over", async () => {
    const { checkout, nomad } = await checkoutWith();
    nomad.has.csi = { strange: csiVolume("strange", "gone") };
    expect(await checkout.run("volumes", "--region", "north")).toBe(0);
    const rows = checkout.text.split("\n").map((line) => line.replace(/ {2,}/g, " | "));
    expect(rows).toEqual([
      "region north",
      "",
      "volume | kind | where | size | mounted by | meant for",
      "work | dynamic-host | n-gpu | - | web/app[1] on n-gpu write for 3h 20m | web/app write",
      "models | static-host | n-gpu | - | web/app[1] on n-gpu read for 3h 20m | web/app read",
      "strange | csi | gone | 20 GiB | - | -",
      "",
      "! region north: volume strange: is not in the fleet; nomad volume delete strange destroys it with its data; nomad volume deregister strange lets Nomad forget it",
      "",
      "what these jobs mount is not known, they are handed over as HCL: old",
      "",
    ]);
    expect(secretsOf(checkout.trust).filter(({ value }) => checkout.text.includes(value))).toEqual([]);
  });

  test("shows one volume with all that is known of it", async () => {
    const { checkout } = await checkoutWith();
    expect(await checkout.run("volumes", "work", "--region", "north")).toBe(0);
    expect(checkout.text).toContain(
      [
        "volume work",
        "  kind          dynamic-host",
        "  in Nomad      yes, as work-n-gpu-uuid",
        "  namespace     default",
        "  plugin        mkdir",
        "  nodes         n-gpu",
        "  state         ready",
        "  capabilities  single-node-multi-writer file-system",
        "  mounted by    web/app[1] on n-gpu write for 3h 20m",
        "  meant for     web/app write",
      ].join("\n"),
    );
    expect(checkout.text).not.toContain("models");
  });

  test("prints data, without colours", async () => {
    const { checkout } = await checkoutWith();
    expect(await checkout.run("volumes", "--json", "--region", "north")).toBe(0);
    expect(JSON.parse(checkout.text)).toMatchObject([
      {
        region: "north",
        volumes: [
          { id: "work", kind: "dynamic-host", mountedBy: [{ job: "web", index: 1, access: "write" }] },
          { id: "models", kind: "static-host", mountedBy: [{ job: "web", access: "read" }] },
        ],
        findings: [],
        unreadJobs: ["old"],
      },
    ]);
  });

  test("says which volumes and regions there are", async () => {
    const { checkout } = await checkoutWith();
    expect(await checkout.run("volumes", "wrk", "--region", "north")).toBe(1);
    expect(checkout.errors).toBe("error: there is no volume wrk\n  use one of: work, models\n");
    expect(await checkout.run("volumes", "--region", "nroth")).toBe(1);
    expect(checkout.errors).toBe("error: fleet small has no region nroth\n  use one of: north, south\n");
  });

  test("says which region could not be asked, shows the others, and fails", async () => {
    const { checkout, nomad } = await checkoutWith();
    nomad.away = ["s-1"];
    expect(await checkout.run("volumes")).toBe(1);
    expect(checkout.text).toContain("work");
    expect(checkout.text).toContain("region south: cannot be asked: ");
    expect(checkout.errors).toContain("error: not every region could be asked\n  south: ");
  });

  test("needs a trust that can ask", async () => {
    const { checkout } = await checkoutWith();
    rmSync(checkout.env["STEPPE_TRUST_DIR"] ?? "", { recursive: true });
    expect(await checkout.run("volumes", "--region", "north")).toBe(1);
    expect(checkout.errors).toContain("north: no trust at hand to ask it with");
  });
});

test.each([
  [0, "0s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [3_661_000, "1h 1m"],
  [86_400_000, "1d"],
  [90_061_000, "1d 1h"],
  [-5, "0s"],
])("%d ms are %s", (milliseconds, text) => {
  expect(ageText(milliseconds)).toBe(text);
});

test.each([
  [undefined, "-"],
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [20 * 1024 ** 3, "20 GiB"],
  [1.5 * 1024 ** 4, "1.5 TiB"],
])("%p bytes are %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
