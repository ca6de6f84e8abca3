import type { PolicyFile } from "../../constructs/tailnet/language/policy-file";
import { labDown } from "../../lab/down";
import { describeInLab } from "../helpers/lab";
import { compareAll, LiveTailnet } from "../helpers/reach-live";
import { startTailnet } from "../helpers/tailnet-lab";
import { fewHosts, generatedFor, handmadeFor, ports, specOf } from "../tailnet/reach/live-policies";

jest.setTimeout(300_000);

/** The first of those made by hand; `npm run test:lab:full` takes all of them, with more machines. */
const HANDMADE = 6;
const GENERATED = 2;

describeInLab("packets among four machines, and the evaluator", () => {
  let tailnet: LiveTailnet;

  beforeAll(async () => {
    await labDown({ progress: () => undefined });
    await startTailnet(specOf(fewHosts), fewHosts);
    tailnet = await LiveTailnet.open();
    await tailnet.echo(ports.udp);
  });
  afterAll(async () => {
    await tailnet.close();
    await labDown({ progress: () => undefined });
  });

  test("agree", async () => {
    const policies: [string, PolicyFile][] = [
      ...Object.entries(handmadeFor(tailnet.machines)).slice(0, HANDMADE),
      ...generatedFor(tailnet.machines, GENERATED).map((policy): [string, PolicyFile] => ["generated", policy]),
    ];
    const found = await compareAll(tailnet, policies, ports, 1);
    expect(found.disagreements).toEqual([]);
    expect(found.policies).toBe(HANDMADE + GENERATED);
    expect(found.open / found.probes).toBeGreaterThan(0.05);
  });
});
