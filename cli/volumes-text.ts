import pc from "picocolors";
import { formatProblem } from "../constructs/core/problems";
import { holderOf } from "../ops/volumes/findings";
import type { Claim, PluginHealth, RegionVolumes, VolumeView } from "../ops/volumes/types";
import { colored, type Output, table } from "./print";

/** Volumes of regions as tables, and below what is wrong with them. */
export function volumesText(output: Output, regions: readonly RegionVolumes[], now: Date): string {
  return regions
    .map((region) =>
      [
        heading(output, region),
        ...(region.plugins.length === 0 ? [] : [pluginTable(output, region.plugins)]),
        ...(region.volumes.length === 0 ? [] : [volumeTable(output, region.volumes, now)]),
        ...notes(output, region),
      ].join("\n\n"),
    )
    .join("\n\n");
}

/** One volume, wherever it is, with all that is known of it. */
export function volumeText(output: Output, regions: readonly RegionVolumes[], now: Date): string {
  return regions
    .filter(({ volumes, failure }) => volumes.length > 0 || failure !== undefined)
    .map((region) =>
      [
        heading(output, region),
        ...region.volumes.map((volume) => details(volume, region.plugins, now)),
        ...notes(output, region),
      ].join("\n\n"),
    )
    .join("\n\n");
}

function heading(output: Output, { region, failure, volumes }: RegionVolumes): string {
  const title = colored(output) ? pc.bold(`region ${region}`) : `region ${region}`;
  if (failure !== undefined) return `${title}: cannot be asked: ${failure}`;
  return volumes.length === 0 ? `${title}: no volumes` : title;
}

function pluginTable(output: Output, plugins: readonly PluginHealth[]): string {
  return table(
    output,
    ["plugin", "controllers", "nodes", "provider"],
    plugins.map((plugin) => [
      plugin.id,
      plugin.needsController ? healthText(plugin.controllers) : "-",
      healthText(plugin.nodes),
      plugin.provider ?? "",
    ]),
  );
}

function healthText({ healthy, expected }: PluginHealth["nodes"]): string {
  return `${healthy} of ${expected} healthy`;
}

function volumeTable(output: Output, volumes: readonly VolumeView[], now: Date): string {
  return table(
    output,
    ["volume", "kind", "where", "size", "mounted by", "meant for"],
    volumes.map((volume) => [
      volume.id,
      volume.kind,
      whereText(volume),
      sizeText(volume.capacityBytes),
      volume.inNomad ? listed(volume.mountedBy.map((claim) => claimText(claim, now))) : "not in Nomad",
      listed(volume.meantFor.map(({ job, group, access }) => `${job}/${group} ${access}`)),
    ]),
  );
}

function details(volume: VolumeView, plugins: readonly PluginHealth[], now: Date): string {
  const plugin = plugins.find(({ id }) => id === volume.plugin);
  const health =
    plugin === undefined
      ? ""
      : `, ${plugin.needsController ? `${healthText(plugin.controllers)} controllers, ` : ""}${healthText(plugin.nodes)} nodes`;
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ["kind", [volume.kind]],
    ["in Nomad", [volume.inNomad ? `yes${volume.uuid === undefined ? "" : `, as ${volume.uuid}`}` : "no"]],
    ["namespace", [volume.namespace]],
    ["plugin", volume.plugin === undefined ? [] : [`${volume.plugin}${health}`]],
    ["nodes", volume.nodes ?? []],
    ["state", volume.state === undefined ? [] : [volume.state]],
    ["size", volume.capacityBytes === undefined ? [] : [sizeText(volume.capacityBytes)]],
    ["capabilities", volume.capabilities],
    ["mounted by", volume.mountedBy.length === 0 ? ["nothing"] : volume.mountedBy.map((one) => claimText(one, now))],
    [
      "meant for",
      volume.meantFor.length === 0
        ? ["no job"]
        : volume.meantFor.map(({ job, group, access }) => `${job}/${group} ${access}`),
    ],
  ];
  return [
    `volume ${volume.id}`,
    ...lines.flatMap(([name, values]) =>
      values.map((value, index) => `  ${(index === 0 ? name : "").padEnd(14)}${value}`),
    ),
  ].join("\n");
}

function notes(output: Output, { findings, unreadJobs }: RegionVolumes): string[] {
  const label = colored(output) ? pc.yellow("!") : "!";
  return [
    ...(findings.length === 0 ? [] : [findings.map((finding) => `${label} ${formatProblem(finding)}`).join("\n")]),
    ...(unreadJobs.length === 0
      ? []
      : [`what these jobs mount is not known, they are handed over as HCL: ${unreadJobs.join(", ")}`]),
  ];
}

function whereText({ plugin, nodes, kind }: VolumeView): string {
  if (kind === "static-host" || kind === "dynamic-host" || kind === "host") return listed(nodes ?? []);
  return plugin ?? "";
}

function claimText(claim: Claim, now: Date): string {
  const stuck = claim.stuck === undefined ? "" : ", stuck";
  const since = claim.since === undefined ? "" : ` for ${ageText(now.getTime() - new Date(claim.since).getTime())}`;
  return `${holderOf(claim)}${claim.access === undefined ? "" : ` ${claim.access}`}${since}${stuck}`;
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? "-" : items.join("\n");
}

/** A time in its two largest units. Shape: `3h 20m`. */
export function ageText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}

/** A size in the largest unit that leaves a number of one or more. Shape: `20 GiB`. */
export function sizeText(bytes: number | undefined): string {
  if (bytes === undefined) return "-";
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power] ?? ""}`;
}
