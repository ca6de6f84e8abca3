import { distributionSources, formatSource, parseDeb822, parseSourcesList } from "../../lab/apt-sources";
import { mmdebstrapArguments, rootImageName, usefulAptOptions, type RootRecipe } from "../../lab/rootfs";

const DEB822 = `Types: deb
# a snapshot
URIs: http://deb.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: https://other.example/apt
Suites: bookworm
Components: stable
Signed-By: /etc/apt/keyrings/other.asc

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main
`;

describe("apt sources", () => {
  test("reads the machine's own distribution from deb822, nobody else's", () => {
    expect(distributionSources(parseDeb822(DEB822), "bookworm").map(formatSource)).toEqual([
      "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.example/debian bookworm main",
      "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.example/debian bookworm-updates main",
    ]);
  });

  test("reads one-line sources, with and without options", () => {
    const text = [
      "# deb http://commented.example/debian bookworm main",
      "deb http://deb.example/debian bookworm main contrib non-free",
      "deb [arch=amd64 signed-by=/etc/apt/keyrings/vendor.gpg] https://vendor.example bookworm main",
      "deb-src http://deb.example/debian bookworm main",
      "deb http://deb.example/debian bookworm-backports main",
    ].join("\n");
    expect(distributionSources(parseSourcesList(text), "bookworm").map(formatSource)).toEqual([
      "deb http://deb.example/debian bookworm main",
    ]);
  });

  test("takes over proxies and date checks of the machine's apt, nothing else", () => {
    const dump = [
      'APT::Architecture "amd64";',
      'Acquire::http::Proxy "http://proxy.example:3128";',
      'Acquire::https::Proxy "";',
      'Acquire::Check-Date "false";',
      'Acquire::Languages "none";',
    ].join("\n");
    expect(usefulAptOptions(dump)).toEqual([
      'Acquire::http::Proxy "http://proxy.example:3128"',
      'Acquire::Check-Date "false"',
    ]);
  });
});

describe("root image", () => {
  const recipe: RootRecipe = {
    codename: "bookworm",
    architecture: "x64",
    sources: ["deb http://deb.example/debian bookworm main"],
    packages: ["systemd", "openssh-server"],
    customize: "true",
  };

  test("has a name of its own for every recipe", () => {
    expect(rootImageName(recipe)).toMatch(/^root-bookworm-[0-9a-f]{12}\.ext4$/);
    expect(rootImageName({ ...recipe, packages: ["systemd"] })).not.toBe(rootImageName(recipe));
  });

  test("is made from the recipe's sources", () => {
    const args = mmdebstrapArguments(recipe, "/target", ["Acquire::Retries 3"]);
    expect(args.slice(-3)).toEqual(["bookworm", "/target", "deb http://deb.example/debian bookworm main"]);
    expect(args).toContain("--include=systemd,openssh-server");
    expect(args).toContain("--aptopt=Acquire::Retries 3");
  });
});
