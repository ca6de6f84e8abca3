import { MARKS, type Mark, type Picture, type PicturePool, type PictureRegion, type PictureSite } from "./picture";
import { counted } from "./words";

/** Most nodes that a reader can tell apart. With more, pools are folded into their site. */
const MAX_NODES = 60;
const MAX_LABEL = 48;

/** Colours that can be read on a light and on a dark page. */
const COLOURS: Readonly<Record<Exclude<Mark, "unchanged">, string>> = {
  removed: "fill:#6e7781,color:#ffffff,stroke-dasharray:4",
  destructive: "fill:#cf222e,color:#ffffff",
  added: "fill:#1a7f37,color:#ffffff",
  changed: "fill:#9a6700,color:#ffffff",
};

interface Node {
  readonly key: string;
  readonly label: readonly string[];
  readonly mark: Mark;
}

/**
 * The fleet as a Mermaid flowchart: sites with servers and pools, who federates, which pool belongs to which region, and what changes.
 *
 * Labels are names of anybody, so that they keep letters, digits and a few signs only; ids are numbers.
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function mermaidOf(picture: Picture): string {
  const { sites, regions, pools } = picture;
  const isFolded = sites.length + regions.length + pools.length > MAX_NODES;
  const shown = isFolded ? byMark(sites).slice(0, Math.floor(MAX_NODES / 3)) : sites;
  const ids = new Map<string, string>();
  const idOf = (key: string): string => {
    const id = ids.get(key) ?? `n${ids.size}`;
    ids.set(key, id);
    return id;
  };
  const lines = shown.flatMap((site, index) => {
    const nodes = nodesOf(site, picture, isFolded);
    return [
      `  subgraph s${index}["${labelOf([site.name, site.platform, ...sign(site.mark)])}"]`,
      ...nodes.map(
        ({ key, label, mark }) => `    ${idOf(key)}["${labelOf([...label, ...sign(mark)])}"]${classOf(mark)}`,
      ),
      "  end",
      ...(site.mark === "unchanged" ? [] : [`  class s${index} ${site.mark}`]),
    ];
  });
  const left = sites.length - shown.length;
  return [
    "flowchart LR",
    ...lines,
    ...(left === 0 ? [] : [`  left["${counted(left, "more site")}"]`]),
    ...edges(regions, isFolded ? [] : pools, ids),
    ...Object.entries(COLOURS).map(([mark, style]) => `  classDef ${mark} ${style}`),
    "",
  ].join("\n");
}

function nodesOf(site: PictureSite, { regions, pools }: Picture, isFolded: boolean): readonly Node[] {
  const servers = regions.filter((region) => region.site === site.name).map(serverNode);
  const machines = pools.filter((pool) => pool.site === site.name);
  if (!isFolded) return [...servers, ...machines.map(poolNode)];
  const kept = byMark(servers).slice(0, 1);
  const more = servers.length - kept.length;
  return [
    ...kept,
    ...(more === 0
      ? []
      : [{ key: `more:${site.name}`, label: [counted(more, "more region")], mark: "unchanged" as const }]),
    ...(machines.length === 0 ? [] : [foldedNode(site.name, machines)]),
  ];
}

function serverNode({ name, servers, authoritative, mark }: PictureRegion): Node {
  const role = authoritative ? ["authoritative"] : [];
  return { key: `region:${name}`, label: [`region ${name}`, counted(servers, "server"), ...role], mark };
}

function poolNode({ name, machines, gpus, mark }: PicturePool): Node {
  const each = gpus === undefined ? [] : [`${gpus} each`];
  return { key: `pool:${name}`, label: [`pool ${name}`, counted(machines, "machine"), ...each], mark };
}

/** All pools of a site in one, marked as the worst of them. */
function foldedNode(site: string, pools: readonly PicturePool[]): Node {
  const marks = MARKS.flatMap((mark) => {
    const count = pools.filter((pool) => pool.mark === mark).length;
    return count === 0 || mark === "unchanged" ? [] : [`${count} ${mark}`];
  });
  const [worst] = byMark(pools);
  return { key: `pools:${site}`, label: [counted(pools.length, "pool"), ...marks], mark: worst?.mark ?? "unchanged" };
}

/** Federation, and whose servers a pool follows. */
function edges(
  regions: readonly PictureRegion[],
  pools: readonly PicturePool[],
  ids: ReadonlyMap<string, string>,
): readonly string[] {
  const join = (from: string, arrow: string, to: string) => {
    const [left, right] = [ids.get(from), ids.get(to)];
    return left === undefined || right === undefined ? [] : [`  ${left} ${arrow} ${right}`];
  };
  const center = regions.find(({ authoritative }) => authoritative);
  const others = regions.filter((region) => region !== center);
  return [
    ...(center === undefined
      ? []
      : others.flatMap(({ name }) => join(`region:${center.name}`, "<-->|federates|", `region:${name}`))),
    ...pools.flatMap(({ name, region }) => join(`pool:${name}`, "-->", `region:${region}`)),
  ];
}

function byMark<T extends { readonly mark: Mark }>(parts: readonly T[]): readonly T[] {
  return [...parts].sort((left, right) => MARKS.indexOf(left.mark) - MARKS.indexOf(right.mark));
}

function sign(mark: Mark): readonly string[] {
  return mark === "unchanged" ? [] : [mark];
}

function classOf(mark: Mark): string {
  return mark === "unchanged" ? "" : `:::${mark}`;
}

function labelOf(parts: readonly string[]): string {
  return parts
    .map((part) =>
      part
        .slice(0, MAX_LABEL)
        .replace(/[^A-Za-z0-9 .,+_-]/g, "_")
        // GitHub would make a link of it.
        .replace(/www\./gi, "www_"),
    )
    .join(", ");
}
