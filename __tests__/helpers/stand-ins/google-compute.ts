import type { Answer, GoogleCall, Json } from "./google-apis";

/**
 * Compute Engine as far as Terraform sees it: keeps what it is given and gives it back, with what Google adds. Whether Google would
 * take it is not asked. Everything is done at once.
 *
 * @see https://cloud.google.com/compute/docs/reference/rest/v1
 */
export class GoogleCompute {
  /** What links begin with. Shape: `http://127.0.0.1:41233/compute/v1/`. */
  public base = "";
  private readonly items = new Map<string, Json>();
  private count = 0;

  /** Paths of all that there is. */
  public get paths(): readonly string[] {
    return [...this.items.keys()];
  }

  public answer({ method, path, query, body }: GoogleCall): Answer {
    const { collection, name, verb } = parsed(path);
    if (collection === "operations") return { body: this.operation(path.replace(/\/operations\/.*/, "")) };
    if (collection === "zones") return { body: { name, selfLink: this.base + path } };
    if (name === undefined) return { body: this.insert(path, body) };
    const at = verb === undefined ? path : path.slice(0, -verb.length - 1);
    const item = this.items.get(at);
    if (item === undefined) return { status: 404, body: {} };
    if (method === "GET") return { body: item };
    if (method === "DELETE") this.remove(at);
    else this.items.set(at, { ...item, ...changed(item, verb, body, query) });
    return { body: this.operation(path.split(`/${collection}/`)[0] as string) };
  }

  private insert(collectionPath: string, body: Json): Json {
    const name = String(body["name"]);
    const path = `${collectionPath}/${name}`;
    const id = String(++this.count);
    const { collection } = parsed(path);
    const common = { id, selfLink: this.base + path, fingerprint: "AAAA", labelFingerprint: "AAAA" };
    this.items.set(path, { ...body, ...common, ...this.where(path), ...this.added(collection, path, body) });
    return this.operation(collectionPath.replace(/\/[^/]+$/, ""), { targetId: id, targetLink: this.base + path });
  }

  /** What Google adds to what it is given. */
  private added(collection: string, path: string, body: Json): Json {
    switch (collection) {
      case "instances":
        return {
          status: "RUNNING",
          disks: (body["disks"] as Json[]).map((disk) => this.attached(path, disk)),
          networkInterfaces: (body["networkInterfaces"] as Json[]).map((card, index) => ({
            ...card,
            name: `nic${index}`,
            networkIP: "10.6.0.2",
          })),
          metadata: { ...(body["metadata"] as Json), fingerprint: "AAAA" },
          tags: { ...(body["tags"] as Json), fingerprint: "AAAA" },
        };
      case "instanceGroupManagers":
        return {
          // The provider sends an empty one where there is none.
          ...(Object.keys(body["instanceFlexibilityPolicy"] ?? {}).length === 0
            ? { instanceFlexibilityPolicy: undefined }
            : {}),
          status: { isStable: true, stateful: { perInstanceConfigs: {} }, versionTarget: { isReached: true } },
          instanceGroup: `${this.base}${path.replace("Managers", "s")}`,
        };
      default:
        return {};
    }
  }

  /** A disk of a machine; one that is described is made. */
  private attached(machine: string, disk: Json): Json {
    const parameters = disk["initializeParams"] as Json | undefined;
    if (parameters === undefined) return disk;
    const [zone, name] = machine.split("/instances/");
    this.insert(`${zone}/disks`, {
      name,
      sizeGb: parameters["diskSizeGb"],
      type: parameters["diskType"],
      sourceImage: parameters["sourceImage"],
      labels: parameters["labels"],
    });
    const rest = Object.fromEntries(Object.entries(disk).filter(([key]) => key !== "initializeParams"));
    return { ...rest, source: `${this.base}${zone}/disks/${name}`, deviceName: "persistent-disk-0" };
  }

  /** Machines take their boot disk along. */
  private remove(path: string): void {
    this.items.delete(path);
    if (path.includes("/instances/")) this.items.delete(path.replace("/instances/", "/disks/"));
  }

  private operation(at: string, more: Json = {}): Json {
    const name = "operation-1";
    const link = `${this.base}${at}/operations/${name}`;
    return { kind: "compute#operation", name, status: "DONE", selfLink: link, ...this.where(at), ...more };
  }

  /** Link to the zone or region of what is at a path. */
  private where(path: string): Json {
    const [scope, kind] = /^projects\/[^/]+\/(zone|region)s\/[^/]+/.exec(path) ?? [];
    return kind === undefined ? {} : { [kind]: `${this.base}${scope}` };
  }
}

/** Parts of `projects/p/zones/z/instances/i/setLabels` and `projects/p/global/networks/n`. */
export function parsed(path: string): { readonly collection: string; readonly name?: string; readonly verb?: string } {
  const [, , scope, ...rest] = path.split("/");
  const [collection = scope ?? "", name, verb] = scope === "global" || rest.length === 1 ? rest : rest.slice(1);
  if (rest.length === 1 && scope !== "global") return { collection: String(scope), name: String(rest[0]) };
  return { collection, ...(name === undefined ? {} : { name }), ...(verb === undefined ? {} : { verb }) };
}

/** What a change makes of a resource. */
function changed(item: Json, verb: string | undefined, body: Json, query: URLSearchParams): Json {
  switch (verb) {
    case "resize":
      return query.has("size") ? { targetSize: Number(query.get("size")) } : body;
    case "setMetadata":
      return { metadata: { ...body, fingerprint: "BBBB" } };
    case "setTags":
      return { tags: { ...body, fingerprint: "BBBB" } };
    case "setScheduling":
      return { scheduling: body };
    case "detachDisk":
      return { disks: (item["disks"] as Json[]).filter((disk) => disk["deviceName"] !== query.get("deviceName")) };
    case undefined:
    case "expandIpCidrRange":
    case "setLabels":
    case "setPrivateIpGoogleAccess":
      return body;
    default:
      throw new RangeError(`${verb} is not known here`);
  }
}
