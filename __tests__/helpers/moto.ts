/* eslint-disable jest/no-export, jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- a helper that defines suites for others */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheDirectory } from "../../ops/project";
import { eventually } from "./lab";
import { findTool } from "./tools";

/** Version that the tests know the peculiarities of. */
const MOTO = "5.2.5";

/**
 * Finds moto, which stands in for AWS; installs it into the user's cache where it is missing.
 *
 * @returns path of `moto_server`, or why there is none.
 * @see https://docs.getmoto.org
 */
function findMoto(): { readonly path: string } | { readonly missing: string } {
  const directory = join(cacheDirectory(process.env), "moto", MOTO);
  const path = join(directory, "bin", "moto_server");
  const complete = join(directory, "complete");
  if (existsSync(complete)) return { path };
  const python = findTool("python3");
  if (python === undefined) return { missing: "python3 on PATH" };
  rmSync(directory, { recursive: true, force: true });
  const run = (command: string, ...args: readonly string[]) =>
    spawnSync(command, args, { stdio: "ignore", timeout: 400_000 }).status === 0;
  if (!run(python, "-m", "venv", directory)) return { missing: "python3 with venv" };
  if (!run(join(directory, "bin", "pip"), "install", "--quiet", `moto[server]==${MOTO}`))
    return { missing: `moto ${MOTO}, and pip cannot install it` };
  writeFileSync(complete, "");
  return { path };
}

/** A `describe` that needs moto; else it counts as skipped, and says what is missing. */
export function describeWithMoto(title: string, tests: (path: string) => void): void {
  const found = findMoto();
  if ("path" in found) describe(title, () => tests(found.path));
  else describe.skip(`${title} [skipped: no ${found.missing}]`, () => tests("moto_server"));
}

/** A running moto. */
export interface Moto {
  /** Shape: `http://127.0.0.1:5000`. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts moto on a free port of this machine.
 *
 * @param images - machine images that it knows. Shape: `{ "ami-0123456789abcdef0": "x86_64" }`.
 */
export async function startMoto(path: string, images: Readonly<Record<string, "x86_64" | "arm64">>): Promise<Moto> {
  const directory = mkdtempSync(join(tmpdir(), "steppe-moto-"));
  const file = join(directory, "images.json");
  writeFileSync(file, JSON.stringify(Object.entries(images).map(([id, architecture]) => image(id, architecture))));
  const port = await freePort();
  const child: ChildProcess = spawn(path, ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
    env: { PATH: process.env["PATH"], MOTO_AMIS_PATH: file },
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = async () => (await fetch(`${url}/moto-api/`).catch(() => undefined))?.status === 200;
  await eventually(60, "moto answers", answers);
  return {
    url,
    stop: async () => {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill();
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Settings of the provider that send everything to moto. */
export function motoProvider({ url }: Pick<Moto, "url">): Readonly<Record<string, unknown>> {
  const services = ["autoscaling", "ec2", "elbv2", "iam", "logs", "route53", "s3", "secretsmanager", "sts"];
  return { endpoints: Object.fromEntries(services.map((service) => [service, url])), s3_use_path_style: true };
}

/** Value of a secret, asked of moto as a machine would ask AWS, without a signature that counts. */
export async function secretValue({ url }: Moto, region: string, name: string): Promise<string> {
  const scope = `20260101/${region}/secretsmanager/aws4_request`;
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": "secretsmanager.GetSecretValue",
      Authorization: `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify({ SecretId: name }),
  });
  return ((await response.json()) as { SecretString: string }).SecretString;
}

/**
 * Asks moto's EC2 something, without a signature that counts.
 *
 * @returns the answer's XML.
 */
export async function askEc2(
  { url }: Moto,
  region: string,
  action: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const scope = `20260101/${region}/ec2/aws4_request`;
  const response = await fetch(url, {
    method: "POST",
    headers: { Authorization: `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=none` },
    body: new URLSearchParams({ Action: action, Version: "2016-11-15", ...parameters }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${action} gave ${response.status}: ${text}`);
  return text;
}

function image(id: string, architecture: string): Readonly<Record<string, unknown>> {
  return {
    ami_id: id,
    name: `test-${architecture}`,
    description: "",
    owner_id: "123456789012",
    public: true,
    state: "available",
    architecture,
    platform: null,
    image_type: "machine",
    hypervisor: "xen",
    virtualization_type: "hvm",
    root_device_name: "/dev/sda1",
    root_device_type: "ebs",
    sriov: "simple",
    creation_date: "2026-01-01T00:00:00.000Z",
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
