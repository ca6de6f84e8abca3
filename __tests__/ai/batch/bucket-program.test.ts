import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { batchProgram } from "../../../constructs/ai/batch/batch-program";
import { ended } from "../../helpers/machine-script";
import { chat, ModelService } from "../../helpers/model-service";
import { describeWithMoto, type Moto, startMoto } from "../../helpers/moto";
import { Objects } from "../../helpers/objects";

const BUCKET = "acme-tickets";

describeWithMoto("the program of a batch job over a bucket", (path) => {
  /** Has boto3, which moto is made with. */
  const python = join(dirname(path), "python");
  const service = new ModelService(chat, 20);
  let moto: Moto;
  let objects: Objects;
  let directory: string;
  let url: string;

  beforeAll(async () => {
    moto = await startMoto(path, {});
    objects = new Objects(moto);
    url = await service.start();
  });
  afterAll(async () => {
    service.stop();
    await moto.stop();
  });
  beforeEach(async () => {
    await fetch(`${moto.url}/moto-api/reset`, { method: "POST" });
    await objects.makeBucket(BUCKET);
    service.requests.length = 0;
    service.onRequest = () => undefined;
    directory = mkdtempSync(join(tmpdir(), "steppe-bucket-"));
    writeFileSync(join(directory, "endpoints.json"), JSON.stringify({ chat: [url] }));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const lines = (name: string, count: number) => {
    const ids = Array.from({ length: count }, (_, n) => `${name}-${n}`);
    return {
      ids: [...ids].sort(),
      text: ids.map((id) => `${JSON.stringify({ custom_id: id, body: { messages: [{ content: id }] } })}\n`).join(""),
    };
  };
  const put = async (name: string, count: number) => {
    const { ids, text } = lines(name, count);
    await objects.put(BUCKET, `support/in/${name}.jsonl`, text);
    return ids;
  };
  const side = (name: "INPUT" | "OUTPUT", bucket = BUCKET) => ({
    [`${name}_BUCKET`]: bucket,
    [`${name}_PREFIX`]: "support",
    [`${name}_REGION`]: "us-east-1",
    [`${name}_ENDPOINT`]: moto.url,
    [`${name}_ACCESS_KEY_ID`]: "AKIAIOSFODNN7EXAMPLE",
    [`${name}_SECRET_ACCESS_KEY`]: "not-a-secret",
  });
  const common = () => ({
    ENDPOINTS_FILE: join(directory, "endpoints.json"),
    NOMAD_TASK_DIR: directory,
    SERVICE: "chat",
    NOMAD_ALLOC_INDEX: "0",
    SHARDS: "1",
    CONCURRENCY: "4",
    ATTEMPTS: "2",
    REQUEST_SECONDS: "10",
    NOMAD_META_input: "in",
    NOMAD_META_output: "out",
  });
  /** Begins the program; what it has is written at once, unless told otherwise. */
  const start = (
    env: Readonly<Record<string, string>> = {},
    [input, output]: readonly ["s3" | "volume", "s3" | "volume"] = ["s3", "s3"],
    every = 0,
  ): ChildProcess => {
    const program = batchProgram({ input: { kind: input }, output: { kind: output } });
    expect(program.includes("PIECE_SECONDS = 10\n")).toBe(true);
    const file = join(directory, "batch.py");
    writeFileSync(file, program.replace("PIECE_SECONDS = 10\n", `PIECE_SECONDS = ${every}\n`));
    const sides = { ...(input === "s3" ? side("INPUT") : {}), ...(output === "s3" ? side("OUTPUT") : {}) };
    return spawn(python, [file], { env: { ...common(), ...sides, ...env } });
  };
  const run = async (...how: Parameters<typeof start>) => await ended(start(...how));
  const idsIn = (text: string | undefined) =>
    (text ?? "")
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { readonly custom_id: string }).custom_id)
      .sort();
  const output = async (name: string) => idsIn(await objects.get(BUCKET, `support/out/${name}.jsonl`));

  test("reads objects, writes one of the same name once it is whole, and does nothing the next time", async () => {
    const ids = await put("deep/a", 10);
    expect(await run()).toMatchObject({ status: 0, stderr: "" });
    expect(await output("deep/a")).toEqual(ids);
    expect(await objects.keys(BUCKET)).toEqual(["support/in/deep/a.jsonl", "support/out/deep/a.jsonl"]);
    expect(await run()).toMatchObject({
      status: 0,
      stdout: "shard 0 of 1: 1 files, 0 done now with 0 lines, the others before\n",
    });
    expect(service.requests).toHaveLength(10);
  });

  test.each([
    ["SIGKILL", 0],
    ["SIGTERM", 60],
  ] as const)("ended half-way by %s goes on where it was: nothing is lost or doubled", async (signal, every) => {
    const ids = await put("a", 60);
    const first = start({}, ["s3", "s3"], every);
    service.onRequest = (count) => count === 30 && first.kill(signal);
    expect((await ended(first)).status).not.toBe(0);
    service.onRequest = () => undefined;
    const kept = (await objects.keys(BUCKET)).filter((key) => key.startsWith("support/out/"));
    expect(kept.every((key) => key.startsWith("support/out/a.jsonl.partial/"))).toBe(true);
    const texts = await Promise.all(kept.map(async (key) => await objects.get(BUCKET, key)));
    const answers = texts.flatMap(idsIn).length;
    expect(answers).toBeGreaterThan(20);
    const before = service.requests.length;
    expect(await run()).toMatchObject({ status: 0, stderr: "" });
    expect(await output("a")).toEqual(ids);
    expect(service.requests.length - before).toBe(60 - answers);
    expect(await objects.keys(BUCKET)).toEqual(["support/in/a.jsonl", "support/out/a.jsonl"]);
  });

  test("two runs at one file leave one whole output and nothing else", async () => {
    const ids = await put("a", 40);
    const both = await Promise.all([run(), run()]);
    // One that finds the other tidying up ends, and is started again.
    expect(both.map(({ status }) => status)).toContain(0);
    expect(await output("a")).toEqual(ids);
    expect(await run()).toMatchObject({ status: 0, stderr: "" });
    expect(await objects.keys(BUCKET)).toEqual(["support/in/a.jsonl", "support/out/a.jsonl"]);
  });

  test("takes away what a run left that ended between naming the output and tidying up", async () => {
    await put("a", 1);
    await objects.put(BUCKET, "support/out/a.jsonl", '{"custom_id": "a-0"}\n');
    await objects.put(BUCKET, "support/out/a.jsonl.partial/one", '{"custom_id": "a-0"}\n');
    expect(await run()).toMatchObject({ status: 0, stderr: "" });
    expect(await objects.keys(BUCKET)).toEqual(["support/in/a.jsonl", "support/out/a.jsonl"]);
    expect(service.requests).toEqual([]);
  });

  test("reads from a bucket into a volume, and back", async () => {
    const ids = await put("a", 5);
    const root = { INPUT_ROOT: directory, OUTPUT_ROOT: directory };
    expect(await run(root, ["s3", "volume"])).toMatchObject({ status: 0, stderr: "" });
    expect(idsIn(readFileSync(join(directory, "out", "a.jsonl"), "utf8"))).toEqual(ids);
    mkdirSync(join(directory, "in"));
    const { ids: others, text } = lines("b", 5);
    writeFileSync(join(directory, "in", "b.jsonl"), text);
    expect(await run(root, ["volume", "s3"])).toMatchObject({ status: 0, stderr: "" });
    expect(await output("b")).toEqual(others);
  });

  test("shares the objects among shards", async () => {
    const names = Array.from({ length: 12 }, (_, n) => `file-${n}`);
    for (const name of names) await put(name, 1);
    const shards = ["0", "1", "2"].map(async (index) => await run({ NOMAD_ALLOC_INDEX: index, SHARDS: "3" }));
    for (const { status } of await Promise.all(shards)) expect(status).toBe(0);
    for (const name of names) expect(await output(name)).toHaveLength(1);
    expect(service.requests).toHaveLength(12);
  });

  test.each([
    [{ INPUT_BUCKET: "acme-nothing" }, "s3://acme-nothing/support/in: An error occurred (NoSuchBucket)"],
    [{ NOMAD_META_input: "none" }, "there is no file *.jsonl in s3://acme-tickets/support/none"],
    [{ NOMAD_META_output: "in/out" }, "output must be a directory outside of input"],
    [{ INPUT_ENDPOINT: "http://127.0.0.1:9" }, "s3://acme-tickets/support/in: Could not connect to the endpoint URL"],
  ])("says what is wrong with %j", async (env, message) => {
    await put("a", 1);
    expect(await run(env)).toMatchObject({ status: 1, stderr: expect.stringContaining(message) as string });
    expect(service.requests).toEqual([]);
  });
});
