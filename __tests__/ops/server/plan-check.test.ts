import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatProblem } from "../../../constructs/core/problems";
import { dividePlan, imageOf, planProblems } from "../../../ops/server/plan-check";
import { type ServerResources, standingOf } from "../../../ops/server/resources";
import type { Json } from "../../../ops/terraform/stack";
import { describeWithTerraform, removeTerraformDirs, runTerraform, terraformDir } from "../../helpers/terraform";

jest.setTimeout(60_000);

const resources: ServerResources = {
  replaced: "terraform_data.machine",
  own: ["terraform_data.machine", "terraform_data.attachment", "terraform_data.delivery"],
  lasting: "terraform_data.data",
};

/** Stands for a site with one server, a neighbour, and something that can be renamed. */
const SITE = {
  resource: {
    terraform_data: {
      data: { input: "volume" },
      machine: { input: "image-1", lifecycle: { ignore_changes: ["input"] } },
      attachment: { triggers_replace: "${terraform_data.machine.id} ${terraform_data.data.id}" },
      delivery: { triggers_replace: "${terraform_data.machine.id}", depends_on: ["terraform_data.attachment"] },
      neighbour: { input: "image-1", depends_on: ["terraform_data.delivery"] },
      other: { input: "other" },
    },
  },
  output: { machine: { value: "${terraform_data.machine.id}" } },
};

describe("imageOf", () => {
  const planOf = (before: Json | undefined, after: Json) => ({
    own: [{ address: "a.machine", actions: ["delete", "create"], before, after }],
    others: [],
  });
  const googles = (image: string) => ({ boot_disk: [{ initialize_params: [{ image }] }] });
  const debian = (day: number) => `projects/debian-cloud/global/images/debian-12-v${day}`;

  test("says an instance's AMI", () => {
    expect(imageOf(planOf({ ami: "ami-1" }, { ami: "ami-2" }), "a.machine")).toEqual({
      before: "ami-1",
      after: "ami-2",
    });
  });

  test("says what a boot disk was made from, and is to be, in the same form", () => {
    const plan = planOf(googles(`https://www.googleapis.com/compute/v1/${debian(1)}`), googles(debian(2)));
    expect(imageOf(plan, "a.machine")).toEqual({ before: debian(1), after: debian(2) });
  });

  test("says nothing of what the plan does not say", () => {
    expect(imageOf(planOf(undefined, { boot_disk: [{}] }), "a.machine")).toEqual({});
    expect(imageOf(planOf({ ami: "ami-1" }, { ami: "ami-2" }), "a.other")).toEqual({});
  });
});

describeWithTerraform("a plan of Terraform's", [], () => {
  let directory: string;

  beforeAll(() => {
    directory = terraformDir({ "main.tf.json": JSON.stringify(SITE) });
    runTerraform(directory, "init");
    runTerraform(directory, "apply", "-auto-approve");
  });
  beforeEach(() => write(SITE));
  afterAll(removeTerraformDirs);

  const write = (document: object) => writeFileSync(join(directory, "main.tf.json"), JSON.stringify(document));
  const change = (name: string, body: object) => {
    const { terraform_data: all } = SITE.resource;
    write({ ...SITE, resource: { terraform_data: { ...all, [name]: body } } });
  };
  const shown = (...plan: string[]) => JSON.parse(runTerraform(directory, "show", "-json", ...plan)) as Json;
  const planned = (...flags: string[]) => {
    runTerraform(directory, "plan", "-out=plan.bin", ...flags);
    return dividePlan(shown("plan.bin"), resources.own);
  };
  const REPLACE = "-replace=terraform_data.machine";
  const REPLACED = [
    ["terraform_data.attachment", ["delete", "create"]],
    ["terraform_data.delivery", ["delete", "create"]],
    ["terraform_data.machine", ["delete", "create"]],
  ];

  test("that replaces one machine touches machine, attachment and delivery", () => {
    const plan = planned(REPLACE);
    expect(plan.own.map(({ address, actions }) => [address, actions])).toEqual(REPLACED);
    expect(planProblems(plan, "acme-site-eu")).toEqual([]);
  });

  test("takes the present image although changes of it are ignored", () => {
    change("machine", { ...SITE.resource.terraform_data.machine, input: "image-2" });
    const plan = planned(REPLACE);
    const machine = plan.own.find(({ address }) => address === "terraform_data.machine");
    expect([machine?.before?.["input"], machine?.after?.["input"]]).toEqual(["image-1", "image-2"]);
    expect(planned().own).toEqual([]);
  });

  test("that changes a neighbour, or destroys what left the data, is told by address", () => {
    change("neighbour", { input: "image-2" });
    expect(planProblems(planned(REPLACE), "acme-site-eu").map(formatProblem)).toEqual([
      "acme-site-eu: terraform_data.neighbour: would change as well (update)",
    ]);
    const { other, ...rest } = SITE.resource.terraform_data;
    expect(other).toBeDefined();
    write({ ...SITE, resource: { terraform_data: { ...rest, new: {} } } });
    expect(planProblems(planned(REPLACE), "acme-site-eu").map(formatProblem)).toEqual([
      "acme-site-eu: terraform_data.new: would change as well (create)",
      "acme-site-eu: terraform_data.other: would change as well (delete)",
    ]);
  });

  test("that takes the data volume with it is refused", () => {
    expect(
      planProblems(planned(REPLACE, "-replace=terraform_data.data"), "acme-site-eu").map(({ path }) => path),
    ).toEqual(["acme-site-eu: terraform_data.data"]);
  });

  test("that only renames, imports or forgets changes something as well", () => {
    const { other, neighbour, ...rest } = SITE.resource.terraform_data;
    write({
      ...SITE,
      resource: { terraform_data: { ...rest, renamed: other } },
      moved: { from: "terraform_data.other", to: "terraform_data.renamed" },
      removed: { from: "terraform_data.neighbour", lifecycle: { destroy: false } },
    });
    expect(neighbour).toBeDefined();
    expect(planProblems(planned(REPLACE), "s").map(formatProblem)).toEqual([
      "s: terraform_data.neighbour: would change as well (forget)",
      "s: terraform_data.renamed: would change as well (move from terraform_data.other)",
    ]);
    write({
      ...SITE,
      resource: { terraform_data: { ...SITE.resource.terraform_data, found: {} } },
      import: { to: "terraform_data.found", id: "0123" },
    });
    expect(planProblems(planned(REPLACE), "s").map(formatProblem)).toEqual([
      "s: terraform_data.found: would change as well (import)",
    ]);
  });

  test("finds what is missing or half made in the state", () => {
    expect(standingOf(shown(), resources)).toEqual({ known: true, unfinished: [] });
    const whole = readFileSync(join(directory, "terraform.tfstate"));
    runTerraform(directory, "taint", "terraform_data.machine");
    runTerraform(directory, "state", "rm", "terraform_data.delivery");
    expect(standingOf(shown(), resources)).toEqual({
      known: true,
      unfinished: ["terraform_data.machine", "terraform_data.delivery"],
    });
    expect(planned().own.map(({ address, actions }) => [address, actions])).toEqual([
      REPLACED[0],
      ["terraform_data.delivery", ["create"]],
      REPLACED[2],
    ]);
    writeFileSync(join(directory, "terraform.tfstate"), whole);
  });

  test("of nothing knows no server", () => {
    const empty = terraformDir({ "main.tf.json": JSON.stringify(SITE) });
    runTerraform(empty, "init");
    const state = JSON.parse(runTerraform(empty, "show", "-json")) as Json;
    expect(standingOf(state, resources)).toEqual({ known: false, unfinished: resources.own });
  });
});
