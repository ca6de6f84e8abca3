import type { Cni, Dns, Network, Port } from "../network";
import { block, map, own, value } from "./codecs";
import { type Entry, type Json, schema, type Trouble } from "./field";
import { nestedBlock } from "./hcl-body";

export const port = schema<Port>(
  "Port",
  {
    static: value("Value"),
    to: value("To"),
    hostNetwork: value("HostNetwork"),
    ignoreCollision: value("IgnoreCollision", { since: "1.9.0" }),
  },
  { label: "Label" },
);

type Ports = Readonly<Record<string, Port>>;

/** The API knows two lists of ports where a jobspec has one: those with a number on the host, and the rest. */
function portList(key: string, areStatic: boolean): Entry {
  return {
    key,
    compute: (given) => {
      const wanted = Object.entries(given as Ports).filter(([, one]) => (one.static ?? 0) > 0 === areStatic);
      return wanted.length === 0 ? undefined : wanted.map(([label, one]) => port.render(one, label));
    },
  };
}

const ports = own({
  kind: "labelled",
  hcl: "port",
  children: port,
  keys: ["DynamicPorts", "ReservedPorts"],
  entries: [portList("DynamicPorts", false), portList("ReservedPorts", true)],
  read: (json: Json, at: string, trouble: Trouble) => {
    const both = [json["ReservedPorts"], json["DynamicPorts"]].flatMap((list) => (list ?? []) as readonly Json[]);
    if (both.length === 0) return undefined;
    return Object.fromEntries(
      both.map((one) => [String(one["Label"]), port.parse(one, `${at}.ports.${String(one["Label"])}`, trouble)]),
    );
  },
  items: (given) => Object.entries(given as Ports).map(([label, one]) => nestedBlock("port", port.items(one), label)),
});

const dns = schema<Dns>("Dns", {
  servers: value("Servers"),
  searches: value("Searches"),
  options: value("Options"),
});

const cni = schema<Cni>("Cni", { args: map("Args", { form: "attribute" }) });

export const network = schema<Network>("Network", {
  mode: value("Mode"),
  hostname: value("Hostname"),
  ports,
  dns: block("DNS", dns),
  cni: block("CNI", cni, { since: "1.8.0" }),
});
