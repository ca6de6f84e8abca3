import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { formatProblem } from "../../constructs/core/problems";
import type { Fleet } from "../../model/types";
import { UserError } from "../../ops/errors";
import { apply } from "../../ops/terraform/deploy";
import { destroy, type DestroyOptions } from "../../ops/terraform/destroy";
import {
  claimProblems,
  dependentProblems,
  keptProblems,
  poolProblems,
  resourcesIn,
  volumesIn,
} from "../../ops/terraform/destroy-gates";
import { allBefore, destroyOrder } from "../../ops/terraform/destroy-order";
import type { RunResult } from "../../ops/terraform/result";
import type { Json, Stack } from "../../ops/terraform/stack";
import type { Claim, NomadVolume } from "../../ops/volumes/types";
import { smallFleet, spoil } from "../helpers/fleet";
import { describeWithTerraform } from "../helpers/terraform";
import { type SyntheticStack, Workplace } from "./synthetic";

jest.setTimeout(60_000);

/** Regions north and south; the machines of north's pool are at a site of their own. */
function fleet(): Fleet {
  return { ...spoil(smallFleet(), "pools.gpu.site", "south"), name: "lab" };
}
const AFTER: Readonly<Record<string, readonly string[]>> = {
  "lab-tailnet": [],
  "lab-site-north": ["lab-tailnet"],
  "lab-site-south": ["lab-tailnet"],
  "lab-control": ["lab-site-north"],
  "lab-storage-north": ["lab-control"],
  "lab-jobs-north": ["lab-storage-north"],
};
const bare = Object.entries(AFTER).map(([name, dependencies]) => ({ name, dependencies }) as Stack);

describe("the order of destruction", () => {
  const order = destroyOrder(fleet(), bare);

  test("is that of application, backwards, and sites wait for the volumes and jobs on their machines", () => {
    expect(Object.fromEntries(order)).toEqual({
      "lab-tailnet": ["lab-site-north", "lab-site-south"],
      "lab-site-north": ["lab-control"],
      "lab-site-south": ["lab-jobs-north", "lab-storage-north"],
      "lab-control": ["lab-storage-north"],
      "lab-storage-north": ["lab-jobs-north"],
      "lab-jobs-north": [],
    });
    expect(allBefore(order, "lab-site-north")).toEqual(["lab-control", "lab-jobs-north", "lab-storage-north"]);
  });

  test("refuses a stack while one that needs it has state and stays", () => {
    const chosen = bare.filter(({ name }) => name === "lab-site-south" || name === "lab-storage-north");
    const counts = new Map([
      ["lab-site-south", 3],
      ["lab-storage-north", 2],
      ["lab-jobs-north", 1],
    ]);
    expect(dependentProblems(chosen, order, counts).map(({ path, rule }) => `${path} ${rule}`)).toEqual([
      "lab-site-south cannot go before lab-jobs-north, which has state (1 resource)",
      "lab-storage-north cannot go before lab-jobs-north, which has state (1 resource)",
    ]);
    expect(dependentProblems(chosen, order, new Map([...counts, ["lab-jobs-north", 0]]))).toEqual([]);
  });
});

/** A resource of a state, by address. */
type Resource = readonly [address: string, values: Json];

