/** A number once it stays: what an ended program has sent may arrive after its end. */
async function settled(numberOf: () => number): Promise<number> {
  for (let last = -1; ;) {
    if (numberOf() === last) return last;
    last = numberOf();
    await new Promise((done) => setTimeout(done, 300));
  }
}

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchProgram } from "../../../constructs/ai/batch/batch-program";
import { ended } from "../../helpers/machine-script";
import { type Answer, chat, ModelService } from "../../helpers/model-service";
import { describeWithTool } from "../../helpers/tools";

interface Line {
  readonly custom_id?: string;
  readonly id?: string;
  readonly embedding?: readonly number[];
  readonly error?: unknown;
  readonly response?: { readonly status_code: number };
}

describeWithTool("python3", "the program of a batch job", (python) => {
  let directory: string;
  let service: ModelService | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "steppe-batch-"));
    writeFileSync(join(directory, "batch.py"), batchProgram({ input: { kind: "volume" }, output: { kind: "volume" } }));
    mkdirSync(join(directory, "in", "deep"), { recursive: true });
  });
  afterEach(() => {
    service?.stop();
    rmSync(directory, { recursive: true });
  });

  const serve = async (answer: Answer, delay?: number) => {
    service = new ModelService(answer, delay);
    writeFileSync(join(directory, "endpoints.json"), JSON.stringify({ chat: [await service.start()] }));
    return service;
  };
  const requests = (name: string, count: number) => {
    const lines = Array.from({ length: count }, (_, n) =>
      JSON.stringify({ custom_id: `${name}-${n}`, body: { messages: [{ content: `question ${n}` }] } }),
    );
    writeFileSync(join(directory, "in", `${name}.jsonl`), `${lines.join("\n")}\n`);
    return lines.map((_, n) => `${name}-${n}`);
  };
  const start = (env: Readonly<Record<string, string>> = {}): ChildProcess =>
    spawn(python, [join(directory, "batch.py")], {
      env: {
        INPUT_ROOT: directory,
        OUTPUT_ROOT: directory,
        ENDPOINTS_FILE: join(directory, "endpoints.json"),
        SERVICE: "chat",
        NOMAD_ALLOC_INDEX: "0",
        SHARDS: "1",
        CONCURRENCY: "4",
        ATTEMPTS: "2",
        REQUEST_SECONDS: "10",
        NOMAD_META_input: "in",
        NOMAD_META_output: "out",
        ...env,
      },
    });
  const run = async (env?: Readonly<Record<string, string>>) => await ended(start(env));
  const output = (name: string): Line[] =>
    readFileSync(join(directory, "out", `${name}.jsonl`), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
  const idsOf = (name: string) => output(name).map(({ custom_id, id }) => custom_id ?? id);
  const partial = (name: string) => join(directory, "out", `${name}.jsonl.partial`);

  test.each(["SIGKILL", "SIGTERM"] as const)(
    "ended half-way by %s goes on where it was: nothing is lost or doubled",
    async (signal) => {
      const chatting = await serve(chat, 20);
      const ids = requests("deep/a", 60);
      const first = start();
      chatting.onRequest = (count) => count === 30 && first.kill(signal);
      expect((await ended(first)).status).not.toBe(0);
      chatting.onRequest = () => undefined;
      expect(existsSync(join(directory, "out", "deep", "a.jsonl"))).toBe(false);
      // What follows the last line break was cut off, and is asked for again.
      const kept = readFileSync(partial("deep/a"), "utf8").split("\n").length - 1;
      expect(kept).toBeGreaterThan(10);
      appendFileSync(partial("deep/a"), '{"custom_id": "deep/a-59", "resp');
      const before = await settled(() => chatting.requests.length);
      expect(await run()).toMatchObject({ status: 0, stderr: "" });
      expect(idsOf("deep/a").sort()).toEqual(ids.sort());
      expect(chatting.requests.length - before).toBe(60 - kept);
      expect(existsSync(partial("deep/a"))).toBe(false);
      expect(output("deep/a")[0]).toMatchObject({ error: null, response: { status_code: 200 } });
    },
  );

  test("does nothing where all is done", async () => {
    const chatting = await serve(chat);
    requests("a", 3);
    await run();
    expect(await run()).toMatchObject({
      status: 0,
      stdout: "shard 0 of 1: 1 files, 0 done now with 0 lines, the others before\n",
    });
    expect(chatting.requests).toHaveLength(3);
    expect(chatting.requests[0]?.path).toBe("/v1/chat/completions");
  });

  test("shares the files among shards, each with one of them", async () => {
    const chatting = await serve(chat);
    const names = Array.from({ length: 12 }, (_, n) => `file-${n}`);
    for (const name of names) requests(name, 2);
    const shards = ["0", "1", "2"].map(async (index) => await run({ NOMAD_ALLOC_INDEX: index, SHARDS: "3" }));
    for (const { status, stdout } of await Promise.all(shards)) {
      expect(status).toBe(0);
      expect(stdout).toMatch(/: [1-9]\d* files, [1-9]\d* done now/);
    }
    for (const name of names) expect(idsOf(name)).toHaveLength(2);
    expect(chatting.requests).toHaveLength(24);
  });

  test("leaves a file alone that another machine is at, until that lets go", async () => {
    const chatting = await serve(chat);
    const ids = requests("a", 12);
    mkdirSync(join(directory, "out"));
    const other = spawn("flock", ["--no-fork", partial("a"), "sh", "-c", "echo held; exec sleep 60"]);
    await new Promise((done) => other.stdout.once("data", done));
    const locked = await run();
    other.kill();
    expect(locked).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("a.jsonl is being worked on elsewhere") as string,
    });
    expect(chatting.requests).toEqual([]);
    execFileSync("flock", [partial("a"), "true"]);
    expect(await run()).toMatchObject({ status: 0 });
    expect(idsOf("a").sort()).toEqual(ids.sort());
  });

  test("asks again when the service is busy, and gives up after so many times", async () => {
    const chatting = await serve((request, number) => (number === 1 ? [503, {}] : chat(request, number)));
    requests("a", 1);
    expect(await run()).toMatchObject({ status: 0 });
    expect(chatting.requests).toHaveLength(2);
    chatting.stop();
    requests("b", 1);
    expect(await run()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("chat did not answer 2 times, last: ") as string,
    });
  });

  test("keeps the answer to a request that is refused, and does not ask again", async () => {
    const chatting = await serve(() => [400, { error: { message: "too long" } }]);
    requests("a", 1);
    expect(await run()).toMatchObject({ status: 0 });
    expect(output("a")).toEqual([
      {
        custom_id: "a-0",
        response: { status_code: 400, body: { error: { message: "too long" } } },
        error: { code: "400", message: "refused" },
      },
    ]);
    expect(chatting.requests).toHaveLength(1);
  });

  test("embeds several texts with a request, in whatever order they come, and one by one where one is refused", async () => {
    const texts = ["a", "bb", "ccc", "dddd", "too long"];
    writeFileSync(
      join(directory, "in", "t.jsonl"),
      texts.map((text, n) => `${JSON.stringify({ id: `t${n}`, text })}\n`).join(""),
    );
    const embedding = await serve(({ body: { input = [] } }) =>
      input.includes("too long")
        ? [400, { error: {} }]
        : [200, { data: input.map((text, index) => ({ index, embedding: [text.length] })).reverse() }],
    );
    expect(await run({ MODEL: "e5", TEXTS_PER_REQUEST: "2" })).toMatchObject({ status: 0, stderr: "" });
    const lines = output("t").sort((a, b) => (a.id ?? "z").localeCompare(b.id ?? "z"));
    expect(lines.map(({ id, custom_id, embedding: found }) => [id ?? custom_id, found])).toEqual([
      ["t0", [1]],
      ["t1", [2]],
      ["t2", [3]],
      ["t3", [4]],
      ["t4", undefined],
    ]);
    expect(embedding.requests[0]).toMatchObject({ path: "/v1/embeddings", body: { model: "e5" } });
  });

  test.each([
    [{ NOMAD_META_input: "../etc" }, "input='../etc' must be a directory such as jobs/monday"],
    [{ NOMAD_META_output: "/out" }, "output='/out' must be a directory such as jobs/monday"],
    [{ NOMAD_META_output: "in/out" }, "output must be a directory outside of input"],
    [{ NOMAD_META_input: "none" }, "there is no directory"],
    [{ NOMAD_META_input: "in/deep" }, "there is no file *.jsonl"],
  ])("says what is wrong with %j", async (env, message) => {
    await serve(chat);
    requests("a", 1);
    expect(await run(env)).toMatchObject({ status: 1, stderr: expect.stringContaining(message) as string });
  });

  test("takes a line for a line, whatever ends a line of text elsewhere", async () => {
    await serve(chat);
    const line = JSON.stringify({ custom_id: "a-0", body: { messages: [{ content: "one\u2028two\u0085three" }] } });
    writeFileSync(join(directory, "in", "a.jsonl"), line);
    expect(await run()).toMatchObject({ status: 0, stderr: "" });
    expect(idsOf("a")).toEqual(["a-0"]);
  });

  test.each([
    ["{", "a.jsonl:2: must be JSON with custom_id and body"],
    ['{"custom_id": "a-0", "body": {}}', "a.jsonl:2: custom_id 'a-0' must be unique in its file"],
  ])("names the line %s", async (line, message) => {
    const chatting = await serve(chat);
    requests("a", 1);
    appendFileSync(join(directory, "in", "a.jsonl"), `${line}\n`);
    expect(await run()).toMatchObject({ status: 1, stderr: expect.stringContaining(message) as string });
    expect(chatting.requests).toEqual([]);
  });
});
