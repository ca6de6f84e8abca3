import type { PolicyFile } from "../../constructs/tailnet/language/policy-file";
import { labDown } from "../../lab/down";
import { describeInLab, steppe } from "../helpers/lab";
import { compareAll, LiveTailnet } from "../helpers/reach-live";
import { startTailnet } from "../helpers/tailnet-lab";
import { allHosts, generatedFor, handmadeFor, ports, specOf } from "../tailnet/reach/live-policies";

jest.setTimeout(3_600_000);

/** Other policies: STEPPE_REACH_SEED=1000 STEPPE_REACH_COUNT=200 npx jest --selectProjects=lab-full --testPathPatterns reach */
const seed = Number(process.env["STEPPE_REACH_SEED"] ?? 0);
const count = Number(process.env["STEPPE_REACH_COUNT"] ?? 30);

describeInLab("packets among nine machines, and the evaluator", () => {
  let tailnet: LiveTailnet;

  beforeAll(async () => {
    await steppe(["lab", "down"]);
    await startTailnet(specOf(allHosts), allHosts);
    tailnet = await LiveTailnet.open();
    await tailnet.echo(ports.udp);
  });
  afterAll(async () => {
    await tailnet.close();
    await labDown({ progress: () => undefined });
  });

  test(`agree on policies made by hand and ${count} made by chance`, async () => {
    const policies: [string, PolicyFile][] = [
      ...Object.entries(handmadeFor(tailnet.machines)),
      ...generatedFor(tailnet.machines, count, seed).map(({ acls, grants, ...rest }, index): [string, PolicyFile] => [
        `generated ${seed + index} ${JSON.stringify({ acls, grants })}`,
        { acls, grants, ...rest },
      ]),
    ];
    const found = await compareAll(tailnet, policies, ports, 2);
    expect(found.disagreements).toEqual([]);
    expect(found.policies).toBeGreaterThan(40);
    expect(found.unknown).toBe(0);
    expect(found.open / found.probes).toBeGreaterThan(0.1);
    expect(found.open / found.probes).toBeLessThan(0.9);
  });
});
