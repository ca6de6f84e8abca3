import type { ChangeScript, Template, Wait } from "../template";
import { block, durationPointer, pointer, value } from "./codecs";
import { schema } from "./field";

const changeScript = schema<ChangeScript>("ChangeScript", {
  command: value("Command"),
  args: value("Args"),
  timeout: durationPointer("Timeout", { filledIn: 5_000_000_000 }),
  failOnError: pointer("FailOnError", { filledIn: false }),
  runOnFirstRender: pointer("RunOnFirstRender", { since: "2.0.5" }),
});

const wait = schema<Wait>("Wait", { min: durationPointer("Min"), max: durationPointer("Max") });

export const template = schema<Template>("Template", {
  source: value("SourcePath"),
  destination: value("DestPath"),
  env: pointer("Envvars"),
  changeMode: pointer("ChangeMode", { filledIn: "restart" }),
  changeSignal: value("ChangeSignal"),
  once: pointer("Once", { since: "1.10.2" }),
  splay: durationPointer("Splay", { filledIn: 5_000_000_000 }),
  perms: pointer("Perms", { filledIn: "0644" }),
  uid: pointer("Uid"),
  gid: pointer("Gid"),
  leftDelimiter: value("LeftDelim"),
  rightDelimiter: value("RightDelim"),
  errorOnMissingKey: pointer("ErrMissingKey", { filledIn: false }),
  data: pointer("EmbeddedTmpl"),
  changeScript: block("ChangeScript", changeScript),
  wait: block("Wait", wait),
});
