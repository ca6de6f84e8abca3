import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findTool } from "../helpers/tools";
import { programs } from "./stand-in-programs";

/** Of the machine: what the jobs' own scripts use. */
const tools = ["perl", "sh", "env", "sleep", "mkdir", "chown", "chmod"];
const modules = ["strict", "warnings", "IO::Socket::INET", "IO::Select"];

/** Builds what stands in for every image: a small root with the machine's shell and Perl, and {@link programs}. */
export function buildImage(root: string): void {
  for (const name of ["usr/bin", "usr/lib", "usr/lib64", "usr/sbin", "tmp", "data", "volume"])
    mkdirSync(join(root, name), { recursive: true });
  for (const name of ["bin", "lib", "lib64", "sbin"]) symlinkSync(`usr/${name}`, join(root, name));
  const binaries = tools.map((name) => findTool(name) ?? missing(name));
  const perlFiles = filesOfPerl();
  for (const file of ["/etc/passwd", "/etc/group"]) copy(root, file, file);
  for (const binary of binaries) copy(root, binary, join("/usr/bin", binary.split("/").at(-1) ?? ""));
  for (const file of [...perlFiles, ...libraries([...binaries, ...perlFiles.filter((path) => path.endsWith(".so"))])])
    copy(root, file, file);
  for (const [path, text] of Object.entries(programs)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), 0o755);
  }
}

function missing(name: string): never {
  throw new Error(`no ${name} on PATH`);
}

function copy(root: string, from: string, to: string): void {
  const target = join(root, to);
  mkdirSync(dirname(target), { recursive: true });
  if (!existsSync(target)) copyFileSync(realpathSync(from), target);
}

/** Modules that the programs load, and their shared objects. */
function filesOfPerl(): string[] {
  const script =
    'print map { "$_\\n" } values %INC; for my $d (@INC) { for (qw(Socket/Socket IO/IO File/Glob/Glob List/Util/Util)) { print "$d/auto/$_.so\\n" if -e "$d/auto/$_.so" } }';
  const text = execFileSync("perl", [...[...modules, "File::Glob"].map((name) => `-M${name}`), "-e", script], {
    encoding: "utf8",
  });
  return text.trim().split("\n");
}

/** Shared libraries of files, with the loader. */
function libraries(files: readonly string[]): string[] {
  const text = files.map((file) => execFileSync("ldd", [realpathSync(file)], { encoding: "utf8" })).join("");
  return [...new Set([...text.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path))];
}
