import type { Answer, GoogleCall, Json } from "./google-apis";

/** Secret Manager, IAM's service accounts and Cloud Storage as far as Terraform sees them. */
export class GoogleServices {
  private readonly items = new Map<string, Json>();
  private readonly policies = new Map<string, Json>();
  private count = 0;

  /** Paths of all that there is. */
  public get paths(): readonly string[] {
    return [...this.items.keys()];
  }

  public answer(call: GoogleCall): Answer {
    if (call.service === "storage") return this.storage(call);
    const { method, path, body } = call;
    const [at = "", verb] = path.split(":");
    if (verb !== undefined) return this.verb(at, verb, body);
    if (/\/(secrets|serviceAccounts)$/.test(path)) return this.create(call);
    return this.item(at, method, body);
  }

  private item(at: string, method: string, body: Json): Answer {
    const item = this.items.get(at);
    if (item === undefined) return { status: 404, body: {} };
    if (method === "DELETE") this.items.delete(at);
    if (method === "PATCH" || method === "PUT")
      this.items.set(at, { ...item, ...((body["serviceAccount"] as Json | undefined) ?? body) });
    return { body: this.items.get(at) ?? {} };
  }

  private create({ path, query, body }: GoogleCall): Answer {
    const project = path.split("/")[1] as string;
    if (path.endsWith("/secrets")) return this.keep({ ...body, name: `${path}/${query.get("secretId")}` });
    const email = `${String(body["accountId"])}@${project}.iam.gserviceaccount.com`;
    const uniqueId = `1000000000000000000${++this.count}`;
    return this.keep({
      ...(body["serviceAccount"] as Json),
      name: `${path}/${email}`,
      email,
      uniqueId,
      projectId: project,
    });
  }

  private verb(at: string, verb: string, body: Json): Answer {
    switch (verb) {
      case "getIamPolicy":
        return { body: this.policies.get(at) ?? { etag: "AAAA" } };
      case "setIamPolicy":
        this.policies.set(at, body["policy"] as Json);
        return { body: body["policy"] as Json };
      case "addVersion":
        return this.keep({ name: `${at}/versions/${++this.count}`, state: "ENABLED" });
      case "enable":
        return { body: this.items.get(at) ?? {} };
      case "destroy":
        this.items.delete(at);
        return { body: {} };
      default:
        throw new RangeError(`${verb} is not known here`);
    }
  }

  private storage({ method, path, body }: GoogleCall): Answer {
    if (path === "b") return this.keep({ ...body, id: body["name"], metageneration: "1" }, `b/${String(body["name"])}`);
    if (!path.endsWith("/iam")) return this.item(path, method, body);
    if (method === "PUT") this.policies.set(path, body);
    return { body: this.policies.get(path) ?? { etag: "AAAA" } };
  }

  private keep(item: Json, at = String(item["name"])): Answer {
    this.items.set(at, item);
    return { body: item };
  }
}
