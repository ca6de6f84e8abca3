/**
 * Stands between Terraform and what answers for AWS, and writes down each call: `node aws-call-proxy.cjs <url> <file>`. A process
 * of its own, since tests wait for Terraform without doing anything else. Says its port on standard output.
 *
 * A line is the call's IAM action where the request names it (`ec2:RunInstances`), else service, method and shape of the path
 * (`s3 GET /{}?versioning`).
 */
const { appendFileSync } = require("node:fs");
const http = require("node:http");

const [, , target, file] = process.argv;
const { hostname, port } = new URL(target);

function callOf({ method, url, headers }, body) {
  const service =
    /Credential=[^/]+\/\d+\/[^/]+\/([a-z0-9-]+)\/aws4_request/.exec(headers.authorization ?? "")?.[1] ?? "?";
  const action = headers["x-amz-target"]?.split(".").pop() ?? new URLSearchParams(body).get("Action");
  if (action) return `${service}:${action}`;
  const { pathname, searchParams } = new URL(url, target);
  const shape = pathname.replace(/[^/]+/g, "{}");
  const names = [...searchParams.keys()].filter((name) => !name.startsWith("x-") && searchParams.get(name) === "");
  return `${service} ${method} ${shape}${names.length > 0 ? `?${names.join("&")}` : ""}`;
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    appendFileSync(file, `${callOf(request, body.toString())}\n`);
    const onward = http.request(
      { hostname, port, path: request.url, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    onward.end(body);
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