describe("what is kept", () => {
  const state = (...resources: readonly Resource[]): Json => ({
    values: {
      root_module: {
        resources: [
          { address: "data.nomad_plugin.x", mode: "data", type: "nomad_plugin", values: {} },
          ...resources.map(([address, values]) => ({ address, mode: "managed", type: address.split(".")[0], values })),
        ],
      },
    },
  });
  const kept = (document: Json, ...resources: readonly Resource[]) =>
    keptProblems({ name: "lab-x", document } as Stack, resourcesIn(state(...resources))).map(formatProblem);
  const protectedIn = (type: string) => ({ resource: { [type]: { a: { lifecycle: { prevent_destroy: true } } } } });

  test("is named with the way to let it go", () => {
    expect(kept(protectedIn("nomad_csi_volume"), ["nomad_csi_volume.a", { volume_id: "scratch" }])).toEqual([
      "lab-x: volume scratch: is kept: destroying it loses its data; give it retired: { reason } to leave it in Nomad, and disposable: { reason } where its data may go; apply",
    ]);
    expect(
      kept(protectedIn("aws_ebs_volume"), ["aws_ebs_volume.a", { id: "vol-1", tags: { Name: "s-1-data" } }]),
    ).toEqual([
      "lab-x: aws_ebs_volume s-1-data: is kept: destroying it loses its data; give the region's servers disposable: { reason } where this may go; apply",
    ]);
  });

  test("is a volume too whose line was deleted, or whose retirement waits to be applied", () => {
    const removed = (destroy: boolean) => ({ removed: [{ from: "nomad_csi_volume.a", lifecycle: { destroy } }] });
    const scratch = ["nomad_csi_volume.a", { volume_id: "scratch" }] as const;
    expect(kept({}, scratch)[0]).toContain("lab-x: volume scratch: is kept: its line is gone");
    expect(kept(removed(false), scratch)).toEqual([
      "lab-x: volume scratch: is retired, but that is not applied yet; run ./steppe apply lab-x first",
    ]);
    expect(kept(removed(true), scratch)).toEqual([]);
  });

  test("is nothing else", () => {
    expect(kept({ resource: { nomad_csi_volume: { a: {} } } }, ["nomad_csi_volume.a", {}])).toEqual([]);
    expect(kept({}, ["terraform_data.a", {}], ["nomad_csi_volume_registration.b", {}])).toEqual([]);
    expect(kept({})).toEqual([]);
  });

  test("volumes are known to the API by id, those of hosts by Nomad's own", () => {
    const resources = resourcesIn(
      state(
        ["nomad_csi_volume.a", { volume_id: "a[0]", namespace: "ai" }],
        ["nomad_csi_volume_registration.b", { volume_id: "b" }],
        ["nomad_dynamic_host_volume.c", { id: "uuid", name: "c", namespace: "default" }],
      ),
    );
    expect(volumesIn(resources)).toEqual([
      { type: "csi", id: "a[0]", name: "a[0]", namespace: "ai" },
      { type: "csi", id: "b", name: "b", namespace: "default" },
      { type: "host", id: "uuid", name: "c", namespace: "default" },
    ]);
  });
});

describe("what is in use", () => {
  const stack = { name: "lab-storage-north" } as Stack;
  const volume = (claim: Partial<Claim>): NomadVolume => ({
    ...{ type: "csi", id: "scratch", namespace: "default", plugin: "disks", capabilities: [] },
    claims: [
      { allocation: "0123456789", namespace: "default", job: "db", group: "g", index: 0, node: "n-1", ...claim },
    ],
  });
  const problems = (claim: Partial<Claim>) =>
    claimProblems(stack, [volume(claim)], new Set(["default/web"])).map(({ path, rule }) => `${path} ${rule}`);

  test("is a volume that a job holds which stays, not one whose job goes or has ended", () => {
    expect(problems({})).toEqual([
      "lab-storage-north: volume scratch is mounted by db/g[0] on n-1, a job that is not destroyed",
    ]);
    expect(problems({ job: "web" })).toEqual([]);
    expect(problems({ job: "web", namespace: "ai" })).toHaveLength(1);
    expect(problems({ ended: "2026-01-01T00:00:00Z" })).toEqual([]);
    expect(problems({ ended: "2026-01-01T00:00:00Z", stuck: "node n-1 is down" })).toEqual([
      "lab-storage-north: volume scratch has a stuck claim of db/g[0] on n-1: node n-1 is down",
    ]);
  });

  test("is a node pool that has nodes in any region", () => {
    const pool = { address: "nomad_node_pool.gpu", type: "nomad_node_pool", values: { name: "gpu" } };
    const nodes = [
      { name: "g-1", pool: "gpu" },
      { name: "e-1", pool: "edge" },
    ];
    expect(poolProblems(stack, [pool], nodes).map(({ path, rule }) => `${path} ${rule}`)).toEqual([
      "lab-storage-north: node pool gpu still has nodes: g-1",
    ]);
    expect(poolProblems(stack, [pool], nodes.slice(1))).toEqual([]);
  });
});

