import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EVICT, PREWARM } from "../../constructs/ai/model-cache-scripts";
import { Hub } from "../helpers/hub";
import { type Ended, ScriptHome } from "../helpers/machine-script";
import { describeWithTool } from "../helpers/tools";

jest.setTimeout(60_000);

const MIB = 1024 * 1024;

/** A cache on disk, and the scripts that look after it. */
class Cache {
  public readonly home = new ScriptHome();

  constructor() {
    this.home.put("/evict", EVICT);
    this.home.put("/prewarm", PREWARM);
    mkdirSync(this.home.path("cache/hub"), { recursive: true });
    mkdirSync(this.home.path("task"));
    this.declare("");
  }

  /** Models that the fleet names. */
  public declare(models: string): void {
    writeFileSync(this.home.path("task/models"), models);
  }

  /** A model as huggingface_hub leaves it, last used so many days ago. */
  public model(name: string, sizeMiB: number, days: number): void {
    const folder = this.home.path(`cache/hub/models--${name}`);
    for (const part of ["blobs", "refs", "snapshots/main"]) mkdirSync(join(folder, part), { recursive: true });
    writeFileSync(join(folder, "blobs/sum"), Buffer.alloc(sizeMiB * MIB, 1));
    writeFileSync(join(folder, "refs/main"), "main");
    symlinkSync("../../blobs/sum", join(folder, "snapshots/main/model.safetensors"));
    const then = Date.now() / 1000 - days * 86_400 - 60;
    for (const file of ["blobs/sum", "refs/main"]) utimesSync(join(folder, file), then, then);
  }

  public evict(env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.home.run("/evict", [], {
      ...this.environment(),
      MAX_AGE_DAYS: "30",
      MAX_MIB: "0",
      GRACE_HOURS: "24",
      ...env,
    });
  }

  public prewarm(): Promise<Ended> {
    return this.home.run("/prewarm", [], { ...this.environment(), HUB_VERSION: "0.35.3" });
  }

  public models(): readonly string[] {
    return readdirSync(this.home.path("cache/hub")).filter((name) => name.startsWith("models--"));
  }

  private environment() {
    return { HF_HOME: this.home.path("cache"), NOMAD_TASK_DIR: this.home.path("task") };
  }
}

let cache: Cache;
beforeEach(() => (cache = new Cache()));
afterEach(() => cache.home.remove());

describe("eviction", () => {
  test("takes what nobody used for too long", async () => {
    cache.model("acme--old", 1, 31);
    cache.model("acme--new", 1, 29);
    expect(await cache.evict()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("unused for 31 days") as string,
    });
    expect(cache.models()).toEqual(["models--acme--new"]);
    expect(readdirSync(cache.home.path("cache/hub")).filter((name) => name.startsWith(".evicted"))).toEqual([]);
  });

  test("takes the least recently used until the rest fits", async () => {
    cache.model("acme--a", 3, 5);
    cache.model("acme--b", 3, 20);
    cache.model("acme--c", 3, 10);
    expect((await cache.evict({ MAX_MIB: "5" })).status).toBe(0);
    expect(cache.models()).toEqual(["models--acme--a"]);
  });

  test("keeps models that the fleet names, and says when they do not fit", async () => {
    cache.model("acme--big", 4, 90);
    cache.model("acme--bigger", 1, 90);
    cache.declare("acme/big main\n");
    expect(await cache.evict({ MAX_MIB: "2" })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("more than 2 MiB, all of it named in the fleet") as string,
    });
    expect(cache.models()).toEqual(["models--acme--big"]);
  });

  test("keeps what was used within the grace, even when there is no room", async () => {
    cache.model("acme--a", 3, 0);
    expect((await cache.evict({ MAX_MIB: "1" })).status).toBe(1);
    expect(cache.models()).toEqual(["models--acme--a"]);
  });

  test("keeps what is being fetched", async () => {
    cache.model("acme--old", 1, 90);
    const lock = cache.home.path("cache/hub/.locks/models--acme--old/sum.lock");
    mkdirSync(join(lock, ".."), { recursive: true });
    writeFileSync(lock, "");
    const holder = spawn("flock", [lock, "sh", "-c", "echo held; read wait"], { stdio: ["pipe", "pipe", "inherit"] });
    await new Promise((held) => holder.stdout.once("data", held));
    expect(await cache.evict()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("being fetched") as string,
    });
    expect(cache.models()).toEqual(["models--acme--old"]);
    holder.stdin.end("\n");
    await new Promise((ended) => holder.once("exit", ended));
    await cache.evict();
    expect(cache.models()).toEqual([]);
  });

  test("finishes what an eviction before did not", async () => {
    mkdirSync(cache.home.path("cache/hub/.evicted-models--acme--half"));
    await cache.evict();
    expect(existsSync(cache.home.path("cache/hub/.evicted-models--acme--half"))).toBe(false);
  });
});

describe("pre-warming", () => {
  test("asks for each model at its revision, and only for the files that are wanted", async () => {
    cache.home.program(
      "hf",
      `echo "$@" >>${cache.home.path("asked")}; mkdir -p "$HF_HOME/hub/models--acme--a" "$HF_HOME/hub/models--acme--b"`,
    );
    cache.declare("acme/a 1234abc\nacme/b main *.safetensors *.json\n");
    expect(await cache.prewarm()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("acme/a@1234abc is in the cache") as string,
    });
    expect(execFileSync("cat", [cache.home.path("asked")], { encoding: "utf8" })).toBe(
      "download acme/a --revision 1234abc --quiet\ndownload acme/b --revision main --quiet --include *.safetensors --include *.json\n",
    );
  });

  test("goes on after a model that cannot be had, and fails in the end", async () => {
    cache.home.program("hf", 'mkdir -p "$HF_HOME/hub/models--acme--b"; [ "$2" != acme/a ]');
    cache.declare("acme/a main\nacme/b main\n");
    expect(await cache.prewarm()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("could not fetch acme/a@main") as string,
      stdout: expect.stringContaining("acme/b@main is in the cache") as string,
    });
  });
});

describeWithTool("hf", "pre-warming with Hugging Face's own program", (hf) => {
  const hub = new Hub({
    "acme/a": { "config.json": "{}", "model.safetensors": "weights", "model.bin": "old weights" },
    "acme/b": { "config.json": "{}" },
  });
  let address: string;
  beforeAll(async () => (address = await hub.start()));
  afterAll(() => hub.stop());

  test("fetches what is wanted, once, and eviction understands what it leaves", async () => {
    cache.home.program("hf", `HF_ENDPOINT=${address} HF_HUB_DISABLE_XET=1 HF_HUB_DISABLE_TELEMETRY=1 exec ${hf} "$@"`);
    cache.declare("acme/a main *.safetensors *.json\nacme/b main\n");
    expect(await cache.prewarm()).toMatchObject({ status: 0 });
    expect([...hub.fetched].sort()).toEqual(["acme/a config.json", "acme/a model.safetensors", "acme/b config.json"]);
    expect(readdirSync(cache.home.path(`cache/hub/models--acme--a/snapshots/${hub.commit("acme/a")}`)).sort()).toEqual([
      "config.json",
      "model.safetensors",
    ]);
    expect(await cache.prewarm()).toMatchObject({ status: 0 });
    expect(hub.fetched).toHaveLength(3);
    cache.declare("acme/b main\n");
    expect((await cache.evict({ MAX_AGE_DAYS: "0", GRACE_HOURS: "0" })).status).toBe(0);
    expect(cache.models()).toEqual(["models--acme--b"]);
  });
});
