import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { App, TerraformOutput, TerraformStack, TerraformVariable, Testing } from "cdktf";
import { ec2UserData } from "../../../constructs/platform/aws/user-data";
import { serverUserData } from "../../../constructs/machine/user-data";
import { awsFleet, spoil } from "../../helpers/fleet";
import { describeWithTerraform, removeTerraformDirs, runTerraform, terraformDir } from "../../helpers/terraform";

afterAll(removeTerraformDirs);

const fleet = spoil(awsFleet(), "regions.cloud.join", { kind: "workload-identity", issuer: "https://x", subject: "y" });
const userDataFor = (id: string, audience: string) =>
  serverUserData(fleet, "cloud", { host: "small-cloud-1", joinClient: { id, audience } });

describeWithTerraform("user data that holds what only an apply knows", [], () => {
  test("is compressed by Terraform to the very text", () => {
    const stack = new TerraformStack(Testing.stubVersion(new App({ stackTraces: false })), "test");
    const variable = (name: string, value: string) =>
      new TerraformVariable(stack, name, { type: "string", default: value }).stringValue;
    const userData = userDataFor(variable("client", "T1-k2CNTRL"), variable("audience", "api.tailscale.com/T1-k2"));
    new TerraformOutput(stack, "packed", { value: ec2UserData(stack, "UserData", userData), staticId: true });
    const directory = terraformDir({ "cdk.tf.json": Testing.synth(stack) });
    runTerraform(directory, "init");
    runTerraform(directory, "apply", "-auto-approve");
    const { outputs } = JSON.parse(readFileSync(join(directory, "terraform.tfstate"), "utf8")) as {
      outputs: { packed: { value: string } };
    };
    expect(gunzipSync(Buffer.from(outputs.packed.value, "base64")).toString()).toBe(
      userDataFor("T1-k2CNTRL", "api.tailscale.com/T1-k2").text,
    );
  }, 60_000);
});
