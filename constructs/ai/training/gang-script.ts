/**
 * Runs one worker of a gang; standard Python 3.8 without packages. Nomad places the workers of a job one by one and restarts each
 * alone, but ranks of one training run begin, fail and end together. So the worker of rank 0 also keeps a meeting place:
 *
 * - All workers find it by Nomad's discovery (`local/peers`) and say hello. When all are there it tells them to start, and all run
 *   torchrun with rank 0 as master. When not all come in time it tells them to give up.
 * - A rank that fails, goes silent or comes anew stops all: they end their torchrun and meet again as the next generation, with the
 *   newest checkpoint. Workers bring the generation along, so that the count outlives rank 0's machine.
 * - Who ends well waits for the others, since a batch allocation that has ended well does not start again.
 *
 * A worker that was told to give up says so in its allocation's directory, and Nomad's restarts of it end at once.
 *
 * @see https://pytorch.org/docs/stable/elastic/run.html
 */
export const GANG = `import ctypes
import fcntl
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

BEAT, SILENCE, GRACE = 5, 30, 25  # seconds: between signs of life, until somebody counts as gone, to end after SIGTERM


def setting(name, default=None):
    value = os.environ.get(name, default)
    if value is None:
        sys.exit("gang: " + name + " is not set")
    return value


RANK, SIZE = int(setting("NOMAD_ALLOC_INDEX")), int(setting("GANG_SIZE"))
PROCESSES = int(setting("GANG_PROCESSES"))
TIMEOUT, TIME_LIMIT = int(setting("GANG_TIMEOUT")), int(setting("GANG_TIME_LIMIT", "0"))
MAX_RESTARTS = int(setting("GANG_MAX_RESTARTS"))
CHECKPOINTS = os.environ.get("CHECKPOINT_DIR")
ADDRESS = setting("NOMAD_IP_gang", "127.0.0.1")
PORT, MASTER_PORT = int(setting("NOMAD_PORT_gang", "0")), int(setting("NOMAD_PORT_master", "0"))
MARKER = os.path.join(setting("NOMAD_ALLOC_DIR"), "data", "gave-up")
BEGUN = time.time()


def say(text):
    print("gang: rank " + str(RANK) + ": " + text, flush=True)


class Link:
    """Lines of JSON over a connection."""

    def __init__(self, connection):
        self.connection, self.rest, self.heard, self.rank, self.ready = connection, b"", time.time(), None, False
        connection.settimeout(SILENCE)

    def send(self, **message):
        try:
            self.connection.sendall(json.dumps(message).encode() + b"\\n")
        except OSError:
            pass  # whoever reads notices

    def receive(self):
        """Messages that are there; None when the other side is gone."""
        try:
            data = self.connection.recv(65536)
        except OSError:
            return None
        if not data:
            return None
        self.heard = time.time()
        *lines, self.rest = (self.rest + data).split(b"\\n")
        try:
            return [message for message in map(json.loads, lines) if isinstance(message, dict)]
        except ValueError:
            return None  # somebody who does not belong here

    def close(self):
        self.connection.close()


def newest_checkpoint():
    steps = {}
    for name in os.listdir(CHECKPOINTS) if CHECKPOINTS else []:
        found = re.fullmatch(r"step-(\\d+)(\\.[a-z]+)?", name)
        if found:
            steps[int(found.group(1))] = os.path.join(CHECKPOINTS, name)
    return steps[max(steps)] if steps else None


class Meeting(threading.Thread):
    """The meeting place, in the process of rank 0."""

    def __init__(self):
        super().__init__(daemon=True)
        self.server = socket.create_server((ADDRESS, PORT), backlog=SIZE)
        self.port = self.server.getsockname()[1]
        self.links, self.done = [], set()
        self.generation, self.running, self.over = 0, False, False
        self.since, self.begun, self.beat = time.time(), BEGUN, 0

    def run(self):
        try:
            while True:
                self.turn()
        except Exception as error:  # a worker without meeting place would wait for long
            print("gang: the meeting place failed: " + repr(error), flush=True)
            os._exit(1)

    def turn(self):
        readable, _, _ = select.select([self.server] + [link.connection for link in self.links], [], [], 0.5)
        if self.server in readable:
            self.links.append(Link(self.server.accept()[0]))
        now = time.time()
        for link in list(self.links):
            messages = link.receive() if link.connection in readable else []
            if messages is None or now - link.heard > SILENCE:
                self.lose(link)
            else:
                for message in messages:
                    self.take(link, message)
        if now - self.beat > BEAT:
            self.beat = now
            self.tell(beat=True)
        if self.over:
            return
        if TIME_LIMIT and now - self.begun > TIME_LIMIT:
            self.end("the time limit of " + str(TIME_LIMIT) + " s has passed")
        elif not self.running:
            self.try_start(now)

    def tell(self, **message):
        for link in self.links:
            link.send(**message)

    def end(self, why=None):
        self.over = True
        self.tell(**({"finish": True} if why is None else {"give_up": why}))

    def lose(self, link):
        link.close()
        if link in self.links:
            self.links.remove(link)
            if link.rank is not None:
                self.stop("rank " + str(link.rank) + " is gone")

    def stop(self, why):
        if self.running and not self.over:
            self.running, self.since, self.done = False, time.time(), set()
            for link in self.links:
                link.ready = False
            self.tell(stop=why)

    def take(self, link, message):
        if "hello" in message:
            rank = message["hello"]
            if message["size"] != SIZE:
                link.send(give_up="is of a gang of " + str(message["size"]) + ", and this one has " + str(SIZE))
                return
            for other in [other for other in self.links if other.rank == rank and other is not link]:
                self.lose(other)
            link.rank = rank
            if not link.ready:
                self.stop("rank " + str(rank) + " came anew")
            link.ready = True
            self.generation = max(self.generation, message["generation"])
            self.begun = min(self.begun, time.time() - message["age"])
        elif "end" in message and message["generation"] == self.generation and self.running:
            if message["end"] != 0:
                self.stop("rank " + str(link.rank) + " ended with code " + str(message["end"]))
            else:
                self.done.add(link.rank)
                if len(self.done) == SIZE:
                    self.end()

    def try_start(self, now):
        here = {link.rank for link in self.links if link.ready}
        missing = [str(rank) for rank in range(SIZE) if rank not in here]
        if not missing:
            if self.generation > MAX_RESTARTS:
                self.end("it was restarted " + str(MAX_RESTARTS) + " times already")
                return
            self.generation, self.running = self.generation + 1, True
            self.tell(start=self.generation, address=ADDRESS, port=MASTER_PORT, resume=newest_checkpoint())
        elif now - self.since > TIMEOUT:
            self.end("rank " + ", ".join(missing) + " of " + str(SIZE) + " did not come within " + str(TIMEOUT) + " s")


def interface_of(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(asked, 0x8915, struct.pack("256s", name.encode()))  # SIOCGIFADDR
            except OSError:
                continue
            if socket.inet_ntoa(answer[20:24]) == address:
                return name
    sys.exit("gang: no interface of this machine has the address " + address)


class Worker:
    def __init__(self, meeting):
        self.meeting, self.generation, self.program = meeting, 0, None
        self.environment = dict(os.environ)
        if SIZE > 1:
            interface = interface_of(ADDRESS)
            say("talks over " + interface + ", " + ADDRESS)
            self.environment.update(GLOO_SOCKET_IFNAME=interface, NCCL_SOCKET_IFNAME="=" + interface)

    def places(self):
        if self.meeting:
            return [(ADDRESS, self.meeting.port)]
        with open(os.path.join(setting("NOMAD_TASK_DIR"), "peers")) as peers:
            lines = [line.split() for line in peers]
        return [(line[0], int(line[1])) for line in lines if line[2:] == ["rank-0"]]

    def run(self):
        asked = time.time()
        while True:
            for place in self.places():
                try:
                    link = Link(socket.create_connection(place, BEAT))
                except OSError:
                    continue
                self.hello(link)
                met = self.attend(link)
                link.close()
                self.stop_program()
                if met:
                    say("lost rank 0, and looks for it again")
                    asked = time.time()
            if time.time() - asked > TIMEOUT:
                give_up("rank 0 of " + str(SIZE) + " was not there within " + str(TIMEOUT) + " s")
            time.sleep(1)

    def hello(self, link):
        link.send(hello=RANK, size=SIZE, generation=self.generation, age=time.time() - BEGUN)

    def attend(self, link):
        """Does what the meeting says. Returns when it is gone: whether it had said anything."""
        met, beat = False, 0
        while True:
            readable, _, _ = select.select([link.connection], [], [], 0.5)
            messages = link.receive() if readable else []
            if messages is None or time.time() - link.heard > SILENCE:
                return met
            for message in messages:
                met = True
                self.obey(link, message)
            if time.time() - beat > BEAT:
                beat = time.time()
                link.send(beat=True)
            code = self.program.poll() if self.program else None
            if code is not None:
                self.program = None
                kill_children()
                say("generation " + str(self.generation) + " ended with code " + str(code))
                link.send(end=code, generation=self.generation)

    def obey(self, link, message):
        if "start" in message:
            self.start_program(message)
        elif "stop" in message:
            say("stops: " + message["stop"])
            self.stop_program(link)
            self.hello(link)
        elif "finish" in message:
            say("all ranks have ended")
            if self.meeting:
                self.linger()
            sys.exit(0)
        elif "give_up" in message:
            self.stop_program()
            if self.meeting:
                self.linger()
            give_up(message["give_up"])

    def linger(self):
        """The others hear the end before the meeting place goes."""
        until = time.time() + 2 * BEAT
        while len(self.meeting.links) > 1 and time.time() < until:
            time.sleep(0.1)

    def start_program(self, message):
        self.generation = message["start"]
        environment = dict(self.environment, GANG_GENERATION=str(self.generation))
        if message["resume"]:
            environment["RESUME_FROM"] = message["resume"]
        command = [sys.executable]
        if SIZE * PROCESSES > 1:
            command += ["-m", "torch.distributed.run", "--nproc_per_node=" + str(PROCESSES), "--max_restarts=0", "--monitor_interval=1"]
            command += ["--standalone"] if SIZE == 1 else [
                "--nnodes=" + str(SIZE), "--node_rank=" + str(RANK),
                "--master_addr=" + message["address"], "--master_port=" + str(message["port"]),
            ]
        say("begins generation " + str(self.generation) + " from " + (message["resume"] or "the start"))
        self.program = subprocess.Popen(command + sys.argv[1:], env=environment)

    def stop_program(self, link=None):
        """Ends the program and what it started. Shows signs of life meanwhile."""
        program, self.program = self.program, None
        if program is None:
            return
        until = time.time() + GRACE
        program.terminate()
        while program.poll() is None and time.time() < until:
            if link:
                link.send(beat=True)
            time.sleep(0.2)
        kill_children()
        program.wait()


def kill_children():
    """All that is left, also of a torchrun that was killed: orphans are ours (PR_SET_CHILD_SUBREAPER)."""
    while True:
        children = []
        for thread in os.listdir("/proc/self/task"):
            with open("/proc/self/task/" + thread + "/children") as found:
                children += map(int, found.read().split())
        if not children:
            return
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            except (ProcessLookupError, ChildProcessError):
                pass


def give_up(why):
    say("gives up: " + why)
    with open(MARKER, "w") as marker:
        marker.write(why)
    sys.exit(1)


def main():
    if os.path.exists(MARKER):
        with open(MARKER) as marker:
            sys.exit("gang: gave up before: " + marker.read())
    if CHECKPOINTS:
        os.makedirs(CHECKPOINTS, exist_ok=True)
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
    meeting = None
    if RANK == 0:
        meeting = Meeting()
        meeting.start()
    worker = Worker(meeting)

    def terminate(*_):
        worker.stop_program()
        sys.exit(143)

    signal.signal(signal.SIGTERM, terminate)
    signal.signal(signal.SIGINT, terminate)
    worker.run()


main()
`;
