// Preloaded into a measured process: at its end writes what it cost to the file that STEPPE_BENCH_USAGE names.
const { writeFileSync } = require("node:fs");

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpu: (userCPUTime + systemCPUTime) / 1e6, rss: maxRSS / 1024 };
  writeFileSync(process.env.STEPPE_BENCH_USAGE, JSON.stringify(usage));
});
