import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessPassthrough } from "../../constructs/machine/shell/access-passthrough";
import { findTool } from "../helpers/tools";

/**
 * Networks of their own: this machine as Google makes one, with a /32 and strict checks of where packets come from; and the world
 * behind its gateway, with a caller, a health checker, and a load balancer that leads to this machine by its route alone. The
 * tailnet has accepted a route that covers the caller.
 */
const SETUP = `
set -e
mount -t tmpfs tmpfs /run
mkdir /run/netns
world() { ip netns exec world "$@"; }
ip netns add world
ip link add ens4 type veth peer name eth0 netns world
ip link set lo up
ip addr add 10.6.0.5/32 dev ens4
ip link set ens4 up
ip route add 10.6.0.1 dev ens4
ip route add default via 10.6.0.1
world ip addr add 10.6.0.1/32 dev eth0
world ip addr add 198.51.100.7/32 dev eth0
world ip addr add 35.191.0.9/32 dev eth0
world ip link set eth0 up
world ip route add 10.6.0.5 dev eth0
world ip route add 203.0.113.50 via 10.6.0.5
ip netns add tailnet
ip link add tailscale0 type veth peer name peer netns tailnet
ip netns exec tailnet ip link set peer up
ip addr add 100.64.0.9/32 dev tailscale0
ip link set tailscale0 up
echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter
echo 1 >/proc/sys/net/ipv4/conf/ens4/rp_filter
python3 "$home/serve.py" &
server=$!
call() { world python3 "$home/call.py" "$@"; }
until [ "$(call 35.191.0.9 10.6.0.5 4646 35.191.0.9 10.6.0.5 4649 | grep -c called)" = 2 ]; do sleep 0.1; done
ip route add 198.51.100.0/24 dev tailscale0 table 52
ip rule add priority 5270 lookup 52
all() {
  call 198.51.100.7 203.0.113.50 443 35.191.0.9 203.0.113.50 4649 198.51.100.7 203.0.113.50 80 198.51.100.7 10.6.0.5 443
}
`;
const CLEAN = "\nkill $server; wait\n";

/** Listens where the forwarder and the responder do, and says who called. */
const SERVE = `import socket, threading
def serve(port):
    listening = socket.create_server(("10.6.0.5", port))
    while True:
        connection, (caller, _) = listening.accept()
        connection.sendall(f"{port} called by {caller}".encode())
        connection.close()
for port in 4646, 4649:
    threading.Thread(target=serve, args=(port,)).start()
`;
/** Calls `<from> <to> <port>...`, all at once, and says what each got. */
const CALL = `import socket, sys
from concurrent.futures import ThreadPoolExecutor
def call(at):
    source, target, port = sys.argv[at : at + 3]
    try:
        called = socket.create_connection((target, int(port)), 1.5, (source, 0))
        return f"{source} {target} {port}: {called.recv(99).decode()}"
    except OSError:
        return f"{source} {target} {port}: nothing"
with ThreadPoolExecutor() as pool:
    print(*pool.map(call, range(1, len(sys.argv), 3)), sep="\\n")
`;

const able =
  spawnSync("unshare", [
    "--net",
    "--mount",
    "sh",
    "-c",
    'nft list ruleset && [ "$(id -u)" = 0 ] && command -v python3 ip',
  ]).status === 0 && findTool("nft") !== undefined;

(able ? describe : describe.skip)(
  `what a load balancer passes on${able ? "" : " [skipped: needs root, nft, ip and python3]"}`,
  () => {
    let home: string;
    beforeEach(() => {
      home = mkdtempSync(join(tmpdir(), "steppe-passthrough-"));
      writeFileSync(join(home, "access-passthrough"), accessPassthrough);
      writeFileSync(join(home, "serve.py"), SERVE);
      writeFileSync(join(home, "call.py"), CALL);
    });
    afterEach(() => rmSync(home, { recursive: true }));

    function run(commands: string) {
      const script = `home=${home}\npass() { sh ${home}/access-passthrough "$@"; }\n${SETUP}${commands}${CLEAN}`;
      const { stdout, stderr } = spawnSync("unshare", ["--net", "--mount", "sh", "-c", script], { encoding: "utf8" });
      return { lines: stdout.trim().split("\n"), stderr };
    }
    const TAKEN = [
      "198.51.100.7 203.0.113.50 443: 4646 called by 198.51.100.7",
      "35.191.0.9 203.0.113.50 4649: 4649 called by 35.191.0.9",
      "198.51.100.7 203.0.113.50 80: nothing",
      "198.51.100.7 10.6.0.5 443: nothing",
    ];
    const nothing = (line: string) => line.replace(/: .*/, ": nothing");

    test("is not taken without it", () => {
      expect(run("all")).toEqual({ lines: TAKEN.map(nothing), stderr: "" });
    }, 30_000);

    test("is taken at its port and for health, at no other and not at the machine's own address", () => {
      expect(run("pass up 10.6.0.5 443; pass up 10.6.0.5 443; all")).toEqual({ lines: TAKEN, stderr: "" });
    }, 30_000);

    test("is taken as well where Google's guest agent has made the load balancer's address local", () => {
      const local = "ip route add local 203.0.113.50 dev ens4 proto 66 table local";
      expect(run(`${local}; pass up 10.6.0.5 443; all`)).toEqual({ lines: TAKEN, stderr: "" });
    }, 30_000);

    test("is taken at Nomad's own port where callers use that", () => {
      const { lines, stderr } = run("pass up 10.6.0.5 4646; call 198.51.100.7 203.0.113.50 4646");
      expect({ lines, stderr }).toEqual({
        lines: ["198.51.100.7 203.0.113.50 4646: 4646 called by 198.51.100.7"],
        stderr: "",
      });
    }, 30_000);

    test("is answered past the tailnet, which would take the answers of callers that a route covers", () => {
      const { lines } = run("pass up 10.6.0.5 443; while ip rule del priority 5190 2>/dev/null; do :; done; all");
      expect(lines).toEqual([nothing(TAKEN[0] as string), ...TAKEN.slice(1)]);
    }, 30_000);

    test("is not taken any more after down, of which nothing remains", () => {
      const { lines, stderr } = run("pass up 10.6.0.5 443; pass down; pass down; all; nft list ruleset; ip rule");
      expect(stderr).toBe("");
      expect(lines.slice(0, TAKEN.length)).toEqual(TAKEN.map(nothing));
      expect(lines.slice(TAKEN.length).map((line) => line.split(":")[0])).toEqual(["0", "5270", "32766", "32767"]);
    }, 30_000);

    test("is refused for an address that is not the machine's", () => {
      expect(run("pass up 10.6.0.6 443 || echo refused")).toEqual({
        lines: ["refused"],
        stderr: "steppe access: no device has the address 10.6.0.6\n",
      });
    }, 30_000);
  },
);
