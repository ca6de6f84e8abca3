import { gunzipSync } from "node:zlib";
import { secretsOf } from "../../ops/trust/secrets";
import type { AwsSite } from "../../model/aws-types";
import type { Fleet } from "../../model/types";
import { forMoto } from "../helpers/aws-moto";
import { AWS_PROVIDER, awsOverride } from "../helpers/aws-provider";
import { removeCheckouts } from "../helpers/checkout";
import { awsFleet, awsSite, spoil } from "../helpers/fleet";
import { askEc2, describeWithMoto, type Moto, motoProvider, startMoto } from "../helpers/moto";
import { ServerCheckout } from "../helpers/server-checkout";
import { StandInNomad } from "../helpers/stand-ins/nomad-autopilot";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../helpers/synth";
import { describeWithTerraform } from "../helpers/terraform";

const REGION = "eu-central-1";
const STACK = "small-site-cloud";
const SERVERS = ["small-cloud-1", "small-cloud-2", "small-cloud-3"];
const IMAGES = { first: "ami-0123456789abcdef0", second: "ami-0aaaaaaaaaaaaaaa2" };

/** Three servers on AWS and no pools there, with an image and an operator's key. */
function fleetOf(image: string, key: string): Fleet {
  const fleet = awsFleet();
  for (const [name, { site }] of Object.entries(fleet.pools))
    if (site === "cloud") Reflect.deleteProperty(fleet.pools, name);
  const site: AwsSite = { ...awsSite(), images: { amd64: image }, ssh: { authorizedKeys: [key] } };
  return spoil(fleet, "sites.cloud", site);
}

/** The site's stack for moto, which forgets the groups of an instance: those are not looked at here. */
function siteFor(moto: Moto, fleet: Fleet): StackDocument {
  const stack = forMoto(synthesizeFleet(fleet, { trust: publicTrustOf(fleet) }).get(STACK) as StackDocument);
  const { terraform, provider } = JSON.parse(awsOverride(motoProvider(moto))) as {
    terraform: { required_providers: object };
    provider: { aws: object };
  };
  const instances = Object.entries(stack.resource?.["aws_instance"] ?? {}).map(([id, { lifecycle, ...instance }]) => {
    const { ignore_changes: ignored = [] } = lifecycle as { ignore_changes?: readonly string[] };
    return [id, { ...instance, lifecycle: { ignore_changes: [...ignored, "vpc_security_group_ids"] } }];
  });
  return {
    ...stack,
    terraform: {
      ...stack.terraform,
      required_providers: { ...stack.terraform.required_providers, ...terraform.required_providers },
    },
    provider: { ...stack.provider, aws: [{ region: REGION, ...provider.aws }] },
    resource: {
      ...stack.resource,
      aws_instance: Object.fromEntries(instances) as Record<string, Record<string, unknown>>,
    },
  };
}

/** A server's machine and volume as moto has them. */
interface Made {
  readonly instance: string;
  readonly image: string;
  readonly volume: string;
  readonly userData: string;
}

const first = (pattern: RegExp, text: string) => pattern.exec(text)?.[1] ?? "";

async function made(moto: Moto, name: string): Promise<Made> {
  const of = (suffix: string, state: string) => ({
    "Filter.1.Name": "tag:Name",
    "Filter.1.Value.1": `${name}${suffix}`,
    "Filter.2.Name": state,
  });
  const machines = await askEc2(moto, REGION, "DescribeInstances", {
    ...of("", "instance-state-name"),
    "Filter.2.Value.1": "running",
  });
  const instance = first(/<instanceId>(i-[0-9a-f]+)</, machines);
  expect(machines.match(/<instanceId>/g)).toHaveLength(1);
  const volumes = await askEc2(moto, REGION, "DescribeVolumes", {
    ...of("-data", "attachment.instance-id"),
    "Filter.2.Value.1": instance,
  });
  const attribute = await askEc2(moto, REGION, "DescribeInstanceAttribute", {
    InstanceId: instance,
    Attribute: "userData",
  });
  const data = Buffer.from(first(/<value>([^<]+)</, attribute), "base64");
  return {
    instance,
    image: first(/<imageId>(ami-[0-9a-f]+)</, machines),
    volume: first(/<volumeId>(vol-[0-9a-f]+)</, volumes),
    userData: data[0] === 0x1f ? gunzipSync(data).toString() : data.toString(),
  };
}

