/**
 * The part of a batch job's program that reads and writes a bucket, by boto3. A bucket has neither append nor lock: answers so far are
 * objects of their own below `<name>.partial/`, written every ten seconds, and two runs that are at one file both make all of it.
 *
 * @see https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3.html
 */
export const BUCKET_FILES = `import importlib, subprocess, tempfile, uuid

packages = os.path.join(env["NOMAD_TASK_DIR"], "packages")
sys.path.append(packages)
try:
    import boto3
except ImportError:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check"]
    wanted = ["--root-user-action=ignore", "--upgrade", "--target", packages, "boto3==" + env["BOTO3_VERSION"]]
    if subprocess.run(pip + wanted).returncode:
        fail("boto3 is not here, and pip cannot install it: give runtime an image that has it")
    importlib.invalidate_caches()
    import boto3
import boto3.exceptions, botocore.config, botocore.exceptions

PIECE_SECONDS = 10


class Bucket:
    """Objects below a prefix of a bucket."""

    def __init__(self, name):
        def told(what):
            return env.get(f"{name.upper()}_{what}") or None

        parts = [told("PREFIX"), *directory(name).parts]
        self.bucket, self.prefix = told("BUCKET"), "".join(f"{part}/" for part in parts if part)
        self.where = f"{told('ENDPOINT') or ''}/{self.bucket}/{self.prefix}".rstrip("/")
        style = {"addressing_style": "path" if told("ENDPOINT") else "auto"}
        retries = {"mode": "standard", "total_max_attempts": ATTEMPTS}
        session = boto3.Session(told("ACCESS_KEY_ID"), told("SECRET_ACCESS_KEY"), region_name=told("REGION"))
        config = botocore.config.Config(s3=style, retries=retries, connect_timeout=10, read_timeout=60)
        self.client = session.client("s3", endpoint_url=told("ENDPOINT"), config=config)

    def __str__(self):
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    @contextlib.contextmanager
    def asked(self):
        try:
            yield
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, boto3.exceptions.Boto3Error) as error:
            raise Gone(f"{self}: {error}")

    def keys(self, name=""):
        with self.asked():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + name)
            return [item["Key"][len(self.prefix) :] for page in pages for item in page.get("Contents", [])]

    def names(self):
        return sorted(key for key in self.keys() if key.endswith(".jsonl"))

    def done(self):
        keys = self.keys()
        whole = {key for key in keys if key.endswith(".jsonl")}
        # A run may have been ended after it had named the output.
        self.delete(key for key in keys if ".partial/" in key and key.partition(".partial/")[0] in whole)
        return whole

    def read(self, name):
        with self.asked():
            return self.client.get_object(Bucket=self.bucket, Key=self.prefix + name)["Body"].read()

    def delete(self, keys):
        with self.asked():
            for key in keys:
                self.client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    @contextlib.contextmanager
    def answers(self, name):
        """The answers to a file while they grow; None where they are whole."""
        keys = self.keys(name)
        pieces = [key for key in keys if key.startswith(name + ".partial/")]
        if name in keys:
            self.delete(pieces)
            yield None
            return
        with tempfile.TemporaryFile(dir=env["NOMAD_TASK_DIR"]) as file:
            growing = Pieces(self, name, file, pieces)
            try:
                yield growing
            finally:
                growing.save(True)


class Pieces:
    """Answers in a file of this machine, and in pieces beside its output."""

    def __init__(self, bucket, name, file, pieces):
        self.bucket, self.name, self.file, self.pieces, self.done = bucket, name, file, pieces, set()
        for key in pieces:
            for line in map(json.loads, bucket.read(key).splitlines()):
                # Two runs at one file have both asked for it.
                if key_of(line) not in self.done:
                    self.done.add(key_of(line))
                    write(file, [line])
        self.size = self.saved = file.tell()
        self.time = time.monotonic()

    def add(self, answers):
        write(self.file, answers)
        self.size = self.file.tell()

    def save(self, at_once):
        if self.size == self.saved or not (at_once or time.monotonic() - self.time >= PIECE_SECONDS):
            return
        self.file.seek(self.saved)
        key = f"{self.name}.partial/{uuid.uuid4()}"
        with self.bucket.asked():
            self.bucket.client.put_object(Bucket=self.bucket.bucket, Key=self.bucket.prefix + key, Body=self.file.read())
        self.pieces.append(key)
        self.saved, self.time = self.size, time.monotonic()

    def finish(self):
        self.file.seek(0)
        # An object of several parts has its name once all are there.
        with self.bucket.asked():
            self.bucket.client.upload_fileobj(self.file, self.bucket.bucket, self.bucket.prefix + self.name)
        self.saved = self.size
        self.bucket.delete(self.pieces)


`;
