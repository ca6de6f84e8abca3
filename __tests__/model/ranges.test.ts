import fc from "../helpers/properties";
import { rangeContains, rangesOverlap } from "../../model/ranges";

const cidr = fc.tuple(fc.nat(0xffffffff), fc.integer({ min: 8, max: 30 })).map(([bits, prefix]) => {
  const network = (bits & (0xffffffff << (32 - prefix))) >>> 0;
  return `${[24, 16, 8, 0].map((shift) => (network >>> shift) & 255).join(".")}/${prefix}`;
});

describe("ranges", () => {
  test("overlap is symmetric and every range overlaps itself", () => {
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        expect(rangesOverlap(a, b)).toBe(rangesOverlap(b, a));
        expect(rangesOverlap(a, a)).toBe(true);
      }),
    );
  });

  test("two ranges overlap exactly when one holds the other's first address", () => {
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        const first = (range: string) => range.split("/")[0] as string;
        expect(rangesOverlap(a, b)).toBe(rangeContains(a, first(b)) || rangeContains(b, first(a)));
      }),
    );
  });
});
