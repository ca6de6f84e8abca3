import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Squares numbers in tasks that take a while. Each says in `<name>.begun` and `<name>.ended` where and when; the result goes to `<name>.done`. */
const SQUARES_PROGRAM = `
import json, os, sys, time
import ray

ray.init()
folder, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])

@ray.remote(num_cpus=1, max_retries=5, scheduling_strategy="SPREAD")
def square(number):
    node = ray.get_runtime_context().get_node_id()
    for what, seconds in (("begun", 2), ("ended", 0)):
        with open(os.path.join(folder, name + "." + what), "a") as file:
            print(node, time.time(), file=file)
        time.sleep(seconds)
    return number * number, node

done = ray.get([square.remote(number) for number in range(count)])
path = os.path.join(folder, name + ".done")
with open(path + ".tmp", "w") as file:
    json.dump({"sum": sum(value for value, _ in done), "nodes": sorted({node for _, node in done})}, file)
os.replace(path + ".tmp", path)
`;

/** Counts in an actor that nobody else has to keep, on a worker. */
const COUNTS_PROGRAM = `
import json, os, sys
import ray

ray.init(namespace="counts")
folder, name = sys.argv[1], sys.argv[2]

@ray.remote(num_cpus=1)
class Counter:
    def __init__(self):
        self.count = 0

    def add(self):
        self.count += 1
        return {"count": self.count, "pid": os.getpid(), "node": ray.get_runtime_context().get_node_id()}

counter = Counter.options(name="counter", lifetime="detached", get_if_exists=True).remote()
path = os.path.join(folder, name + ".done")
with open(path + ".tmp", "w") as file:
    json.dump(ray.get(counter.add.remote()), file)
os.replace(path + ".tmp", path)
`;

const SQUARES = "squares.py";
const COUNTS = "counts.py";

/** Result of the program that squares. */
export interface Done {
  /** Of the squares of all numbers below the count. */
  readonly sum: number;
  /** Ids of Ray's nodes that gave a result. */
  readonly nodes: readonly string[];
}

/** Result of the program that counts. */
export interface Count {
  /** How often it has run. */
  readonly count: number;
  /** Of the actor's process. */
  readonly pid: number;
  /** Id of Ray's node that has the actor. */
  readonly node: string;
}

/** A node as Ray's dashboard says it. */
export interface RayNode {
  readonly node_id: string;
  readonly node_ip: string;
  readonly is_head_node: boolean;
  readonly state: "ALIVE" | "DEAD";
}

/** What a dashboard answers to `/api/v0/nodes`. */
export function nodesIn(answer: string): readonly RayNode[] {
  return (JSON.parse(answer) as { data: { result: { result: RayNode[] } } }).data.result.result;
}

/** Programs for Ray, and what their runs leave in their directory. */
export interface RayPrograms {
  /** Arguments of a Python that squares with this many tasks. */
  squares(name: string, count: number): readonly string[];
  /** Arguments of a Python that counts. */
  counts(name: string): readonly string[];
  /** Ids of the nodes where tasks of a run began or ended, one for each time. */
  nodesOf(name: string, what: "begun" | "ended"): readonly string[];
  /** A task of the run began on the node within the last second, and has more than as long to go. */
  isBusy(name: string, node: string): boolean;
  /** What a run made; undefined before its end. */
  result(name: string): unknown;
}

/**
 * Writes the programs into a directory that all of the cluster's machines have.
 *
 * @param there - path of the directory for them. @default - the same
 */
export function rayPrograms(directory: string, there = directory): RayPrograms {
  writeFileSync(join(directory, SQUARES), SQUARES_PROGRAM);
  writeFileSync(join(directory, COUNTS), COUNTS_PROGRAM);
  const read = (file: string) => {
    const path = join(directory, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const events = (name: string, what: "begun" | "ended") =>
    (read(`${name}.${what}`)?.trim().split("\n") ?? []).map((line) => {
      const [node = "", seconds = ""] = line.split(" ");
      return { node, at: Number(seconds) * 1000 };
    });
  return {
    squares: (name, count) => [join(there, SQUARES), there, name, String(count)],
    counts: (name) => [join(there, COUNTS), there, name],
    nodesOf: (name, what) => events(name, what).map(({ node }) => node),
    isBusy: (name, node) => {
      const last = events(name, "begun").findLast((event) => event.node === node);
      const ended = events(name, "ended").findLast((event) => event.node === node);
      return last !== undefined && last.at > (ended?.at ?? 0) && Date.now() - last.at < 1000;
    },
    result: (name) => {
      const text = read(`${name}.done`);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
  };
}
