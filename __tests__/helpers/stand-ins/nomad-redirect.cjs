"use strict";

/**
 * Loaded by a process of a test in front of its own code (`node --require`): requests to Nomad's port on any host go to the
 * stand-in on this machine. The certificate is still checked against the host's name.
 */
const https = require("node:https");

const { request } = https;
https.request = (url, options, answered) => {
  const { hostname, port } = new URL(url);
  if (port !== "4646") return request(url, options, answered);
  const there = { hostname: "127.0.0.1", port: process.env.STAND_IN_NOMAD_PORT, servername: hostname };
  return request(url, { ...options, ...there, headers: { ...options.headers, Host: `${hostname}:4646` } }, answered);
};
