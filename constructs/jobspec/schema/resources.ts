import type { Device, Resources } from "../resources";
import { blocks, frequency, own, pointer, size, sizeOrUnlimited } from "./codecs";
import { schema } from "./field";
import { nestedBlock } from "./hcl-body";
import { deviceAffinity, deviceConstraint } from "./placement";

const device = schema<Device>("Device", {
  name: own({
    kind: "value",
    hcl: "name",
    keys: ["Name"],
    entries: [{ key: "Name", compute: (given) => given }],
    read: ({ Name }) => Name,
    items: () => [],
  }),
  count: pointer("Count"),
  constraints: blocks("Constraints", "constraint", deviceConstraint),
  affinities: blocks("Affinities", "affinity", deviceAffinity),
});

/** A device's name is the label of its block, and several devices may have the same. */
const devices = own({
  ...blocks("Devices", "device", device)("devices"),
  items: (given) => (given as readonly Device[]).map((one) => nestedBlock("device", device.items(one), one.name)),
});

export const resources = schema<Resources>("Resources", {
  cpu: frequency("CPU"),
  cores: pointer("Cores"),
  memory: size("MemoryMB"),
  memoryMax: sizeOrUnlimited("MemoryMaxMB"),
  secrets: size("SecretsMB", { since: "1.11.0" }),
  devices,
});
