import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPaths, parsePing, pathText } from "../../ops/path-check";

const folder = mkdtempSync(join(tmpdir(), "steppe-path-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A tailscale that is up, and answers pings as the script says: the last argument is the address. */
function standIn(name: string, ping: string, status = '{"BackendState":"Running"}'): readonly string[] {
  const path = join(folder, name);
  const script = `#!/bin/sh\nfor last; do :; done\nif [ "$1" = status ]; then echo '${status}'; exit; fi\n${ping}\n`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return [path];
}

const options = { prefix: [], env: process.env };

describe("parsePing", () => {
  test.each([
    ["pong from east-1 (100.64.0.1) via 10.61.1.11:41641 in 3ms\n", "direct 10.61.1.11:41641 3ms"],
    ["pong from east-1 (100.64.0.1) via [fd00::1]:41641 in 812µs\n", "direct [fd00::1]:41641 1ms"],
    ["pong from b (100.64.0.2) via DERP(lab) in 12ms\ndirect connection not established\n", "relay lab 12ms"],
    ["pong from b (100.64.0.2) via peer-relay(10.0.0.9:7777:vni:1) in 1.2s\n", "peer relay 10.0.0.9:7777:vni:1 1200ms"],
    [
      "pong from b (100.64.0.2) via DERP(lab) in 14ms\npong from b (100.64.0.2) via 10.61.3.11:41641 in 2ms\n",
      "direct 10.61.3.11:41641 2ms",
    ],
    ['ping "100.64.0.9" timed out\nno reply\n', "no answer"],
    ["100.64.0.3 is local Tailscale IP\n", "self"],
  ])("reads %j", (output, text) => {
    expect(pathText(parsePing("machine", output))).toBe(text);
  });
});

describe("checkPaths", () => {
  test("asks for every machine, in order, a few at a time and not for long", async () => {
    const command = standIn(
      "answers",
      'case "$last" in 100.64.0.9) exec sleep 30;; esac\necho "pong from x ($last) via 10.0.0.1:41641 in 5ms"',
    );
    const targets = ["100.64.0.1", "100.64.0.9", "west-1"].map((address) => ({ machine: `m ${address}`, address }));
    const begun = performance.now();
    const answer = await checkPaths(targets, { ...options, command, timeoutMilliseconds: 1500, parallel: 2 });
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(answer).toEqual({
      paths: [
        { machine: "m 100.64.0.1", path: "direct", via: "10.0.0.1:41641", milliseconds: 5 },
        { machine: "m 100.64.0.9", path: "none" },
        { machine: "m west-1", path: "direct", via: "10.0.0.1:41641", milliseconds: 5 },
      ],
    });
  });

  test("says why it cannot ask", async () => {
    const of = async (command: readonly string[]) =>
      await checkPaths([{ machine: "a", address: "a" }], { ...options, command });
    expect(await of([join(folder, "none")])).toEqual({ notChecked: "there is no tailscale here" });
    expect(await of(standIn("down", "exit 1", '{"BackendState":"NeedsLogin"}'))).toEqual({
      notChecked: "tailscale is not up here: NeedsLogin",
    });
    expect(await of(["sh", "-c", "echo dial unix: no such file >&2; exit 1"])).toEqual({
      notChecked: "tailscaled does not answer here: dial unix: no such file",
    });
  });
});
