"use strict";
// Stands in for the native module that cdktf-cli spawns terraform with: pipes instead of a pseudo terminal, so the
// command line runs on Node 20, 22 and 24 without a prebuilt binary.
const { spawn } = require("node:child_process");

exports.spawn = (file, args, options = {}) => {
  const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio: ["pipe", "pipe", "pipe"] });
  const dataListeners = [];
  const exitListeners = [];
  const emit = (chunk) => dataListeners.forEach((listener) => listener(chunk.toString()));
  child.stdout.on("data", emit);
  child.stderr.on("data", emit);
  child.on("close", (exitCode, signal) =>
    exitListeners.forEach((listener) => listener({ exitCode: exitCode ?? 1, signal })),
  );
  return {
    pid: child.pid,
    onData: (listener) => dataListeners.push(listener),
    onExit: (listener) => exitListeners.push(listener),
    write: (text) => child.stdin.write(text),
    kill: (signal) => child.kill(signal),
    on() {},
    resize() {},
  };
};
