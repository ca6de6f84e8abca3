import fc from "../helpers/properties";
import { formatDuration, parseDuration } from "../../constructs/jobspec/duration";
import { parseSize } from "../../constructs/jobspec/size";

describe("durations", () => {
  test.each([
    ["0", 0],
    ["0s", 0],
    ["30s", 30e9],
    ["1h30m", 5400e9],
    ["1.5h", 5400e9],
    ["250ms", 250e6],
    ["1m1.5s", 61.5e9],
    ["-5s", -5e9],
    ["8760h", 31_536_000_000_000_000],
  ])("reads %s", (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  test.each(["", "-", "5", "1d", "s", "1h30", "1 h", "1s x", ".5s", "${x}s", "300000000h"])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test("reads back every duration it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), (value) => {
        expect(parseDuration(formatDuration(value))).toBe(value);
      }),
    );
  });
});

describe("sizes", () => {
  test.each([
    ["16 GiB", 16 * 2 ** 30],
    ["81559 MiB", 81559 * 2 ** 20],
    ["1.5GB", 1.5e9],
  ])("reads %s", (text, expected) => {
    expect(parseSize(text)).toBe(expected);
  });

  test.each(["16", "GiB", "16 GHz"])("refuses %s", (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});
