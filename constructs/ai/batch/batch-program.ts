import type { BatchFiles, BatchSide } from "./batch-files";
import { BUCKET_FILES } from "./bucket-program";
import { VOLUME_FILES } from "./volume-program";

const HEAD = `import concurrent.futures as futures
import contextlib, hashlib, json, os, pathlib, random, signal, sys, time, urllib.error, urllib.request

env = os.environ
SHARD, SHARDS = int(env["NOMAD_ALLOC_INDEX"]), int(env["SHARDS"])
CONCURRENCY, ATTEMPTS, TIMEOUT = int(env["CONCURRENCY"]), int(env["ATTEMPTS"]), float(env["REQUEST_SECONDS"])
TEXTS, MODEL = int(env.get("TEXTS_PER_REQUEST", "0")), env.get("MODEL", "")
stopping = False


def fail(text):
    print(text, file=sys.stderr, flush=True)
    raise SystemExit(1)


def stop(*_):
    global stopping
    stopping = True


class Gone(Exception):
    """The service or the store cannot answer now, or the machine is about to stop."""


def directory(name):
    """The directory that the run was given as input or output."""
    given = env.get("NOMAD_META_" + name) or env.get(name.upper()) or ""
    path = pathlib.PurePosixPath(given)
    if not given or path.is_absolute() or ".." in path.parts:
        fail(f"{name}={given!r} must be a directory such as jobs/monday: relative, and without ..")
    return path


def key_of(line):
    return line.get("custom_id") or line.get("id")


def write(file, answers):
    for answer in answers:
        file.write(json.dumps(answer, ensure_ascii=False).encode() + b"\\n")


`;

const WORK = `def endpoints():
    with open(env["ENDPOINTS_FILE"]) as file:
        return json.load(file)[env["SERVICE"]]


def ask(path, body):
    """Status and body of an answer. Asks another instance when one is away, for a bounded number of times."""
    data, why = json.dumps(body).encode(), "no instance"
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(min(30, 2 ** (attempt - 1)) * random.uniform(0.5, 1))
        if stopping:
            raise Gone("stopped")
        try:
            request = urllib.request.Request(random.choice(endpoints()) + path, data, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode("utf-8", "replace")
            # What is wrong with the request stays wrong; the rest is tried again.
            if error.code < 500 and error.code not in (404, 408, 409, 425, 429):
                return error.code, parsed(text)
            why = f"{error.code} {text[:200]}"
        except (OSError, ValueError, IndexError, urllib.error.URLError) as error:
            why = f"{type(error).__name__} {error}"
    raise Gone(f"{env['SERVICE']} did not answer {ATTEMPTS} times, last: {why}")


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return {"error": {"message": text[:1000]}}


def answer_of(key, status, body):
    wrong = None if status == 200 else {"code": str(status), "message": "refused"}
    return {"custom_id": key, "response": {"status_code": status, "body": body}, "error": wrong}


def complete(lines):
    (line,) = lines
    return [answer_of(line["custom_id"], *ask(line.get("url", "/v1/chat/completions"), line["body"]))]


def embed(lines):
    status, body = ask("/v1/embeddings", {"model": MODEL, "input": [line["text"] for line in lines]})
    if status != 200:
        # One text that is too long must not take the others with it.
        return [answer_of(lines[0]["id"], status, body)] if len(lines) == 1 else [a for line in lines for a in embed([line])]
    vectors = {item["index"]: item["embedding"] for item in body["data"]}
    if sorted(vectors) != list(range(len(lines))):
        raise Gone("the service answered with another number of embeddings than there were texts")
    return [{"id": line["id"], "embedding": vectors[place]} for place, line in enumerate(lines)]


KEY, GROUP, WORK = ("id", TEXTS, embed) if TEXTS else ("custom_id", 1, complete)


def read(source, name):
    lines, seen = [], set()
    # As bytes: text has more ends of lines than JSON lines have.
    for number, text in enumerate(source.read(name).splitlines(), 1):
        if not text.strip():
            continue
        where = f"{source}/{name}:{number}"
        try:
            line = json.loads(text)
            key, what = line[KEY], line["text" if TEXTS else "body"]
        except (ValueError, KeyError, TypeError):
            fail(f"{where}: must be JSON with {KEY} and {'text' if TEXTS else 'body'}")
        if key in seen:
            fail(f"{where}: {KEY} {key!r} must be unique in its file")
        seen.add(key)
        lines.append(line)
    return lines


def work_on(source, target, name):
    with target.answers(name) as answers:
        if answers is None:
            return 0
        left = [line for line in read(source, name) if line[KEY] not in answers.done]
        groups = [left[start : start + GROUP] for start in range(0, len(left), GROUP)]
        with futures.ThreadPoolExecutor(CONCURRENCY) as pool:
            waiting, gone = set(), None
            while (groups or waiting) and gone is None:
                while groups and len(waiting) < CONCURRENCY and not stopping:
                    waiting.add(pool.submit(WORK, groups.pop(0)))
                if stopping and not waiting:
                    break
                ready, waiting = futures.wait(waiting, timeout=5, return_when=futures.FIRST_COMPLETED)
                for future in ready:
                    try:
                        answers.add(future.result())
                    except Gone as error:
                        gone = gone or error
                answers.save(stopping)
        if gone or stopping:
            raise gone or Gone("stopped")
        answers.finish()
        return len(left)


def main():
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    source, target = INPUT("input"), OUTPUT("output")
    if f"{target.where}/".startswith(f"{source.where}/"):
        fail("output must be a directory outside of input")
    names = source.names()
    if not names:
        fail(f"there is no file *.jsonl in {source}")
    for name in names:
        if name.startswith("/") or ".." in name.split("/"):
            fail(f"{source}/{name}: must not have .. in its name")
    done = target.done()
    mine = [name for name in names if int(hashlib.sha256(name.encode()).hexdigest(), 16) % SHARDS == SHARD]
    files = asked = 0
    for name in mine:
        if name in done:
            continue
        try:
            asked += work_on(source, target, name)
        except Gone as error:
            fail(f"{name} is not done, and goes on where it was: {error}")
        files += 1
    print(f"shard {SHARD} of {SHARDS}: {len(mine)} files, {files} done now with {asked} lines, the others before")


try:
    main()
except Gone as error:
    fail(str(error))
`;

const FILES = { volume: ["Directory", VOLUME_FILES], s3: ["Bucket", BUCKET_FILES] } as const;

/**
 * Program of a batch job, for Python 3.9 or newer, with no more than input and output need. It reads files of JSON lines below an input
 * directory, asks a service that speaks OpenAI's API, and writes a file of the same name below an output directory.
 *
 * A file belongs to one shard, by the hash of its name. Answers are kept beside the output while it grows, and the output has its name once
 * it is whole: what is done is not asked again, in the next run or on another machine.
 *
 * @see https://platform.openai.com/docs/guides/batch - the lines of requests and of answers
 */
export function batchProgram({ input, output }: Readonly<Record<BatchSide, Pick<BatchFiles, "kind">>>): string {
  const kinds = [...new Set([input.kind, output.kind])];
  const sides = `INPUT, OUTPUT = ${FILES[input.kind][0]}, ${FILES[output.kind][0]}\n\n\n`;
  return `${HEAD}${kinds.map((kind) => FILES[kind][1]).join("")}${sides}${WORK}`;
}