const all = async (moto: Moto) => await Promise.all(SERVERS.map(async (name) => await made(moto, name)));

describeWithTerraform("a server on AWS", [AWS_PROVIDER], () => {
  describeWithMoto("replaced against moto, beside a stand-in for Nomad's API", (path) => {
    let moto: Moto;
    let nomad: StandInNomad;
    let checkout: ServerCheckout;

    /** Runs a command that succeeds and shows no secret. @returns what it said. */
    const succeed = async (...argv: string[]) => {
      const code = await checkout.run(...argv);
      const said = checkout.text + checkout.errors;
      expect(secretsOf(checkout.trust).filter(({ value }) => said.includes(value))).toEqual([]);
      expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
      return said;
    };

    beforeAll(async () => {
      moto = await startMoto(path, { [IMAGES.first]: "x86_64", [IMAGES.second]: "x86_64" });
      const fleet = fleetOf(IMAGES.first, "ssh-ed25519 AAAAfirst");
      checkout = await ServerCheckout.make(fleet);
      checkout.env["STEPPE_FLEET"] = "pilot";
      checkout.synthesizes({ [STACK]: siteFor(moto, fleet) });
      nomad = await StandInNomad.start(SERVERS, checkout.trust, "cloud");
      Object.assign(checkout.env, nomad.env);
    }, 120_000);

    afterAll(async () => {
      await nomad.stop();
      await moto.stop();
      removeCheckouts();
    });

    test("is made with its site", async () => {
      await succeed("apply", "--yes");
      expect((await all(moto)).map(({ image }) => image)).toEqual(SERVERS.map(() => IMAGES.first));
    }, 400_000);

    test("is a new machine of the present image and user data with the volume it had, and no other is touched", async () => {
      const before = await all(moto);
      const fleet = fleetOf(IMAGES.second, "ssh-ed25519 AAAAsecond");
      checkout.synthesizes({ [STACK]: siteFor(moto, fleet) });
      await succeed("plan", "--detailed-exitcode");
      const said = await succeed("server", "replace", "small-cloud-2", "--yes");
      expect(said).toContain(`image  ${IMAGES.second}, was ${IMAGES.first}`);
      const after = await all(moto);
      expect([after[0], after[2]]).toEqual([before[0], before[2]]);
      expect(after[1]?.instance).not.toBe(before[1]?.instance);
      expect(after[1]?.volume).toMatch(/^vol-/);
      expect(after[1]).toMatchObject({ volume: before[1]?.volume, image: IMAGES.second });
      expect([before[1]?.userData, after[1]?.userData].map((text = "") => /AAAA\w+/.exec(text)?.[0])).toEqual([
        "AAAAfirst",
        "AAAAsecond",
      ]);
      await succeed("plan", "--detailed-exitcode");
    }, 600_000);

    test("that was terminated by somebody else is made again, with the volume it had", async () => {
      const before = await all(moto);
      await askEc2(moto, REGION, "TerminateInstances", { "InstanceId.1": before[2]?.instance ?? "" });
      nomad.the("small-cloud-3").healthy = false;
      nomad.beforeAnswer = () => {
        if (nomad.requests.length > asked + 4) nomad.the("small-cloud-3").healthy = true;
      };
      const asked = nomad.requests.length;
      await succeed("server", "replace", "small-cloud-3", "--yes");
      const after = await all(moto);
      expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
      expect(after[2]).toMatchObject({ volume: before[2]?.volume, image: IMAGES.second });
      expect(after[2]?.instance).not.toBe(before[2]?.instance);
    }, 600_000);
  });
});
