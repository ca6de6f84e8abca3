import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AWS_METADATA, GCP_METADATA, metadataLock } from "../../constructs/machine/shell/metadata-lock";
import { findTool } from "../helpers/tools";

/**
 * Networks of their own: this machine holds both addresses of the metadata service, a task's network behind it is routed to
 * a cloud that holds them too. A root of cgroup v2 takes the place of what the machine has.
 */
const SETUP = `
set -e
mount -t tmpfs tmpfs /run
mkdir /run/netns /run/groups
mount -t cgroup2 cgroup2 /run/groups
mount --bind /run/groups /sys/fs/cgroup
trap 'rmdir "$slice" "$tasks" 2>/dev/null || true' EXIT
slice=/sys/fs/cgroup/steppe.slice
tasks=/sys/fs/cgroup/steppe-test-tasks.slice
mkdir -p "$slice" "$tasks"
ip link set lo up
ip addr add 169.254.169.254/32 dev lo
ip -6 addr add fd00:ec2::254/128 dev lo nodad
ip -6 addr add fd20:ce::254/128 dev lo nodad
within() { # cgroup, command...
  sh -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$@"
}
serve() { python3 -m http.server --bind "$1" 80 >/dev/null 2>&1 & servers="$servers $!"; }
reach() { # what, command to prepend...
  name=$1
  shift
  if "$@" curl --silent --output /dev/null --max-time 1 --noproxy '*' $from "$url"; then echo "$name: yes"; else echo "$name: no"; fi
}
servers=
from=
cd /run/groups
serve 169.254.169.254
serve fd00:ec2::254
serve fd20:ce::254
sleep 1
as_nobody="setpriv --reuid 65534 --clear-groups"
ask_all() {
  for from in 127.0.0.1 ::1; do
    case "$from" in *.*) url=http://169.254.169.254/ ;; *) url="http://[\${ipv6:-fd00:ec2::254}]/" ;; esac
    # From another address, or the answers would go to the one that is locked.
    from="--interface $from"
    reach "root in the slice" within "$slice"
    reach "nobody in the slice" within "$slice" $as_nobody
    reach "root elsewhere" within "$tasks"
    reach "nobody elsewhere" within "$tasks" $as_nobody
  done
}
`;
/** Answers on the DNS port of the metadata server, by UDP; asked with another argument, says what comes back. */
const DNS = `import socket, sys
server = ("169.254.169.254", 53)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if sys.argv[1] == "serve":
    udp.bind(server)
    while True:
        data, who = udp.recvfrom(512)
        udp.sendto(data, who)
udp.settimeout(1)
if len(sys.argv) > 2:
    udp.bind((sys.argv[2], 0))
try:
    udp.sendto(b"q", server)
    print("dns:", "yes" if udp.recv(512) == b"q" else "no")
except OSError:
    print("dns: no")
`;
const CLEAN = "\nkill $servers; wait\n";

const able =
  spawnSync("unshare", [
    "--net",
    "--mount",
    "sh",
    "-c",
    'nft list ruleset && [ "$(id -u)" = 0 ] && command -v python3 curl',
  ]).status === 0 && findTool("nft") !== undefined;

