/* eslint-disable jest/no-export, jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- a helper that defines suites for others */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SHARED_DIRECTORY } from "../../lab/csi/driver";
import { thisOsRelease } from "../../lab/packages";
import { hostPaths } from "../../lab/paths";
import { cacheDirectory } from "../../ops/project";
import { findTool } from "./tools";

/**
 * Python programs for live tests: an interpreter with packages in one directory of the user's cache, made once, by apt and pip. The
 * interpreter is that of the machine's Debian release, so the directory works wherever that release runs, and wherever it lies:
 * on this machine, and copied into the directory that the lab's container hosts share.
 *
 * ```ts
 * describeWithPython(TORCH, "training", (python) => {
 *   startNomad(…);                             // here: python.command, python.env
 *   const shared = pythonForHosts(python);     // in the lab, after lab up: the same for hosts
 *   await on("general-1", `${shared.command} -c 'import torch'`, shared.env);
 * });
 * ```
 *
 * A Nomad task needs `command` and `env`, and with the driver exec a mount of `directory` in the same place; raw_exec needs none.
 */
export interface PythonRequirements {
  /** Name of the directory, before its hash. */
  readonly name: string;
  /** Packages of the machine's Debian release, beside python3. With all that they depend on. @default [] */
  readonly debian?: readonly string[];
  /** Packages of the Python Package Index. Shape: `ray==2.60.0`. With all that they depend on. @default [] */
  readonly pip?: readonly string[];
  /** Program for `python3 -c` that must end well before the environment counts as made. Shape: `import ray` */
  readonly check: string;
  /** Shell script that mends what was installed; runs in its directory. @default - nothing */
  readonly mend?: string;
}

/** Where an environment is, and how its programs run. */
export interface PythonEnvironment {
  readonly directory: string;
  /** Absolute path of the interpreter. */
  readonly command: string;
  /** Must be set for the interpreter and all that it starts. Its PATH begins with the programs of the packages. */
  readonly env: Readonly<Record<"LD_LIBRARY_PATH" | "PATH" | "PYTHONPATH", string>>;
}

/**
 * PyTorch for CPUs, with Gloo. From Debian: the wheels of the Python Package Index for x86_64 are for CUDA, and do not load without its
 * 3 GB. Version 1.13 is older than Python 3.11, which leaves zero out of the members of a flag: torchrun then finds none of its own
 * default, which PyTorch 2.0 mended.
 */
export const TORCH: PythonRequirements = {
  name: "torch",
  debian: ["python3-torch"],
  check: "import torch.distributed as d; assert d.is_gloo_available()",
  mend: "sed -i 's/for s in Std:/for s in (Std.NONE, *Std):/' usr/lib/python3/dist-packages/torch/distributed/elastic/multiprocessing/api.py",
};

/** Ray with its dashboard. */
export const RAY: PythonRequirements = { name: "ray", pip: ["ray[default]==2.60.0"], check: "import ray.dashboard" };

/** The router of SGLang: a program without GPU, in Rust. */
export const SGLANG_ROUTER: PythonRequirements = {
  name: "sglang-router",
  pip: ["sglang-router==0.3.2"],
  check: "import sglang_router.launch_router",
};

/** Base of any Debian: never two versions of it in one process. */
const BASE = ["libc6", "libc-bin", "libgcc-s1", "libstdc++6"];

/** `$1` is this machine's Python, for its pip; the rest are the packages that it takes, and `$DEBIAN` those of apt. */
const BUILD = `
mkdir debs
: >debs/none
names=$(apt-get -o Dir::State::status="$PWD/debs/none" install --no-install-recommends --print-uris -y python3 $DEBIAN |
  sed -n "s/^'[^']*' \\([^_]*\\)_.*/\\1/p" | grep -vxF "$BASE")
(cd debs && apt-get -qq download $names 2>/dev/null)
find debs -name '*.deb' -print0 | xargs -0 -n 1 -P 2 sh -c 'dpkg-deb -x "$1" .' unpack
rm -rf debs usr/share/doc usr/share/man usr/share/locale
python=$1
shift
if [ $# -gt 0 ]; then
  version=$(usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  "$python" -m pip install --quiet --only-binary=:all: --python-version "$version" --target pip "$@"
fi
find usr/bin pip/bin -type f -exec grep -lIm 1 '^#!.*/python' {} + 2>/dev/null |
  xargs -r sed -i '1s|^#!.*/python.*|#!/usr/bin/env python3|'
`;

