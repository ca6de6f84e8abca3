import { createHash } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";

/** Files of a model by name. */
export type HubModel = Readonly<Record<string, string>>;

/** Stands for Hugging Face's hub: models with one revision, which anybody may fetch. */
export class Hub {
  /** Files that were fetched. Shape: `acme/a config.json`. */
  public readonly fetched: string[] = [];
  private readonly server: Server;

  constructor(private readonly models: Readonly<Record<string, HubModel>>) {
    this.server = createServer((request, response) => {
      const path = decodeURIComponent((request.url ?? "").split("?")[0] ?? "");
      if (!this.answer(path, request.method === "HEAD", response)) response.writeHead(404).end();
    });
  }

  /** @returns its address. */
  public async start(): Promise<string> {
    await new Promise<void>((listening) => this.server.listen(0, "127.0.0.1", listening));
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  /** Commit of a model: follows from its files. */
  public commit(model: string): string {
    return createHash("sha1").update(JSON.stringify(this.models[model])).digest("hex");
  }

  private answer(path: string, isHead: boolean, response: ServerResponse): boolean {
    const [, listed] = /^\/api\/models\/([^/]+\/[^/]+)(?:\/revision\/[^/]+)?$/.exec(path) ?? [];
    const files = this.models[listed ?? ""];
    if (listed !== undefined && files !== undefined) {
      const siblings = Object.keys(files).map((rfilename) => ({ rfilename, size: files[rfilename]?.length }));
      const text = JSON.stringify({ id: listed, modelId: listed, sha: this.commit(listed), siblings, tags: [] });
      response.writeHead(200, { "content-type": "application/json" }).end(isHead ? undefined : text);
      return true;
    }
    const [, tree = ""] = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/[^/]+$/.exec(path) ?? [];
    if (this.models[tree] !== undefined) {
      const entries = Object.entries(this.models[tree]).map(([name, text]) => ({
        type: "file",
        path: name,
        size: text.length,
        oid: createHash("sha1").update(text).digest("hex"),
      }));
      response.writeHead(200, { "content-type": "application/json" }).end(isHead ? undefined : JSON.stringify(entries));
      return true;
    }
    const [, model = "", , file = ""] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const content = this.models[model]?.[file];
    if (content === undefined) return false;
    const etag = `"${createHash("sha1").update(content).digest("hex")}"`;
    if (!isHead) this.fetched.push(`${model} ${file}`);
    response
      .writeHead(200, { etag, "x-repo-commit": this.commit(model), "content-length": Buffer.byteLength(content) })
      .end(isHead ? undefined : content);
    return true;
  }
}
