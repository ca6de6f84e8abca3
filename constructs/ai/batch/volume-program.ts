/** The part of a batch job's program that reads and writes a volume. A file is locked while a shard is at it. */
export const VOLUME_FILES = `import fcntl


class Directory:
    """Files in a directory of a volume."""

    def __init__(self, name):
        self.path = pathlib.Path(env[name.upper() + "_ROOT"]) / directory(name)
        self.where = str(self.path)

    def __str__(self):
        return self.where

    def names(self):
        if not self.path.is_dir():
            fail(f"there is no directory {self}")
        return sorted(self.done())

    def done(self):
        return {path.relative_to(self.path).as_posix() for path in self.path.rglob("*.jsonl")}

    def read(self, name):
        return (self.path / name).read_bytes()

    @contextlib.contextmanager
    def answers(self, name):
        """The answers to a file while they grow; None where they are whole."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".partial")
        with open(partial, "a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Gone(f"{target.name} is being worked on elsewhere")
            # Whoever held the lock may have finished it.
            if target.exists():
                partial.unlink(missing_ok=True)
                yield None
            else:
                yield Lines(file, partial, target)


class Lines:
    """Answers in a file beside its output."""

    def __init__(self, file, partial, target):
        self.file, self.partial, self.target, self.done = file, partial, target, set()
        whole = 0
        file.seek(0)
        for text in file:
            # An answer that was cut off is thrown away.
            if not text.endswith(b"\\n"):
                break
            self.done.add(key_of(json.loads(text)))
            whole += len(text)
        file.truncate(whole)
        file.seek(whole)

    def add(self, answers):
        write(self.file, answers)

    def save(self, at_once):
        self.file.flush()
        os.fsync(self.file.fileno())

    def finish(self):
        os.replace(self.partial, self.target)


`;
