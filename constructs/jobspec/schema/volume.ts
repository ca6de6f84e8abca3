import type { MountOptions, Volume, VolumeMount } from "../volume";
import { block, pointer, value } from "./codecs";
import { schema } from "./field";

const mountOptions = schema<MountOptions>("MountOptions", { fsType: value("FSType"), mountFlags: value("MountFlags") });

export const volume = schema<Volume>(
  "Volume",
  {
    type: value("Type"),
    source: value("Source"),
    readOnly: value("ReadOnly"),
    perAlloc: value("PerAlloc"),
    sticky: value("Sticky", { since: "1.10.0" }),
    accessMode: value("AccessMode"),
    attachmentMode: value("AttachmentMode"),
    mountOptions: block("MountOptions", mountOptions),
  },
  { label: "Name" },
);

export const volumeMount = schema<VolumeMount>("VolumeMount", {
  volume: value("Volume"),
  destination: value("Destination"),
  readOnly: pointer("ReadOnly"),
  propagationMode: value("PropagationMode"),
  selinuxLabel: value("SELinuxLabel", { hcl: "selinux_label", since: "1.8.0" }),
});
