import { driverSchemas, standIns, startDriverConfigs, type DriverConfigs } from "../helpers/driver-config";
import { describeWithTool } from "../helpers/tools";

describeWithTool("driver-config", "driver-config", (program) => {
  let drivers: DriverConfigs;
  beforeAll(() => {
    drivers = startDriverConfigs(program);
  });
  afterAll(async () => await drivers.stop());

  test("gives what the driver gets, defaults included", async () => {
    const config = { image: "redis:7", ports: ["db"], mount: [{ target: "/data" }] };
    expect(await drivers.decode({ driver: "docker", config })).toEqual({
      ok: true,
      decoded: {
        ...config,
        mount: [{ target: "/data", type: "volume" }],
        mounts: [],
        devices: [],
        cpu_cfs_period: 100_000,
      },
    });
  });

  test.each([
    ["a misspelt name", { imag: "redis:7" }, ['Did you mean "image"?', 'The argument "image" is required']],
    ["a wrong type", { image: "redis:7", privileged: "often" }, ["a bool is required"]],
    ["a map where the API wants a list of maps", { image: "redis:7", labels: { a: "b" } }, ["list of map of string"]],
    ["a fraction where the driver wants a whole number", { image: "redis:7", shm_size: 1.5 }, ["decode: "]],
    ["a variable that nothing sets", { image: "redis:${VERSION}" }, ['no variable named "VERSION"']],
  ])("refuses %s", async (_, config, texts) => {
    const answer = await drivers.decode({ driver: "docker", config });
    expect(answer.ok ? [] : answer.errors).toEqual(
      expect.arrayContaining(texts.map((text) => expect.stringContaining(text) as string)),
    );
  });

  test("fills in what the client knows", async () => {
    const config = { command: "serve", args: ["${NOMAD_PORT_http}", "${attr.cpu.arch}", "$${KEPT}"] };
    const answer = await drivers.decode({ driver: "exec", config, ...standIns(config) });
    expect(answer).toEqual({ ok: true, decoded: { command: "serve", args: ["20000", "stand-in", "${KEPT}"] } });
  });

  test("answers many questions in their order", async () => {
    const numbers = Array.from({ length: 200 }, (_, number) => `${number}`);
    const answers = await Promise.all(
      numbers.map(async (command) => await drivers.decode({ driver: "raw_exec", config: { command } })),
    );
    expect(answers.map((answer) => answer.ok && answer.decoded["command"])).toEqual(numbers);
  });

  test("names the drivers that it knows", async () => {
    expect(await drivers.decode({ driver: "dockr", config: {} })).toEqual({
      ok: false,
      errors: ['no schema of driver "dockr" here; known: docker, exec, java, qemu, raw_exec'],
    });
  });

  test("lists the options of every driver", () => {
    const schemas = driverSchemas(program);
    expect(Object.keys(schemas)).toEqual(["docker", "exec", "java", "qemu", "raw_exec"]);
    expect(schemas["exec"]).toContainEqual({ name: "command", kind: "attribute", type: "string", required: true });
    expect(schemas["docker"]?.find(({ name }) => name === "mount")).toMatchObject({
      kind: "block_list",
      options: expect.arrayContaining([
        { name: "type", kind: "attribute", type: "string", required: false, default: "volume" },
      ]),
    });
  });
});
