import { withRunnableTests } from "../../lab/policy";

const policy = JSON.stringify({
  acls: [],
  tests: [
    { src: "tag:operator", accept: ["tag:server:4646", "tag:client:22"], deny: ["tag:client:80"] },
    { src: "tag:client", proto: "tcp", deny: ["tag:server:4648"] },
    { src: "100.64.0.1", accept: ["tag:server:22"] },
  ],
});

describe("withRunnableTests", () => {
  test("leaves out what names a tag without a machine, and says so", () => {
    const { json, dropped } = withRunnableTests(policy, new Set(["tag:operator", "tag:server"]));
    expect(JSON.parse(json)).toEqual({
      acls: [],
      tests: [
        { src: "tag:operator", accept: ["tag:server:4646"] },
        { src: "100.64.0.1", accept: ["tag:server:22"] },
      ],
    });
    expect(dropped).toEqual([
      "tag:operator -> tag:client:22",
      "tag:operator -> tag:client:80",
      "tag:client -> tag:server:4648",
    ]);
  });

  test("keeps everything once all tags have a machine", () => {
    const { json, dropped } = withRunnableTests(policy, new Set(["tag:operator", "tag:server", "tag:client"]));
    expect(JSON.parse(json)).toEqual(JSON.parse(policy));
    expect(dropped).toEqual([]);
  });

  test("leaves a policy without tests as it is", () => {
    expect(withRunnableTests('{"acls":[]}', new Set())).toEqual({ json: '{"acls":[]}', dropped: [] });
  });
});
