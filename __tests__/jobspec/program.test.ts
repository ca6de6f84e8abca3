import { listenAddress, programTask, runtimeAllowances } from "../../constructs/jobspec/program";

const program = {
  image: "acme/server:1.2.3",
  installedCommand: "/usr/bin/server",
  args: ["--port", "80"],
  container: { ports: ["http"] },
};

describe("programTask", () => {
  test("runs the pattern's image, or that of the user", () => {
    expect(programTask(undefined, program)).toEqual({
      driver: "docker",
      config: { image: "acme/server:1.2.3", imagePullTimeout: "30m", args: ["--port", "80"], ports: ["http"] },
    });
    expect(programTask({ kind: "container", image: "mirror/server:2" }, program).config).toMatchObject({
      image: "mirror/server:2",
    });
  });

  test("runs what is installed with the same arguments", () => {
    const args = ["--port", "80"];
    expect(programTask({ kind: "installed" }, program)).toEqual({
      driver: "exec",
      config: { command: "/usr/bin/server", args },
    });
    const bare = { kind: "installed", command: "/opt/server", driver: "raw_exec", reason: "no namespaces" } as const;
    expect(programTask(bare, program)).toEqual({ driver: "raw_exec", config: { command: "/opt/server", args } });
    expect(runtimeAllowances(bare)).toEqual([{ rule: "raw-exec", reason: "no namespaces" }]);
    expect([undefined, { kind: "installed" } as const].flatMap(runtimeAllowances)).toEqual([]);
  });

  test("refuses a program that is found by luck", () => {
    expect(() => programTask({ kind: "installed", command: "server" }, program)).toThrow("an absolute path");
  });

  test("listens on the port's own address outside a container", () => {
    expect(listenAddress(undefined, "http")).toBe("0.0.0.0");
    expect(listenAddress({ kind: "installed" }, "http")).toBe("${NOMAD_IP_http}");
  });
});
