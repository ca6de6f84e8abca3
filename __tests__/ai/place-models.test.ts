import { placeModels } from "../../constructs/ai/agents/place-models";
import { fleet } from "../../fleets/example";
import fc from "../helpers/properties";

const hardware = { cpuMHz: 60_000, memoryMiB: 122_880 };
const spark = { hosts: ["spark"], hardware: { ...hardware, gpu: { model: "gb10-128gb", count: 1 } } };
const rigs = { hosts: ["rig-1", "rig-2"], hardware: { ...hardware, gpu: { model: "rtx-4090-24gb", count: 2 } } };

const large = { model: "mistralai/Mistral-Small-24B-Instruct-2501", contextTokens: 16_384 } as const;
const small = { model: "mistralai/Mistral-7B-Instruct-v0.3", contextTokens: 8192 } as const;

describe("placeModels", () => {
  test("leaves the large machine to the large model, and spreads the small ones", () => {
    expect(placeModels({ spark, rigs }, { agent: { ...small, count: 4 }, orchestrator: large })).toEqual({
      orchestrator: { pool: "spark", gpus: 1 },
      agent: { pool: "rigs", gpus: 1 },
    });
  });

  test("uses several GPUs of a machine where one does not hold a model", () => {
    const big = { model: "meta-llama/Llama-3.1-70B-Instruct", contextTokens: 8192 };
    expect(placeModels(fleet.pools, { big })).toEqual({ big: { pool: "h100", gpus: 2 } });
    const { l40s } = fleet.pools;
    expect(placeModels({ l40s: l40s! }, { big })).toEqual({ big: { pool: "l40s", gpus: 4 } });
  });

  test("says which models fit no machine, all at once", () => {
    expect(() =>
      placeModels(
        { rigs },
        { a: { ...large, contextTokens: 32_768, concurrency: 64 }, b: small, c: { ...small, model: "acme/x" } },
      ),
    ).toThrow(/models\.a\.model: fits no machine of rigs.*\n.*models\.c\.model: must be a model of the catalogue/s);
  });

  test("says when they do not fit together", () => {
    expect(() => placeModels({ rigs }, { agent: { ...small, count: 5 } })).toThrow(
      'do not fit the GPUs of rigs together, got "5 × agent"',
    );
  });

  test("never gives out more GPUs than there are, and finds a way where each model has one", () => {
    const counts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });
    const usedBy = (
      models: Readonly<Record<string, { readonly count: number } & typeof small>>,
    ): number | undefined => {
      try {
        const places = placeModels({ spark, rigs }, models);
        return Object.entries(places).reduce((sum, [name, { gpus }]) => sum + gpus * (models[name]?.count ?? 0), 0);
      } catch {
        return undefined;
      }
    };
    fc.assert(
      fc.property(counts, (each) => {
        const used = usedBy(Object.fromEntries(each.map((count, index) => [`m${index}`, { ...small, count }])));
        const total = each.reduce((sum, count) => sum + count, 0);
        // Five GPUs, one of them alone: what a model of one instance can take, or nobody.
        const isPossible = total <= 4 || (total === 5 && each.includes(1));
        expect(used).toBe(isPossible ? total : undefined);
      }),
    );
  });
});
