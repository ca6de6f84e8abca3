import type { CsiDriver } from "../csi-driver";
import { blockDevice, fileSystem } from "./capabilities";

export interface GcpPersistentDiskOptions {
  /** Version of the driver's image. Later ones than the default ask Kubernetes about the node. @default "v1.17.4" */
  readonly version?: string;
}

/**
 * Disks of Google Cloud, each in one zone. Several machines share one to read, or as a device where its type can.
 *
 * Both programs ask the metadata server: which machine this is and where, and for the machine's credentials.
 *
 * @see https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver
 */
export function gcpPersistentDisk({ version = "v1.17.4" }: GcpPersistentDiskOptions = {}): CsiDriver {
  const image = `registry.k8s.io/cloud-provider-gcp/gcp-compute-persistent-disk-csi-driver:${version}`;
  const common = ["--endpoint=${CSI_ENDPOINT}", "--v=2"];
  return {
    name: "pd.csi.storage.gke.io",
    programs: {
      controller: {
        image,
        args: [...common, "--run-node-service=false", "--extra-labels=steppe-fleet=${NOMAD_META_fleet}"],
      },
      node: {
        image,
        args: [...common, "--run-controller-service=false", "--node-name=${node.unique.name}"],
        privileged: true,
        // By these it asks the machine's udev for the names of disks.
        hostPaths: ["/etc/udev", "/lib/udev", "/run/udev"].map((path) => ({ host: path, container: path })),
      },
    },
    capabilities: [
      ...fileSystem("single-node-writer", "single-node-reader-only", "multi-node-reader-only"),
      ...blockDevice(
        "single-node-writer",
        "single-node-reader-only",
        "multi-node-reader-only",
        "multi-node-multi-writer",
      ),
    ],
    creates: true,
    parameters: {
      type: {
        oneOf: [
          "pd-standard",
          "pd-balanced",
          "pd-ssd",
          "pd-extreme",
          "hyperdisk-balanced",
          "hyperdisk-extreme",
          "hyperdisk-throughput",
          "hyperdisk-ml",
        ],
      },
      "disk-encryption-kms-key": {},
      labels: {},
      "provisioned-iops-on-create": {},
      "provisioned-throughput-on-create": {},
    },
    topologyKeys: ["topology.gke.io/zone"],
    cloud: { storage: "gcp-pd" },
  };
}
