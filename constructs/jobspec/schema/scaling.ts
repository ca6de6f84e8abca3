import type { AutoscalerPolicy, Scaling, ScalingCheck } from "../scaling";
import { sortKeys } from "../json-value";
import { own, pointer, value } from "./codecs";
import { type Entry, type FieldSpec, type Json, schema, type Trouble } from "./field";
import { attribute, type Item, nestedBlock } from "./hcl-body";

/** The Autoscaler's policies are JSON made from HCL of old: every block a list of one, every label a key. */
const keys = {
  cooldown: "cooldown",
  evaluationInterval: "evaluation_interval",
  onCheckError: "on_check_error",
} as const;

const checkKeys = {
  source: "source",
  query: "query",
  queryWindow: "query_window",
  queryWindowOffset: "query_window_offset",
  group: "group",
  onError: "on_error",
} as const;

type Strategies = ScalingCheck["strategy"];

const strategy = own({
  kind: "open",
  hcl: "strategy",
  keys: ["strategy"],
  entries: [
    {
      key: "strategy",
      compute: (given) => [
        sortKeys(Object.fromEntries(Object.entries(given as Strategies).map(([name, settings]) => [name, [settings]]))),
      ],
    },
  ],
  read: ({ strategy: json }) => {
    const list = (json ?? []) as readonly Readonly<Record<string, readonly Json[]>>[];
    const entries = list.flatMap((item) => Object.entries(item).map(([name, [settings]]) => [name, settings ?? {}]));
    return Object.fromEntries(entries) as Json;
  },
  items: (given) =>
    Object.entries(given as Strategies).map(([name, settings]) =>
      nestedBlock(
        "strategy",
        Object.entries(settings).map(([key, setting]) => attribute(key, setting)),
        name,
      ),
    ),
});

const plain = (key: string): FieldSpec => value(key, { hcl: key });

const scalingCheck = schema<ScalingCheck>("ScalingCheck", {
  source: plain(checkKeys.source),
  query: plain(checkKeys.query),
  queryWindow: plain(checkKeys.queryWindow),
  queryWindowOffset: plain(checkKeys.queryWindowOffset),
  group: plain(checkKeys.group),
  onError: plain(checkKeys.onError),
  strategy,
});

type Checks = Readonly<Record<string, ScalingCheck>>;

const checks = own({
  kind: "labelled",
  hcl: "check",
  children: scalingCheck,
  keys: ["check"],
  entries: [
    {
      key: "check",
      compute: (given) => {
        const named = Object.entries(given as Checks);
        return named.length === 0
          ? undefined
          : named.map(([name, check]) => ({ [name]: [scalingCheck.render(check)] }));
      },
    } satisfies Entry,
  ],
  read: (json: Json, at: string, trouble: Trouble) => {
    const list = (json["check"] ?? []) as readonly Readonly<Record<string, readonly Json[]>>[];
    const entries = list.flatMap((item) => Object.entries(item));
    if (entries.length === 0) return undefined;
    return Object.fromEntries(
      entries.map(([name, [check]]) => [name, scalingCheck.parse(check ?? {}, `${at}.checks.${name}`, trouble)]),
    );
  },
  items: (given): Item[] =>
    Object.entries(given as Checks).map(([name, check]) => nestedBlock("check", scalingCheck.items(check), name)),
});

const policy = schema<AutoscalerPolicy>("AutoscalerPolicy", {
  cooldown: plain(keys.cooldown),
  evaluationInterval: plain(keys.evaluationInterval),
  onCheckError: plain(keys.onCheckError),
  checks,
});

export const scaling = schema<Scaling>(
  "Scaling",
  {
    min: pointer("Min"),
    max: pointer("Max"),
    enabled: pointer("Enabled"),
    policy: own({
      kind: "block",
      hcl: "policy",
      children: policy,
      keys: ["Policy"],
      entries: [{ key: "Policy", compute: (given) => policy.render(given as AutoscalerPolicy) }],
      read: ({ Policy }, at, trouble) =>
        Policy === null || Policy === undefined ? undefined : policy.parse(Policy as Json, `${at}.policy`, trouble),
      items: (given) => [nestedBlock("policy", policy.items(given as AutoscalerPolicy))],
    }),
  },
  { ignore: ["Type", "ID", "Namespace", "Target", "CreateIndex", "ModifyIndex"] },
);
