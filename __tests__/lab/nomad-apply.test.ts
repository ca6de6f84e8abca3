import { stepsOf } from "../../lab/nomad-apply";

const stack = (resource: object) => ({ name: "lab-jobs-east", document: { resource } });
const order = (resource: object) => stepsOf(stack(resource)).map(({ type, name }) => `${type}.${name}`);
const gate = "terraform_data.Gate";

describe("stepsOf", () => {
  test("waits for the region first, and makes namespaces before jobs", () => {
    const after = { depends_on: [gate] };
    const resource = { nomad_job: { api: after }, nomad_namespace: { ai: after }, terraform_data: { Gate: {} } };
    expect(order(resource)).toEqual([gate, "nomad_namespace.ai", "nomad_job.api"]);
  });

  test("runs a set-up after its job is there, and what follows it then", () => {
    const resource = {
      nomad_job: {
        api: { depends_on: [gate, "terraform_data.Migrate"] },
        migrate: { depends_on: [gate] },
      },
      terraform_data: { Gate: {}, Migrate: { depends_on: ["nomad_job.migrate"] } },
    };
    expect(order(resource)).toEqual([gate, "nomad_job.migrate", "terraform_data.Migrate", "nomad_job.api"]);
  });

  test("takes a dependency that is elsewhere for met", () => {
    expect(order({ nomad_job: { api: { depends_on: ["nomad_csi_volume.data"] } } })).toEqual(["nomad_job.api"]);
  });
});
