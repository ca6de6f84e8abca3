"use strict";

/**
 * Runs inside a machine's network namespace and does what `probe.ts` asks, one JSON document per line: probes thousands of
 * ports at once, and answers on ports where nothing else does. Ends with its standard input.
 */
const { spawn } = require("node:child_process");
const dgram = require("node:dgram");
const net = require("node:net");

/** TCP connections under way at once. */
const BATCH = 1000;
/** Payload of a UDP probe: which attempt, and which of its targets. */
const PAYLOAD_BYTES = 8;

const open = [];
let attempts = 0;
/** Source ports of UDP probes follow this one; nobody listens there. */
let udpPort = 10_000;

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
/** Lets everything that the kernel already has be read first: a busy machine must not make silence of an answer. */
const settle = async () => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
};

async function tcp(targets, milliseconds) {
  const seen = [];
  for (let from = 0; from < targets.length; from += BATCH)
    seen.push(...(await tcpBatch(targets.slice(from, from + BATCH), milliseconds)));
  return seen;
}

async function tcpBatch(targets, milliseconds) {
  const seen = targets.map(() => "silent");
  let left = targets.length;
  let finish = () => undefined;
  const finished = new Promise((done) => (finish = done));
  const sockets = targets.map(({ address, port }, index) => {
    const socket = net.connect({ host: address, port });
    const end = (what) => {
      if (seen[index] !== "silent") return;
      seen[index] = what;
      if ((left -= 1) === 0) finish();
      socket.destroy();
    };
    socket.on("connect", () => end("answered"));
    socket.on("error", ({ code }) => {
      if (code === "ECONNREFUSED" || code === "ECONNRESET") end("refused");
      else if (code === "EHOSTUNREACH" || code === "ENETUNREACH") end("no route");
      else if (code !== "ETIMEDOUT") end(`error ${code}`);
    });
    return socket;
  });
  await Promise.race([finished, sleep(milliseconds)]);
  await settle();
  for (const socket of sockets) socket.destroy();
  return seen;
}

/**
 * A socket whose port no earlier probe had: a filter lets answers to a conversation through for long, also after the policy
 * has changed, and takes a packet with the same two ports for one.
 */
async function freshSocket(family) {
  for (;;) {
    const socket = dgram.createSocket(family);
    const isBound = await new Promise((done) => {
      socket.once("error", () => done(false));
      socket.bind((udpPort += 1), () => done(true));
    });
    if (isBound) return socket.removeAllListeners("error").on("error", () => undefined);
  }
}

async function udp(targets, milliseconds) {
  if (targets.length === 0) return [];
  const seen = targets.map(() => "silent");
  const attempt = (attempts += 1);
  const sockets = { udp4: await freshSocket("udp4"), udp6: await freshSocket("udp6") };
  let left = targets.length;
  let finish = () => undefined;
  const finished = new Promise((done) => (finish = done));
  const heard = (message) => {
    if (message.length !== PAYLOAD_BYTES || message.readUInt32BE(0) !== attempt) return;
    const index = message.readUInt32BE(4);
    if (seen[index] !== "silent") return;
    seen[index] = "answered";
    if ((left -= 1) === 0) finish();
  };
  for (const socket of Object.values(sockets)) socket.on("message", heard);
  for (const [index, { address, port }] of targets.entries()) {
    const socket = sockets[net.isIPv6(address) ? "udp6" : "udp4"];
    const payload = Buffer.alloc(PAYLOAD_BYTES);
    payload.writeUInt32BE(attempt, 0);
    payload.writeUInt32BE(index, 4);
    // An address without a route fails to be sent to: nothing will answer.
    socket.send(payload, port, address, () => undefined);
  }
  await Promise.race([finished, sleep(milliseconds)]);
  await settle();
  for (const socket of Object.values(sockets)) socket.close();
  return seen;
}

/** `ping` of the machines' own root: this machine may have none. */
async function icmp(targets, milliseconds, root) {
  if (targets.length === 0) return [];
  // That root has no /dev/null.
  const script = `for a in "$@"; do (ping -n -q -c1 -W${milliseconds / 1000} "$a" 2>&1 | grep -q ' 1 received' && echo "$a") & done; wait`;
  const child = spawn("chroot", [root, "sh", "-c", script, "ping", ...targets.map(({ address }) => address)]);
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => (out += chunk));
  child.stderr.on("data", (chunk) => (err += chunk));
  await new Promise((done, failed) => child.on("error", failed).on("close", done));
  if (err !== "") throw new Error(`ping: ${err}`);
  const replied = new Set(out.split("\n"));
  return targets.map(({ address }) => (replied.has(address) ? "answered" : "silent"));
}

async function probe({ targets, milliseconds, root }) {
  const of = (protocol) =>
    targets.map((target, index) => ({ ...target, index })).filter((target) => target.protocol === protocol);
  const all = { tcp: of("tcp"), udp: of("udp"), icmp: of("icmp") };
  const results = await Promise.all([
    tcp(all.tcp, milliseconds),
    udp(all.udp, milliseconds),
    icmp(all.icmp, milliseconds, root),
  ]);
  const seen = [];
  [all.tcp, all.udp, all.icmp].forEach((list, kind) =>
    list.forEach(({ index }, position) => (seen[index] = results[kind][position])),
  );
  return { seen };
}

async function listenAt({ protocol, address, port }) {
  return await new Promise((done) => {
    if (protocol === "tcp") {
      const server = net.createServer((socket) => socket.on("error", () => undefined).pipe(socket));
      server.once("error", () => done(false));
      server.listen({ host: address, port, ipv6Only: net.isIPv6(address) }, () => done(open.push(server) > 0));
    } else {
      const socket = dgram.createSocket({ type: net.isIPv6(address) ? "udp6" : "udp4" });
      socket.once("error", () => done(false));
      socket.on("message", (message, { address: to, port: at }) => socket.send(message, at, to, () => undefined));
      socket.bind(port, address, () => done(open.push(socket) > 0));
    }
  });
}

const talks = new Map();

/** Sends through one and the same socket each time, which the first time opens. */
async function talkTo({ protocol, address, port }, milliseconds) {
  const key = `${protocol} ${address} ${port}`;
  if (!talks.has(key))
    talks.set(key, protocol === "tcp" ? net.connect({ host: address, port }) : await freshSocket("udp4"));
  const socket = talks.get(key);
  return await new Promise((done) => {
    const timer = setTimeout(() => done("silent"), milliseconds);
    const heard = () => (clearTimeout(timer), done("answered"));
    if (protocol === "tcp") socket.once("data", heard).write("hello");
    else socket.once("message", heard).send("hello", port, address);
  });
}

const work = {
  probe,
  talk: async ({ targets, milliseconds }) => ({
    seen: await Promise.all(targets.map((target) => talkTo(target, milliseconds))),
  }),
  /** Which of the endpoints are ours now; something else has the others. */
  listen: async ({ endpoints }) => ({ ours: await Promise.all(endpoints.map(listenAt)) }),
  unlisten: async () => {
    await Promise.all(open.splice(0).map((one) => new Promise((done) => one.close(done))));
    return {};
  },
};

let rest = "";
process.stdin.setEncoding("utf8").on("data", (text) => {
  const lines = (rest + text).split("\n");
  rest = lines.pop();
  for (const { id, op, ...request } of lines.map((line) => JSON.parse(line)))
    work[op](request).then(
      (answer) => process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`),
      (error) => process.stdout.write(`${JSON.stringify({ id, error: String(error) })}\n`),
    );
});
process.stdin.on("end", () => process.exit(0));
