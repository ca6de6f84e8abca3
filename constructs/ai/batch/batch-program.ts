/**
 * Program of a batch job, for Python 3.9 or newer without packages. It reads files of JSON lines below an input prefix, asks a service
 * that speaks OpenAI's API, and writes a file of the same name below an output prefix.
 *
 * A file belongs to one shard, by the hash of its name. Answers are appended to `<name>.partial`, which becomes the output once it is
 * whole: what is done is not asked again, in the next run or on another machine. A file is locked while a shard is at it.
 *
 * @see https://platform.openai.com/docs/guides/batch - the lines of requests and of answers
 */
export const BATCH_PROGRAM = `import concurrent.futures as futures
import fcntl, hashlib, json, os, pathlib, random, signal, sys, time, urllib.error, urllib.request

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


def below(root, name):
    prefix = env.get("NOMAD_META_" + name) or env.get(name.upper()) or ""
    path = pathlib.PurePosixPath(prefix)
    if not prefix or path.is_absolute() or ".." in path.parts:
        fail(f"{name}={prefix!r} must be a directory of the volume, such as jobs/monday")
    return root / path


class Gone(Exception):
    """The service cannot answer now, or the machine is about to stop."""


def endpoints():
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


def key_of(line):
    return line.get("custom_id") or line.get("id")


def read(source):
    lines, seen = [], set()
    for number, text in enumerate(source.read_text().splitlines(), 1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            key, what = line[KEY], line["text" if TEXTS else "body"]
        except (ValueError, KeyError, TypeError):
            fail(f"{source}:{number}: must be JSON with {KEY} and {'text' if TEXTS else 'body'}")
        if key in seen:
            fail(f"{source}:{number}: {KEY} {key!r} must be unique in its file")
        seen.add(key)
        lines.append(line)
    return lines


def resume(file):
    """Keys of answers that are there; an answer that was cut off is thrown away."""
    file.seek(0)
    done, whole = set(), 0
    for text in file:
        if not text.endswith(b"\\n"):
            break
        done.add(key_of(json.loads(text)))
        whole += len(text)
    file.truncate(whole)
    file.seek(whole)
    return done


def work_on(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    with open(partial, "a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Gone(f"{source.name} is being worked on elsewhere")
        # Whoever held the lock may have finished it.
        if target.exists():
            partial.unlink(missing_ok=True)
            return 0
        done = resume(file)
        left = [line for line in read(source) if line[KEY] not in done]
        groups = [left[start : start + GROUP] for start in range(0, len(left), GROUP)]
        with futures.ThreadPoolExecutor(CONCURRENCY) as pool:
            waiting, gone = set(), None
            while (groups or waiting) and gone is None:
                while groups and len(waiting) < CONCURRENCY and not stopping:
                    waiting.add(pool.submit(WORK, groups.pop(0)))
                if stopping and not waiting:
                    break
                ready, waiting = futures.wait(waiting, return_when=futures.FIRST_COMPLETED)
                for future in ready:
                    try:
                        answers = future.result()
                    except Gone as error:
                        gone = gone or error
                        continue
                    for answer in answers:
                        file.write(json.dumps(answer, ensure_ascii=False).encode() + b"\\n")
                file.flush()
                os.fsync(file.fileno())
        if gone or stopping:
            raise gone or Gone("stopped")
        os.replace(partial, target)
        return len(left)


def main():
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    root = pathlib.Path(env["DATA"])
    source, target = below(root, "input"), below(root, "output")
    if source == target or source in target.parents:
        fail("output must be a directory outside of input")
    if not source.is_dir():
        fail(f"there is no directory {source}")
    names = sorted(path.relative_to(source) for path in source.rglob("*.jsonl"))
    if not names:
        fail(f"there is no file *.jsonl in {source}")
    mine = [name for name in names if int(hashlib.sha256(str(name).encode()).hexdigest(), 16) % SHARDS == SHARD]
    files = asked = 0
    for name in mine:
        if (target / name).exists():
            continue
        try:
            asked += work_on(source / name, target / name)
        except Gone as error:
            fail(f"{name} is not done, and goes on where it was: {error}")
        files += 1
    print(f"shard {SHARD} of {SHARDS}: {len(mine)} files, {files} done now with {asked} lines, the others before")


main()
`;
