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

  describe("with GCS fault tolerance", () => {
    const gcsFaultTolerance = { volume: "ray-store" } as const;
    const fleet = fleetOf({ volumes: { "ray-store": { kind: "dynamic-host", pool: "h100" } } });
    const scriptOf = ({ workers }: RayCluster) => workers.job.groups["workers"]?.tasks["ray"]?.templates?.[0];

    test("keeps the store on the volume, in the head alone", () => {
      const { head, workers } = cluster({ gcsFaultTolerance }, fleet);
      const { ray, "own-volume": owner } = head.job.groups["head"]?.tasks ?? {};
      expect(ray?.env).toMatchObject({ RAY_gcs_storage: "rocksdb", RAY_gcs_storage_path: "/gcs/ray" });
      expect([ray, owner].map((task) => task?.volumeMounts?.map(({ destination }) => destination))).toEqual([
        ["/gcs"],
        ["/gcs"],
      ]);
      expect(owner?.config).toMatchObject({ args: ["1000:100", "/gcs"] });
      expect(JSON.stringify(workers.job)).not.toContain("gcs_storage");
    });

    test("has workers that wait for the head, and does not start them again for each change of it", () => {
      expect(scriptOf(cluster({ gcsFaultTolerance }, fleet))?.changeMode).toBe("noop");
      expect(scriptOf(cluster())?.changeMode).toBeUndefined();
      const patient = { ...gcsFaultTolerance, reconnectTimeoutSeconds: 30 };
      const { head, workers } = cluster({ gcsFaultTolerance: patient }, fleet);
      const told = { RAY_gcs_rpc_server_reconnect_timeout_s: "30" };
      expect(head.job.groups["head"]?.tasks["ray"]?.env).toMatchObject(told);
      expect(workers.job.groups["workers"]?.tasks["ray"]?.env).toMatchObject(told);
    });

    test("lets one head write a volume that follows it, when a machine loses contact", () => {
      const { head } = cluster({ gcsFaultTolerance: { volume: "hf-cache" } });
      expect(head.job.groups["head"]?.disconnect).toEqual({ stopOnClientAfter: "1m" });
      expect(cluster({ gcsFaultTolerance }, fleet).head.job.groups["head"]?.disconnect).toBeUndefined();
    });

    test.each<[string, Partial<RayClusterProps>]>([
      [
        "gcsFaultTolerance.volume: is a directory of each of the 2 machines",
        { gcsFaultTolerance: { volume: "models" } },
      ],
      [
        "gcsFaultTolerance.reconnectTimeoutSeconds: must be a whole number from 30",
        { gcsFaultTolerance: { ...gcsFaultTolerance, reconnectTimeoutSeconds: 29 } },
      ],
      [
        "gcsFaultTolerance.reconnectTimeoutSeconds: must be a whole number from 30",
        { gcsFaultTolerance: { ...gcsFaultTolerance, reconnectTimeoutSeconds: 86_401 } },
      ],
      [
        "runtime.image: must have Ray 2.57 or newer",
        { runtime: { kind: "container", image: "docker.io/rayproject/ray:2.56.1-py312-cpu" } },
      ],
      ["env.RAY_REDIS_ADDRESS: says where GCS has its store", { env: { RAY_REDIS_ADDRESS: "10.0.0.1:6379" } }],
      ["mounts.0.destination: must not be in /gcs", { mounts: [{ volume: "models", destination: "/gcs/models" }] }],
    ])("refuses what cannot work: %s", (message, props) => {
      expect(() => cluster({ gcsFaultTolerance, ...props }, fleet)).toThrow(message);
    });

    test("refuses a runtime without mounts", () => {
      const runtime = { kind: "installed", driver: "raw_exec", reason: "shares the machine's memory" } as const;
      expect(() => cluster({ gcsFaultTolerance, runtime }, fleet)).toThrow("has driver raw_exec");
    });

    test("takes an image with Ray 2.57, and images of others", () => {
      for (const image of ["rayproject/ray:2.57.0-py312-cpu", "registry.example/ours/ray:1.4.0"])
        expect(() => cluster({ gcsFaultTolerance, runtime: { kind: "container", image } }, fleet)).not.toThrow();
    });
  });

  test("refuses more GPUs than a machine has", () => {
    expect(() => cluster({ workers: { pool: "h100", count: 2, gpus: 9 } })).toThrow("workers.gpus: must be at most 8");
    expect(() => cluster({ workers: { pool: "h100", count: 0, cpus: 0.5 }, head: { pool: "h100", cpus: -1 } })).toThrow(
      /workers\.count: must be .* at least 1, got 0\n.*workers\.cpus: .* got 0\.5\n.*head\.cpus: .* got -1/,
    );
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
