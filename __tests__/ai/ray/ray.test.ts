import { App, TerraformStack } from "cdktf";
import { RayCluster } from "../../../constructs/ai/ray/cluster";
import { sharePorts } from "../../../constructs/ai/ray/jobs";
import type { RayClusterProps } from "../../../constructs/ai/ray/options";
import { RegionProvider } from "../../../constructs/nomad/region-provider";
import type { Fleet } from "../../../model/types";
import { fleetOf } from "../patterns/pattern";

function cluster(more: Partial<RayClusterProps> = {}, fleet: Fleet = fleetOf({})): RayCluster {
  const stack = new TerraformStack(new App({ outdir: "unused" }), "ray");
  new RegionProvider(stack, "Region", { region: "eu-onprem", address: "https://nomad.example:4646", fleet });
  const props: RayClusterProps = { name: "ray", head: { pool: "h100" }, workers: { pool: "h100", count: 2 }, ...more };
  return new RayCluster(stack, "Ray", props);
}

describe("RayCluster", () => {
  test("gives head and workers their own part of the ports that the fleet opens", () => {
    expect(sharePorts([18_000, 18_999])).toEqual({ head: [18_000, 18_199], workers: [18_200, 18_999] });
    const { head, workers } = cluster();
    expect(JSON.stringify(head.job)).toContain("--max-worker-port=18199");
    expect(JSON.stringify(workers.job)).toContain("--min-worker-port=18200");
  });

  test("tells Ray what Nomad gives its workers", () => {
    const task = cluster({ workers: { pool: "h100", count: 2, gpus: 2, memory: "100MiB" } }).workers.job.groups[
      "workers"
    ]?.tasks["ray"];
    expect(task?.resources?.devices).toEqual([{ name: "nvidia/gpu", count: 2 }]);
    expect(JSON.stringify(task)).toContain("--num-gpus=2");
    expect(JSON.stringify(task)).toContain(`--object-store-memory=${30 * 1024 * 1024}`);
    expect(JSON.stringify(task)).toContain(`--memory=${70 * 1024 * 1024}`);
    expect(task?.config).toMatchObject({ shmSize: "33MiB", networkMode: "host" });
  });

  test("starts an installed Ray through the shell script that finds the head", () => {
    const runtime = { kind: "installed", command: "/opt/ray/bin/ray" } as const;
    const { head, workers } = cluster({ runtime });
    expect(head.job.groups["head"]?.tasks["ray"]?.config).toMatchObject({ command: "/opt/ray/bin/ray" });
    const config = workers.job.groups["workers"]?.tasks["ray"]?.config;
    expect(config).toMatchObject({ command: "/bin/sh" });
    expect((config as { readonly args: readonly string[] }).args.slice(1, 3)).toEqual(["/opt/ray/bin/ray", "start"]);
  });

  test("lets an installed Ray keep objects in files where exec has too little shared memory", () => {
    const fleet = fleetOf({});
    const { h100 } = fleet.pools;
    if (h100 === undefined) throw new Error("no pool h100");
    const withRawExec = {
      ...fleet,
      pools: { ...fleet.pools, h100: { ...h100, drivers: ["docker", "exec", "raw_exec"] } },
    } as Fleet;
    const environmentOf = (more: Partial<RayClusterProps>) =>
      cluster(more, withRawExec).workers.job.groups["workers"]?.tasks["ray"]?.env;
    const allowed = { RAY_OBJECT_STORE_ALLOW_SLOW_STORAGE: "1" };
    expect(environmentOf({ runtime: { kind: "installed" } })).toMatchObject(allowed);
    const shared = { kind: "installed", driver: "raw_exec", reason: "shares the machine's memory" } as const;
    expect(environmentOf({ runtime: shared })).not.toMatchObject(allowed);
    expect(environmentOf({})).not.toMatchObject(allowed);
  });

  test("refuses more GPUs than a machine has", () => {
    expect(() => cluster({ workers: { pool: "h100", count: 2, gpus: 9 } })).toThrow("workers.gpus: must be at most 8");
  });

  test("refuses more workers than machines", () => {
    expect(() => cluster({ workers: { pool: "h100", count: 3 } })).toThrow();
  });

  test("refuses a fleet without its services, and says what opens them", () => {
    const fleet = fleetOf({});
    const services = Object.fromEntries(
      Object.entries(fleet.services ?? {}).filter(([name]) => !name.startsWith("ray-")),
    );
    expect(() => cluster({}, { ...fleet, services })).toThrow(
      /needs the services ray-gcs[^]*rayServices\({ head: "h100"/,
    );
  });

  test("refuses its image on ARM", () => {
    expect(() => cluster({ workers: { pool: "edge", count: 1 } })).toThrow("runtime.image: must be an image for arm64");
  });
});
