import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PythonEnvironment, PythonRequirements } from "./python";

/** llama.cpp with its server, as a library of Python, and what writes its files. */
export const LLAMA: PythonRequirements = {
  name: "llama",
  // The library is built with OpenMP, which hosts of the lab do not have.
  debian: ["libgomp1"],
  pip: ["xllamacpp==2026.10.11549", "gguf==0.19.0"],
  check: "import xllamacpp, gguf",
};

/** llama-server with those of its arguments that a service gives it. */
const SERVER = `import argparse
import threading

import xllamacpp

parser = argparse.ArgumentParser()
for name in ("model", "alias", "host"):
    parser.add_argument("--" + name)
parser.add_argument("--port", type=int)
parser.add_argument("--parallel", type=int, default=1)
parser.add_argument("--ctx-size", type=int, default=512)
parser.add_argument("--metrics", action="store_true")
given = parser.parse_args()
params = xllamacpp.CommonParams()
params.model.path = given.model
params.model_alias = {given.alias}
params.hostnames = [given.host]
params.port = given.port
params.n_parallel = given.parallel
params.n_ctx = given.ctx_size
params.endpoint_metrics = given.metrics
params.cpuparams.n_threads = 1
server = xllamacpp.Server(params)
threading.Event().wait()
`;

/** A Llama of two layers whose weights are random and whose tokens are bytes. */
const MODEL = `import sys

import numpy
from gguf import GGUFWriter

WIDTH, LAYERS, HEADS, INNER = 64, 2, 4, 128
tokens = ["<unk>", "<s>", "</s>"] + ["<0x%02X>" % byte for byte in range(256)] + ["\\u2581"]
random = numpy.random.default_rng(1)


def weights(*shape):
    return (random.standard_normal(shape) * 0.05).astype(numpy.float32)


ones = numpy.ones(WIDTH, dtype=numpy.float32)
writer = GGUFWriter(sys.argv[1], "llama")
writer.add_context_length(512)
writer.add_embedding_length(WIDTH)
writer.add_block_count(LAYERS)
writer.add_feed_forward_length(INNER)
writer.add_head_count(HEADS)
writer.add_head_count_kv(HEADS)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_rope_dimension_count(WIDTH // HEADS)
writer.add_vocab_size(len(tokens))
writer.add_tokenizer_model("llama")
writer.add_token_list(tokens)
writer.add_token_scores([0.0] * len(tokens))
writer.add_token_types([2, 3, 3] + [6] * 256 + [1])
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_unk_token_id(0)
writer.add_chat_template("{% for message in messages %}{{ message['content'] }}{% endfor %}")
writer.add_tensor("token_embd.weight", weights(len(tokens), WIDTH))
for layer in range(LAYERS):
    at = "blk.%d." % layer
    writer.add_tensor(at + "attn_norm.weight", ones)
    writer.add_tensor(at + "ffn_norm.weight", ones)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(at + name + ".weight", weights(WIDTH, WIDTH))
    writer.add_tensor(at + "ffn_gate.weight", weights(INNER, WIDTH))
    writer.add_tensor(at + "ffn_up.weight", weights(INNER, WIDTH))
    writer.add_tensor(at + "ffn_down.weight", weights(WIDTH, INNER))
writer.add_tensor("output_norm.weight", ones)
writer.add_tensor("output.weight", weights(len(tokens), WIDTH))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
`;

/** Programs and model as jobs name them. */
export interface TinyEngine {
  /** llama-server. */
  readonly server: string;
  /** Weights, GGUF. */
  readonly model: string;
  /** Python with SGLang's router. */
  readonly router: string;
}

/**
 * Writes a small model with random weights, and the programs that serve it and route to it. The weights are made here, by `llama`.
 *
 * @param seen - the environments and the directory as those who run the programs see them.
 */
export function writeTinyEngine(
  directory: string,
  llama: PythonEnvironment,
  seen: { readonly llama: PythonEnvironment; readonly router: PythonEnvironment; readonly directory: string },
): TinyEngine {
  mkdirSync(directory, { recursive: true });
  const at = (name: string) => join(seen.directory, name);
  const program = (name: string, { command, env }: PythonEnvironment, args: string) => {
    const exports = Object.entries(env).map(([key, value]) => `export ${key}='${value}'\n`);
    writeFileSync(join(directory, name), `#!/bin/sh\n${exports.join("")}exec ${command} ${args}"$@"\n`);
    chmodSync(join(directory, name), 0o755);
  };
  writeFileSync(join(directory, "server.py"), SERVER);
  program("llama-server", seen.llama, `${at("server.py")} `);
  program("router-python", seen.router, "");
  const env = { ...process.env, ...llama.env };
  execFileSync(llama.command, ["-c", MODEL, join(directory, "tiny.gguf")], { env });
  return { server: at("llama-server"), model: at("tiny.gguf"), router: at("router-python") };
}