function environmentAt(directory: string, built = directory): PythonEnvironment {
  const inside = (...names: string[]) => join(directory, ...names);
  const triplets = readdirSync(join(built, "usr/lib")).filter((name) => name.endsWith("-linux-gnu"));
  const libraries = triplets.flatMap((triplet) => [
    inside("usr/lib", triplet),
    inside("usr/lib", triplet, "blas"),
    inside("usr/lib", triplet, "lapack"),
    inside("lib", triplet),
  ]);
  return {
    directory,
    command: inside("usr/bin/python3"),
    env: {
      LD_LIBRARY_PATH: [...libraries, inside("usr/lib")].join(":"),
      PATH: [inside("pip/bin"), inside("usr/bin"), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"].join(
        ":",
      ),
      PYTHONPATH: inside("pip"),
    },
  };
}

/**
 * Finds an environment in the user's cache; makes it where it is missing, which takes minutes.
 *
 * @returns what was found, or what it wants.
 */
export function findPython(requirements: PythonRequirements): PythonEnvironment | { readonly missing: string } {
  const { name, debian = [], pip = [], check, mend = "" } = requirements;
  const release = thisOsRelease()["VERSION_CODENAME"] ?? "";
  const recipe = JSON.stringify([requirements, BUILD, release, process.arch]);
  const hash = createHash("sha256").update(recipe).digest("hex").slice(0, 12);
  const directory = join(cacheDirectory(process.env), "python", `${name}-${hash}`);
  if (existsSync(directory)) return environmentAt(directory);
  const python = findTool("python3");
  for (const [tool, path] of Object.entries({ python3: python, "apt-get": findTool("apt-get") }))
    if (path === undefined) return { missing: `${tool} on PATH` };
  const building = `${directory}.tmp-${process.pid}`;
  mkdirSync(building, { recursive: true });
  try {
    const env = { ...process.env, DEBIAN: debian.join(" "), BASE: BASE.join("\n"), LC_ALL: "C.UTF-8" };
    const run = (argv: readonly string[], more: NodeJS.ProcessEnv = env) =>
      spawnSync(argv[0] ?? "", argv.slice(1), { cwd: building, env: more, encoding: "utf8", timeout: 500_000 });
    const built = run(["sh", "-euc", `${BUILD}\n${mend}`, "build", python ?? "", ...pip]);
    if (built.status !== 0) return { missing: `${name}, and apt or pip cannot install it: ${lastLine(built.stderr)}` };
    const made = environmentAt(building);
    const checked = run([made.command, "-c", check], { ...process.env, ...made.env });
    if (checked.status !== 0) return { missing: `${name} that works here: ${lastLine(checked.stderr)}` };
    if (!existsSync(directory)) renameSync(building, directory);
    return environmentAt(directory);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

function lastLine(text: string | null): string {
  return (text ?? "").trim().split("\n").at(-1) ?? "";
}

/** A `describe` that needs Python packages; without them it counts as skipped, and says what is missing. */
export function describeWithPython(
  requirements: PythonRequirements,
  title: string,
  tests: (python: PythonEnvironment) => void,
): void {
  const found = findPython(requirements);
  if ("directory" in found) describe(title, () => tests(found));
  else {
    const nowhere = { directory: "", command: "python3", env: { LD_LIBRARY_PATH: "", PATH: "", PYTHONPATH: "" } };
    describe.skip(`${title} [skipped: no ${found.missing}]`, () => tests(nowhere));
  }
}

/**
 * Copies an environment into the directory that the container hosts of the running lab share. It goes with the lab.
 *
 * @returns the environment as those hosts see it.
 */
export function pythonForHosts({ directory }: PythonEnvironment): PythonEnvironment {
  const name = join("python", directory.split("/").at(-1) ?? "");
  const copy = join(hostPaths("any").shared, name);
  if (!existsSync(copy)) cpSync(directory, copy, { recursive: true, verbatimSymlinks: true });
  return environmentAt(join(SHARED_DIRECTORY, name), directory);
}
