import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fleet as lab } from "../../fleets/lab";
import { allStackNames } from "../../model/names";
import { bundleOf, publicTrustOf } from "../helpers/synth";

jest.setTimeout(60_000);

const project = join(__dirname, "..", "..");
const places: string[] = [];
const bundles: string[] = [];
afterAll(() => {
  for (const path of [...places, ...bundles]) rmSync(path, { recursive: true, force: true });
});

/** A working directory with a public trust and an output directory of its own. */
class Place {
  public readonly directory = mkdtempSync(join(tmpdir(), "steppe-program-"));
  public readonly outdir = join(this.directory, "out");

  constructor() {
    places.push(this.directory);
    mkdirSync(join(this.directory, "fleets"));
    writeFileSync(join(this.directory, "fleets", "lab.trust.json"), JSON.stringify(publicTrustOf(lab)));
  }

  /** Writes a fleet file: fixtures change one thing of a small fleet. */
  public fleet(name: string, change: string): string {
    const path = join(this.directory, `${name}.ts`);
    const helper = JSON.stringify(join(project, "__tests__", "helpers", "fleet"));
    writeFileSync(
      path,
      `import { smallFleet, spoil } from ${helper};\nconst small = smallFleet();\nexport const fleet = ${change};\n`,
    );
    bundles.push(bundleOf(path));
    return path;
  }

  /** Runs what cdktf.json runs. */
  public synth(fleet: string | undefined): { code: number | null; out: string; err: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(project, "scripts", "synth.mjs")], {
      cwd: this.directory,
      encoding: "utf8",
      env: {
        PATH: process.env["PATH"],
        HOME: homedir(),
        CDKTF_OUTDIR: this.outdir,
        ...(fleet !== undefined && { STEPPE_FLEET: fleet }),
      },
    });
    return { code: status, out: stdout, err: stderr };
  }

  /** Every file below the output directory. */
  public files(): Record<string, string> {
    if (!existsSync(this.outdir)) return {};
    return Object.fromEntries(
      readdirSync(this.outdir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
        .map((path) => [path.slice(this.outdir.length + 1), readFileSync(path, "utf8")]),
    );
  }
}

describe.each(["lab", "example"])("the program of fleet %s", (fleet) => {
  const [first, second] = [new Place(), new Place()];
  const runs = [first, second].map((place) => place.synth(fleet));
  const files = first.files();

  test("ends well, and says nothing but warnings", () => {
    for (const { code, out, err } of runs) {
      expect({ code, out }).toEqual({ code: 0, out: "" });
      expect(err.split("\n").filter((line) => line !== "" && !line.startsWith("warning: "))).toEqual([]);
    }
  });

  test("writes the same bytes each time, wherever it writes them", () => {
    expect(Object.keys(files).filter((path) => path.endsWith("cdk.tf.json")).length).toBeGreaterThan(5);
    expect(second.files()).toEqual(files);
  });

  test("writes nothing that only this machine has", () => {
    const text = Object.values(files).join("\n");
    // Short names may well be those of machines and paths that the fleet describes.
    const own = [project, first.directory, ...[hostname(), homedir()].filter((name) => name.length > 8)];
    expect(own.filter((name) => text.includes(name))).toEqual([]);
  });
});

describe("a stack that left the program", () => {
  const left = (place: Place): string => {
    const gone = join(place.outdir, "stacks", "lab-site-gone");
    mkdirSync(join(gone, ".terraform"), { recursive: true });
    writeFileSync(join(gone, "cdk.tf.json"), "{}");
    return gone;
  };

  test("leaves the output, so that nobody applies it again", () => {
    const place = new Place();
    const gone = left(place);
    expect(place.synth("lab").code).toBe(0);
    expect(readdirSync(gone)).toEqual([]);
    expect(existsSync(join(place.outdir, "stacks", allStackNames(lab)[0] ?? "", "cdk.tf.json"))).toBe(true);
  });

  test("does not stop cdktf, which then takes its directory away", () => {
    const place = new Place();
    const gone = left(place);
    const cdktf = [join(project, "node_modules", ".bin", "cdktf"), "synth", "--output", place.outdir];
    const { status, stdout, stderr } = spawnSync(process.execPath, cdktf, {
      cwd: project,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: homedir(), CI: "1", CHECKPOINT_DISABLE: "1", STEPPE_FLEET: "lab" },
    });
    expect({ status, said: status === 0 ? "" : `${stdout}${stderr}` }).toEqual({ status: 0, said: "" });
    expect(existsSync(gone)).toBe(false);
    expect(readdirSync(join(place.outdir, "stacks")).sort()).toEqual([...allStackNames(lab)].sort());
  });
});

describe("bad input", () => {
  const fixture =
    (change: string) =>
    (place: Place): string =>
      place.fleet("spoilt", change);

  const cases: [what: string, fleet: (place: Place) => string | undefined, message: string][] = [
    ["no fleet at all", () => undefined, "error: no fleet chosen; set STEPPE_FLEET to one of: "],
    ["an unknown fleet", () => "nowhere", "error: there is no fleet nowhere; fleets/ has: "],
    [
      "a file that is not there",
      () => "/nowhere/fleet.ts",
      "error: there is no fleet /nowhere/fleet.ts; fleets/ has: ",
    ],
    ["a file without a fleet", fixture("undefined"), "exports no fleet; export const fleet = defineFleet({ ... })"],
    ["a file that does not compile", fixture("{"), '[ERROR] Expected identifier but found ";"'],
    [
      "two servers",
      fixture('spoil(small, "regions.north.servers.hosts", ["n-1", "n-2"])'),
      "error: fleet small is not valid\n" +
        "  - regions.north.servers.hosts: must be 1, 3 or 5 servers: an even number tolerates no more failures than one fewer, got 2; add a third server, or drop to one\n",
    ],
    [
      "overlapping ranges",
      fixture('spoil(small, "sites.south.networks", ["10.1.0.128/25", "10.2.0.0/24"])'),
      "error: fleet small is not valid\n  - sites.south.networks[0]: must not overlap sites.north.networks[0] (10.1.0.0/24)",
    ],
    [
      "a host listed twice",
      fixture('spoil(small, "pools.gpu.hosts", ["n-gpu", "n-1"])'),
      'error: fleet small is not valid\n  - pools.gpu.hosts[1]: lists a host that regions.north.servers.hosts[0] already lists, got "n-1"; a machine has one role in one pool or region\n',
    ],
  ];

  test.each(cases)("%s: a message, code 1, and nothing half-made", (_what, fleetOf, message) => {
    const place = new Place();
    const fleet = fleetOf(place);
    const fresh = place.synth(fleet);
    expect(fresh).toMatchObject({ code: 1, out: "" });
    expect(fresh.err).toContain(message);
    expect(fresh.err).not.toMatch(/^\s+at /m);
    expect(existsSync(place.outdir)).toBe(false);
  });

  test("leaves what an earlier run made as it is", () => {
    const place = new Place();
    expect(place.synth("lab").code).toBe(0);
    const before = place.files();
    expect(place.synth(place.fleet("lab", 'spoil(small, "regions.north.servers.hosts", [])')).code).toBe(1);
    expect(place.files()).toEqual(before);
    expect(place.synth("lab").code).toBe(0);
    expect(place.files()).toEqual(before);
  });
});
