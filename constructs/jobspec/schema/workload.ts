import type { Action, Consul, Identity, Secret, Vault } from "../workload";
import { duration, map, open, own, pointer, value } from "./codecs";
import { type Json, schema, type Trouble } from "./field";
import { nestedBlock } from "./hcl-body";

export const identity = schema<Identity>("Identity", {
  name: value("Name", { since: "1.7.0" }),
  aud: value("Audience"),
  env: value("Env"),
  file: value("File"),
  filepath: value("Filepath", { since: "1.10.0" }),
  ttl: duration("TTL"),
  changeMode: value("ChangeMode"),
  changeSignal: value("ChangeSignal"),
  serviceName: value("ServiceName"),
  extraClaims: value("ExtraClaims", { since: "1.11.1" }),
});

const isDefault = ({ name }: Identity) => name === undefined || name === "default";

/** The API has the default identity apart from the others. */
export const identities = own({
  kind: "blocks",
  hcl: "identity",
  children: identity,
  keys: ["Identity", "Identities"],
  entries: [
    {
      key: "Identity",
      compute: (given) => {
        const found = (given as readonly Identity[]).find(isDefault);
        return found === undefined ? undefined : identity.render(found);
      },
    },
    {
      key: "Identities",
      compute: (given) => {
        const all = given as readonly Identity[];
        const first = all.findIndex(isDefault);
        const named = all.filter((_item, index) => index !== first);
        return named.length === 0 ? undefined : named.map((item) => identity.render(item));
      },
    },
  ],
  read: (json: Json, at: string, trouble: Trouble) => {
    const list = [json["Identity"], ...((json["Identities"] ?? []) as readonly unknown[])].filter(
      (item) => item !== null && item !== undefined,
    );
    return list.length === 0
      ? undefined
      : list.map((item, index) => identity.parse(item as Json, `${at}.identities.${index}`, trouble));
  },
  items: (given) => (given as readonly Identity[]).map((item) => nestedBlock("identity", identity.items(item))),
});

export const vault = schema<Vault>("Vault", {
  role: value("Role", { since: "1.7.0" }),
  policies: value("Policies"),
  namespace: value("Namespace", { enterprise: true }),
  cluster: value("Cluster", { enterprise: true, since: "1.7.0" }),
  env: pointer("Env", { filledIn: true }),
  disableFile: pointer("DisableFile", { filledIn: false }),
  changeMode: pointer("ChangeMode", { filledIn: "restart" }),
  changeSignal: value("ChangeSignal"),
  allowTokenExpiration: value("AllowTokenExpiration", { since: "1.8.0" }),
});

export const consul = schema<Consul>("Consul", {
  namespace: value("Namespace", { enterprise: true }),
  cluster: value("Cluster", { enterprise: true, since: "1.7.0" }),
  partition: value("Partition", { since: "1.7.0" }),
});

export const secret = schema<Secret>(
  "Secret",
  { provider: value("Provider"), path: value("Path"), config: open("Config"), env: map("Env") },
  { label: "Name" },
);

export const action = schema<Action>("Action", { command: value("Command"), args: value("Args") }, { label: "Name" });