describeWithTerraform("destroy", [], () => {
  /** Stacks that write down in what order they go, in a checkout where all are applied. */
  async function applied(resources: Readonly<Record<string, object>> = {}) {
    const place = new Workplace();
    const goes = (name: string, script = "") => ({
      terraform_data: {
        x: {
          input: name,
          provisioner: [
            {
              "local-exec": {
                when: "destroy",
                command: `if [ -e ${place.path("broken")} ] && [ $NAME = "$(cat ${place.path("broken")})" ]; then exit 3; fi; echo $NAME >> ${place.path("gone")}${script}`,
                environment: { NAME: "${self.input}" },
              },
            },
          ],
        },
      },
    });
    const stacks = place.stacks(
      Object.fromEntries(
        Object.entries(AFTER).map(([name, after]): [string, SyntheticStack] => [
          name,
          { after, resource: { ...goes(name), ...resources[name] } },
        ]),
      ),
    );
    await apply(stacks, place.settings(await place.trust()));
    const options = (more: Partial<DestroyOptions> = {}): DestroyOptions => ({
      ...place.settings(),
      ...{ fleet: fleet(), allStacks: stacks },
      ...more,
    });
    const gone = () =>
      existsSync(place.path("gone")) ? readFileSync(place.path("gone"), "utf8").trim().split("\n") : [];
    return { place, stacks, options, gone };
  }
  const statuses = ({ stacks }: RunResult) => Object.fromEntries(stacks.map(({ stack, status }) => [stack, status]));
  const rejected = async (promise: Promise<unknown>): Promise<UserError> => {
    const error: unknown = await promise.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  };

  test("goes backwards, needs no secret, and finds nothing the second time", async () => {
    const { stacks, options, gone } = await applied();
    const asked: string[] = [];
    const approve: DestroyOptions["approve"] = (planned) => {
      asked.push(...planned.map(({ stack, text }) => `${stack} ${text.includes("forgets") ? "forgets" : "destroys"}`));
      return Promise.resolve(true);
    };
    const result = await destroy(stacks, options({ approve }));
    expect(statuses(result)).toEqual({
      ...Object.fromEntries(Object.keys(AFTER).map((name) => [name, "destroyed"])),
      // What federation replicates goes with the servers that hold it.
      "lab-control": "forgotten",
    });
    const order = gone();
    expect(order).toHaveLength(5);
    expect(order.slice(0, 2)).toEqual(["lab-jobs-north", "lab-storage-north"]);
    expect(order.at(-1)).toBe("lab-tailnet");
    expect(asked).toContain("lab-control forgets");
    expect(result.stacks.find(({ stack }) => stack === "lab-site-north")?.detail).toContain(
      "its machines go on running",
    );
    expect(Object.values(statuses(await destroy(stacks, options())))).toEqual(Array(6).fill("unchanged"));
  });

  test("destroys nothing while something is kept or needed, and says all of it", async () => {
    const { stacks, options, gone } = await applied({
      "lab-site-south": { terraform_data: { kept: { lifecycle: { prevent_destroy: true } } } },
    });
    const sites = stacks.filter(({ name }) => /site/.test(name));
    const { message, problems } = await rejected(destroy(sites, options()));
    expect(message).toBe("not everything can be destroyed as things are: nothing was changed");
    expect(problems.map(({ path, rule }) => `${path}: ${rule}`)).toEqual([
      expect.stringMatching(/^lab-site-south: terraform_data \S+: is kept: destroying it loses its data$/),
      "lab-site-north: cannot go before lab-control, which has state (1 resource)",
      "lab-site-north: cannot go before lab-jobs-north, which has state (1 resource)",
      "lab-site-north: cannot go before lab-storage-north, which has state (1 resource)",
      "lab-site-south: cannot go before lab-jobs-north, which has state (1 resource)",
      "lab-site-south: cannot go before lab-storage-north, which has state (1 resource)",
    ]);
    expect(gone()).toEqual([]);
  });

  test("destroys nothing that was not approved", async () => {
    const { stacks, options, gone } = await applied();
    const error = await rejected(destroy(stacks, options({ approve: () => Promise.resolve(false) })));
    expect(error.message).toBe("nothing was destroyed: not approved");
    expect(gone()).toEqual([]);
  });

  test("stops at the first failure, and goes on from there the next time", async () => {
    const { place, stacks, options, gone } = await applied();
    writeFileSync(place.path("broken"), "lab-storage-north");
    const first = await destroy(stacks, options());
    expect(statuses(first)).toMatchObject({
      "lab-jobs-north": "destroyed",
      "lab-storage-north": "failed",
      "lab-control": "not-begun",
      "lab-site-south": "not-begun",
      "lab-tailnet": "not-begun",
    });
    expect(gone()).toEqual(["lab-jobs-north"]);
    rmSync(place.path("broken"));
    expect(statuses(await destroy(stacks, options()))).toMatchObject({
      "lab-jobs-north": "unchanged",
      "lab-storage-north": "destroyed",
      "lab-tailnet": "destroyed",
    });
  });

  test("leaves alone what is applied in another way, and refuses Nomad's objects so applied", async () => {
    const { stacks, options } = await applied();
    const override = (name: string) => ({
      matches: (stack: Stack) => stack.name === name,
      apply: () => Promise.resolve(),
      describe: "with the nomad command",
    });
    const context = { prefix: [], env: {}, overrides: [override("lab-tailnet")] };
    expect(statuses(await destroy(stacks, options({ context })))).toMatchObject({
      "lab-tailnet": "override",
      "lab-jobs-north": "destroyed",
    });
    const nomad = stacks.map((stack) => ({ ...stack, nomadRegion: "north" })).filter(({ name }) => /jobs/.test(name));
    const error = await rejected(
      destroy(nomad, options({ context: { prefix: [], env: {}, overrides: [override("lab-jobs-north")] } })),
    );
    expect(error.problems.map(({ rule }) => rule)).toEqual([
      "is applied with the nomad command, and cannot be destroyed by Terraform",
    ]);
  });
});