(able ? describe : describe.skip)(`metadata lock${able ? "" : " [skipped: needs root, nft, python3 and curl]"}`, () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "steppe-metadata-"));
    writeFileSync(join(home, "metadata-lock"), metadataLock(AWS_METADATA));
    writeFileSync(join(home, "google"), metadataLock(GCP_METADATA));
    writeFileSync(join(home, "dns.py"), DNS);
  });
  afterEach(() => rmSync(home, { recursive: true }));

  function run(commands: string) {
    const script = `lock() { sh ${home}/metadata-lock "$1"; }\n${SETUP}${commands}${CLEAN}`;
    const { status, stdout, stderr } = spawnSync("unshare", ["--net", "--mount", "sh", "-c", script], {
      encoding: "utf8",
    });
    return { status, lines: stdout.trim().split("\n"), stderr };
  }
  const answers = (...one: string[]) => {
    const names = ["root in the slice", "nobody in the slice", "root elsewhere", "nobody elsewhere"];
    const lines = names.map((name, index) => `${name}: ${one[index]}`);
    return [...lines, ...lines];
  };

  test("is needed: without it everybody reaches the service", () => {
    expect(run("ask_all").lines).toEqual(answers("yes", "yes", "yes", "yes"));
  }, 30_000);

  test("lets root in the slice through, and nobody else", () => {
    const { lines, stderr } = run("lock up; lock up; ask_all");
    expect({ lines, stderr }).toEqual({ lines: answers("yes", "no", "no", "no"), stderr: "" });
  }, 30_000);

  test("of Google Cloud shuts tasks out too, but for the time and the names that come from the same address", () => {
    const { lines, stderr } = run(`
      python3 ${home}/dns.py serve >/dev/null 2>&1 & servers="$servers $!"
      ipv6=fd20:ce::254
      sh ${home}/google up; sh ${home}/google up; ask_all
      within "$tasks" python3 ${home}/dns.py ask 127.0.0.1; sh ${home}/metadata-lock up; within "$tasks" python3 ${home}/dns.py ask 127.0.0.1`);
    expect({ lines, stderr }).toEqual({
      lines: [...answers("yes", "no", "no", "no"), "dns: yes", "dns: no"],
      stderr: "",
    });
  }, 30_000);

  test("leaves other addresses alone", () => {
    const { lines } = run(
      "ip addr add 169.254.169.253/32 dev lo; serve 169.254.169.253; sleep 1; lock up; url=http://169.254.169.253/; reach nobody $as_nobody",
    );
    expect(lines).toEqual(["nobody: yes"]);
  }, 30_000);

  test("goes by the user alone without cgroup v2, and says so", () => {
    const { lines, stderr } = run(
      "umount /sys/fs/cgroup; slice=/run/groups/steppe.slice; tasks=/run/groups/steppe-test-tasks.slice; lock up; ask_all",
    );
    expect(lines).toEqual(answers("yes", "no", "yes", "no"));
    expect(stderr).toContain("tasks that run as root in the machine's own network reach its metadata service");
  }, 30_000);

  test("drops what is forwarded, and is taken back", () => {
    const { lines } = run(`
      ip addr del 169.254.169.254/32 dev lo
      echo 1 >/proc/sys/net/ipv4/ip_forward
      for other in task cloud; do ip netns add $other; ip link add $other type veth peer name eth0 netns $other; ip link set $other up; ip -n $other link set eth0 up; ip -n $other link set lo up; done
      ip addr add 10.9.1.1/24 dev task; ip -n task addr add 10.9.1.2/24 dev eth0; ip -n task route add default via 10.9.1.1
      ip addr add 10.9.2.1/24 dev cloud; ip -n cloud addr add 10.9.2.2/24 dev eth0; ip -n cloud route add default via 10.9.2.1
      ip -n cloud addr add 169.254.169.254/32 dev lo; ip route add 169.254.169.254/32 via 10.9.2.2
      ip netns exec cloud python3 -m http.server --bind 0.0.0.0 80 >/dev/null 2>&1 & servers="$servers $!"
      sleep 1
      url=http://169.254.169.254/
      ip netns exec cloud python3 ${home}/dns.py serve >/dev/null 2>&1 & servers="$servers $!"
      reach before ip netns exec task; lock up; reach locked ip netns exec task; url=http://10.9.2.2/; reach other ip netns exec task
      url=http://169.254.169.254/; sh ${home}/google up; reach "locked on Google Cloud" ip netns exec task; ip netns exec task python3 ${home}/dns.py ask
      url=http://169.254.169.254/; lock down; lock down; reach after ip netns exec task`);
    expect(lines).toEqual([
      "before: yes",
      "locked: no",
      "other: yes",
      "locked on Google Cloud: no",
      "dns: yes",
      "after: yes",
    ]);
  }, 30_000);
});

test("a machine without nft gets no lock, and so no Nomad", () => {
  const { status, stderr } = spawnSync("/bin/sh", ["-c", metadataLock(AWS_METADATA), "metadata-lock", "up"], {
    encoding: "utf8",
    env: { PATH: "/nonexistent" },
  });
  expect(status).toBe(1);
  expect(stderr).toContain("steppe: nft is not on this machine, so tasks cannot be kept from its metadata service");
});
