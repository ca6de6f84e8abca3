import { formatProblem } from "../../constructs/core/problems";
import { jobFitsFleet } from "../../constructs/jobspec/fleet-fit";
import { checkJob } from "../../constructs/jobspec/validate";
import type { Service } from "../../model/types";
import { smallFleet, spoil } from "../helpers/fleet";
import { job } from "./refused";

const services: Readonly<Record<string, Service>> = {
  vllm: { port: 8000, pools: ["gpu"], callers: ["edge", "operators"] },
  ray: { port: "18000-18999", pools: ["gpu"], callers: ["gpu"] },
  dns: { port: 53, protocol: "udp", pools: ["gpu"], callers: ["gpu"] },
};
const fleet = spoil(smallFleet(), "services", services);

const fits = (group: object, task: object = {}, pool = "gpu") =>
  jobFitsFleet(job({ region: pool === "edge" ? "south" : "north", nodePool: pool }, group, task), fleet).map(
    formatProblem,
  );
const asking = (data: string, more: object = {}) => ({ templates: [{ destination: "local/a", data, ...more }] });
const refusal = (service: string, line: string) =>
  `groups.web.tasks.web.templates.0.data: calls ${service}, which the fleet does not open for pool gpu, got "${service}"; write \`callers: ${line}\` at services.${service} of the fleet`;

describe("calls of a job", () => {
  test("must be open for its pool", () => {
    expect(fits({}, asking('{{ range nomadService "vllm" }}{{ .Address }}{{ end }}'))).toEqual([
      refusal("vllm", '["edge", "operators", "gpu"]'),
    ]);
  });

  test("are open where the fleet says so, in the pool itself too", () => {
    expect(fits({}, asking('{{ range nomadService "ray" }}{{ .Port }}{{ end }}'))).toEqual([]);
  });

  test.each([
    ["rendezvous hashing", '{{ range nomadService 1 (env "NOMAD_ALLOC_ID") "vllm" }}{{ end }}'],
    ["a tag", '{{ range nomadService "rank-0.vllm" }}{{ end }}'],
    ["Consul, healthy ones only", '{{ range service "vllm|passing" }}{{ end }}'],
    ["Consul's mesh", '{{ range connect "vllm" }}{{ end }}'],
    ["the second action", '{{ env "A" }}{{ with nomadService `vllm` }}{{ end }}'],
  ])("are found with %s", (_name, data) => {
    expect(fits({}, asking(data))).toEqual([refusal("vllm", '["edge", "operators", "gpu"]')]);
  });

  test("are found between delimiters of the template's own", () => {
    const data = '[[ range nomadService "vllm" ]][[ end ]]';
    expect(fits({}, asking(data, { leftDelimiter: "[[", rightDelimiter: "]]" }))).toHaveLength(1);
    expect(fits({}, asking(data))).toEqual([]);
  });

  test.each([
    ["outside of actions", 'service "vllm" restart'],
    ["as a list of all", "{{ range nomadServices }}{{ .Name }}{{ end }}"],
    ["in another datacenter", '{{ range service "vllm@dc9" }}{{ end }}'],
    ["by a name that Nomad completes", '{{ range nomadService "${NOMAD_META_service}" }}{{ end }}'],
    ["as a variable's field", '{{ with .service "vllm" }}{{ end }}'],
  ])("are not seen %s", (_name, data) => {
    expect(fits({}, asking(data))).toEqual([]);
  });

  test("of a Consul sidecar must be open as well", () => {
    const upstreams = [{ destinationName: "vllm", localBindPort: 8000 }];
    const sidecar = { connect: { sidecarService: { proxy: { upstreams } } } };
    const group = {
      network: { mode: "bridge", ports: {} },
      services: [{ name: "ray", provider: "consul", ...sidecar }],
    };
    expect(fits(group)).toEqual([
      'groups.web.services.0.connect.sidecarService.proxy.upstreams.0.destinationName: calls vllm, which the fleet does not open for pool gpu, got "vllm"; write `callers: ["edge", "operators", "gpu"]` at services.vllm of the fleet',
    ]);
  });

  test("of a service that nobody declares stop synthesis, with the line to add", () => {
    const caller = job({ nodePool: "gpu", region: "north" }, {}, asking('{{ range nomadService "redis" }}{{ end }}'));
    const { problems } = checkJob(caller, { fleet, find: () => jobFitsFleet(caller, fleet) });
    expect(problems.map(formatProblem)).toContain(
      'groups.web.tasks.web.templates.0.data: asks for the service redis, which nothing registers; add `"redis": { port: "dynamic", pools: ["<where it runs>"], callers: ["gpu"] }` to the fleet\'s services [unknown-service]',
    );
  });

  test("of a job for all nodes must be open for each pool that can run it", () => {
    const everywhere = job(
      { type: "system", nodePool: "all", region: "north" },
      {},
      asking('{{ range nomadService "vllm" }}{{ end }}'),
    );
    expect(jobFitsFleet(everywhere, fleet).map(formatProblem)).toEqual([
      refusal("vllm", '["edge", "operators", "gpu"]'),
    ]);
  });
});

describe("what a job exposes", () => {
  test("may take a port of a declared range", () => {
    const at = (port: number) => ({
      network: { ports: { p: { static: port } } },
      services: [{ name: "ray", port: "p" }],
    });
    expect(fits(at(18_000))).toEqual([]);
    expect(fits(at(18_999))).toEqual([]);
    expect(fits(at(19_000))).toEqual([
      "groups.web.services.0.port: must be the fleet's port 18000-18999 of ray, got 19000; set static to a port of 18000-18999",
    ]);
  });

  test("may be a port of a declared range without a service", () => {
    expect(fits({ network: { ports: { worker: { static: 18_500 } } } })).toEqual([]);
  });

  test("answers over the protocol of its checks", () => {
    const group = {
      network: { ports: { dns: { static: 53 } } },
      services: [{ name: "dns", port: "dns", checks: [{ type: "tcp", interval: "10s", timeout: "2s" }] }],
    };
    expect(fits(group)).toEqual([
      'groups.web.services.0.checks: ask dns over TCP, which the fleet declares for udp alone, got "tcp"; write `protocol: "tcp+udp"` at services.dns of the fleet',
    ]);
  });
});

describe("an ephemeral disk that moves", () => {
  test("needs a pool whose machines reach each other's agents", () => {
    const group = { ephemeralDisk: { sticky: true, migrate: true } };
    expect(fits(group)).toEqual([
      "groups.web.ephemeralDisk.migrate: needs the agents of pool gpu to reach each other, which the fleet does not open, got true; add `migratesDisks: true` to pools.gpu of the fleet",
    ]);
    const open = spoil(fleet, "pools.gpu.migratesDisks", true);
    expect(jobFitsFleet(job({ region: "north", nodePool: "gpu" }, group), open)).toEqual([]);
  });
});
