import type { Logs } from "../task";
import { pointer, size } from "./codecs";
import { schema } from "./field";

export const logs = schema<Logs>(
  "Logs",
  {
    maxFiles: pointer("MaxFiles"),
    maxFileSize: size("MaxFileSizeMB"),
    disabled: pointer("Disabled", { since: "1.6.0" }),
  },
  { ignore: ["Enabled"] },
);
