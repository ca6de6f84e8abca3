import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GANG } from "../../../constructs/ai/training/gang-script";
import { describeWithTool } from "../../helpers/tools";

jest.setTimeout(60_000);

/** In place of PyTorch's launcher: says how it was called, and runs the script as one rank. */
const LAUNCHER = `
import argparse, os, sys
options = argparse.ArgumentParser()
for name in ["nproc_per_node", "monitor_interval", "max_restarts", "nnodes", "node_rank", "master_addr", "master_port"]:
    options.add_argument("--" + name)
known, rest = options.parse_known_args()
print("launched", known.node_rank, "of", known.nnodes, "at", known.master_addr, known.master_port, flush=True)
os.environ["RANK"] = known.node_rank
os.execv(sys.executable, [sys.executable] + rest)
`;

interface Worker {
  readonly child: ChildProcess;
  /** Its code, once it has ended. */
  readonly ended: Promise<number | null>;
  output: string;
}

/** As Nomad does when a task's own process is gone: all that it started goes too. */
function killAll({ child }: Worker): void {
  try {
    process.kill(-(child.pid ?? 0), "SIGKILL");
  } catch {
    // It has ended.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describeWithTool("python3", "the gang of a training run", (python) => {
  let directory: string;
  let workers: Worker[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "gang-"));
    workers = [];
    const launcher = join(directory, "modules", "torch", "distributed");
    mkdirSync(launcher, { recursive: true });
    writeFileSync(join(launcher, "run.py"), LAUNCHER);
    writeFileSync(join(directory, "gang.py"), GANG);
  });

  afterEach(async () => {
    workers.forEach(killAll);
    await Promise.all(workers.map(async ({ ended }) => await ended));
    rmSync(directory, { recursive: true, force: true });
  });

  const peersAre = (port: number) => {
    const lines = [`127.0.0.1 ${port} rank-0`, "127.0.0.1 1 rank-1", ""];
    writeFileSync(join(directory, "peers"), lines.join("\n"));
  };
  const start = (rank: number, port: number, script: string, more: Record<string, string> = {}): Worker => {
    const path = join(directory, "train.py");
    writeFileSync(path, script);
    const allocation = join(directory, `allocation-${rank}`);
    mkdirSync(join(allocation, "data"), { recursive: true });
    const env = {
      PATH: process.env["PATH"],
      PYTHONPATH: join(directory, "modules"),
      NOMAD_ALLOC_INDEX: String(rank),
      NOMAD_ALLOC_DIR: allocation,
      NOMAD_TASK_DIR: directory,
      NOMAD_IP_gang: "127.0.0.1",
      NOMAD_PORT_gang: String(port),
      NOMAD_PORT_master: "29500",
      GANG_SIZE: "3",
      GANG_PROCESSES: "1",
      GANG_TIMEOUT: "20",
      GANG_MAX_RESTARTS: "2",
      CHECKPOINT_DIR: join(directory, "checkpoints"),
      ...more,
    };
    const child = spawn(python, [join(directory, "gang.py"), path], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const ended = once(child, "exit").then(([code]) => code as number | null);
    const worker: Worker = { child, ended, output: "" };
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text: Buffer) => (worker.output += text.toString()));
    workers.push(worker);
    return worker;
  };
  const startAll = (port: number, script: string, more: Record<string, string> = {}) => {
    peersAre(port);
    return [0, 1, 2].map((rank) => start(rank, port, script, more));
  };
  const codes = async (of: readonly Worker[]) => await Promise.all(of.map(async ({ ended }) => await ended));
  const until = async (worker: Worker, text: string) => {
    const deadline = Date.now() + 30_000;
    while (!worker.output.includes(text)) {
      if (Date.now() > deadline) throw new Error(`never said ${text}:\n${worker.output}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  };

  test("begins when all are there, with rank 0 as master, and ends when all have ended", async () => {
    const port = await freePort();
    const all = startAll(port, "import os, time; time.sleep(int(os.environ['RANK']) * 0.5)");
    expect(await codes(all)).toEqual([0, 0, 0]);
    all.forEach(({ output }, rank) => expect(output).toContain(`launched ${rank} of 3 at 127.0.0.1 29500`));
    expect(all[0]?.output).toContain("talks over lo, 127.0.0.1");
    expect(all[0]?.output).toContain("all ranks have ended");
  });

  test("gives up by name when one does not come in time, and a restart ends at once", async () => {
    const port = await freePort();
    peersAre(port);
    const some = [0, 2].map((rank) => start(rank, port, "print('trains')", { GANG_TIMEOUT: "3" }));
    expect(await codes(some)).toEqual([1, 1]);
    for (const { output } of some) {
      expect(output).toContain("gives up: rank 1 of 3 did not come within 3 s");
      expect(output).not.toContain("trains");
    }
    const again = start(2, port, "");
    expect(await again.ended).toBe(1);
    expect(again.output).toContain("gave up before: rank 1 of 3");
  });

  test("gives up when rank 0 does not come", async () => {
    peersAre(await freePort());
    const alone = start(1, 0, "", { GANG_TIMEOUT: "2" });
    expect(await alone.ended).toBe(1);
    expect(alone.output).toContain("rank 0 of 3 was not there within 2 s");
  });

  test("begins again as a whole from the newest checkpoint when one rank fails", async () => {
    const script = `
import os, sys, time
rank, directory, resume = os.environ["RANK"], os.environ["CHECKPOINT_DIR"], os.environ.get("RESUME_FROM")
print("generation", os.environ["GANG_GENERATION"], "from", resume and os.path.basename(resume), flush=True)
if resume:
    sys.exit(0)
for step in [8, 10, 9]:
    open(os.path.join(directory, "step-%d.pt" % step), "w").close()
if rank == "1":
    sys.exit(7)
time.sleep(600)
`;
    const all = startAll(await freePort(), script);
    expect(await codes(all)).toEqual([0, 0, 0]);
    expect(all[2]?.output).toContain("stops: rank 1 ended with code 7");
    for (const { output } of all) expect(output).toContain("generation 2 from step-10.pt");
  });

  test("gives up when it has begun again often enough", async () => {
    const all = startAll(await freePort(), "import sys; sys.exit(3)");
    expect(await codes(all)).toEqual([1, 1, 1]);
    expect(all[1]?.output).toContain("begins generation 3");
    expect(all[1]?.output).not.toContain("begins generation 4");
    expect(all[1]?.output).toContain("gives up: it was restarted 2 times already");
  });

  test("keeps its count when rank 0 is lost and comes back elsewhere", async () => {
    const script = "import os, time; time.sleep(600 if os.environ['GANG_GENERATION'] == '1' else 0)";
    const [first, ...others] = startAll(await freePort(), script);
    for (const other of others) await until(other, "begins generation 1");
    killAll(first as Worker);
    for (const other of others) await until(other, "lost rank 0");
    const port = await freePort();
    peersAre(port);
    const next = start(0, port, script);
    expect(await codes([next, ...others])).toEqual([0, 0, 0]);
    expect(next.output).toContain("begins generation 2");
  });

  test("takes a rank that comes anew before its predecessor was missed", async () => {
    const port = await freePort();
    const script = "import os, time; time.sleep(600 if os.environ['GANG_GENERATION'] == '1' else 0)";
    const [first, , last] = startAll(port, script);
    await until(last as Worker, "begins generation 1");
    last?.child.kill("SIGSTOP");
    const next = start(2, port, script);
    await until(next, "begins generation 2");
    last?.child.kill("SIGKILL");
    expect(await next.ended).toBe(0);
    expect(await first?.ended).toBe(0);
  });

  test("ends all when the time is up, and leaves no process of theirs", async () => {
    const script =
      "import subprocess, time; print('pid', subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)";
    const all = startAll(await freePort(), script, { GANG_TIME_LIMIT: "4" });
    expect(await codes(all)).toEqual([1, 1, 1]);
    for (const { output } of all) {
      expect(output).toContain("gives up: the time limit of 4 s has passed");
      expect(() => process.kill(Number(/pid (\d+)/.exec(output)?.[1]), 0)).toThrow("ESRCH");
    }
  });

  test("ends its program when Nomad stops it", async () => {
    const alone = start(0, 0, "print('trains', flush=True)\nimport time; time.sleep(600)", { GANG_SIZE: "1" });
    await until(alone, "trains");
    alone.child.kill("SIGTERM");
    expect(await alone.ended).toBe(143);
  });
});
