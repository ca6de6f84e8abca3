import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatElapsed } from "../../lab/elapsed";
import { missingPackages, osRelease, isDebianLike } from "../../lab/packages";
import { temporaryOwner } from "../../lab/stale";
import { moduleFolder, requiredVersion, toolFolder } from "../../lab/tool-build";
import { TOOL_MODULES, versionIn } from "../../lab/tools";

describe("requiredVersion", () => {
  const goMod = "module x\n\nrequire a.example/one v1.2.3\n\nrequire (\n\ta.example/two v0.4.0 // indirect\n)\n";

  test("reads a line of its own and a line in a block", () => {
    expect(requiredVersion(goMod, "a.example/one")).toBe("1.2.3");
    expect(requiredVersion(goMod, "a.example/two")).toBe("0.4.0");
  });

  test("finds nothing for another module", () => {
    expect(requiredVersion(goMod, "a.example/three")).toBeUndefined();
  });
});

describe("TOOL_MODULES", () => {
  test.each(Object.entries(TOOL_MODULES))("%s is pinned and checksummed in its own module", (_, tool) => {
    const folder = moduleFolder(tool);
    const version = requiredVersion(readFileSync(join(folder, "go.mod"), "utf8"), tool.module);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(readFileSync(join(folder, "go.sum"), "utf8")).toContain(`${tool.module} v${version} h1:`);
  });

  test("nomad-plugins is built from the versions that Nomad is built from", () => {
    expect(requirements("nomad-plugins")).toEqual(requirements("nomad"));
  });
});

/** What a tool's go.mod requires or replaces, without the marks that do not matter to a build. */
function requirements(folder: string): string[] {
  const goMod = readFileSync(join(__dirname, "../../lab/tools", folder, "go.mod"), "utf8");
  const lines = goMod.split("\n").map((line) => line.replace(" // indirect", "").trim());
  return lines.filter((line) => /^\S+ v\d|^replace /.test(line)).sort();
}

test("toolFolder changes with every pinned dependency", () => {
  const names = [
    toolFolder("nomad", "1.11.3", "mod", "sum"),
    toolFolder("nomad", "1.11.3", "mod", "sun"),
    toolFolder("nomad", "1.11.3", "mods", "um"),
  ];
  expect(new Set(names).size).toBe(3);
  expect(names[0]).toMatch(/^nomad-1\.11\.3-[0-9a-f]{12}$/);
});

test("toolFolder changes with our own source", () => {
  const folder = (path: string, text: string) => toolFolder("plugins", "1.11.3", "mod", "sum", [{ path, text }]);
  const names = [folder("a.go", "one"), folder("a.go", "two"), folder("b.go", "one")];
  expect(new Set([...names, toolFolder("plugins", "1.11.3", "mod", "sum")]).size).toBe(4);
});

test.each([
  ["Nomad v1.11.3\nBuildDate 2026", "1.11.3"],
  ["1.98.10-ERR-BuildInfo", "1.98.10"],
  ["OpenTofu v1.12.6\non linux_amd64", "1.12.6"],
  ["no version", undefined],
])("versionIn finds the version in %p", (text, version) => {
  expect(versionIn(text)).toBe(version);
});

describe("missingPackages", () => {
  test("names each package once", () => {
    expect(missingPackages((command) => !command.startsWith("ssh"))).toEqual(["openssh-client"]);
  });

  test("names none where all is there", () => {
    expect(missingPackages(() => true)).toEqual([]);
  });
});

test.each([
  ['ID=ubuntu\nID_LIKE="debian"\n', true],
  ["ID=debian\nVERSION_CODENAME=bookworm\n", true],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', false],
])("isDebianLike judges %p", (text, expected) => {
  expect(isDebianLike(osRelease(text))).toBe(expected);
});

test.each([
  ["root-bookworm-1.ext4.tmp-12", 12],
  ["root-bookworm-1.ext4.tmp-12.mount", 12],
  ["root-bookworm-1.ext4", undefined],
])("temporaryOwner of %p", (name, expected) => {
  expect(temporaryOwner(name)).toBe(expected);
});

test.each([
  [3900, "3.9 s"],
  [42_400, "42 s"],
  [125_000, "2 min 5 s"],
])("formatElapsed writes %p ms as %p", (milliseconds, text) => {
  expect(formatElapsed(milliseconds)).toBe(text);
});
