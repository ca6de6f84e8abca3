"use strict";

/** Names every skipped test at the end of a run, with its reason in its title, so that no tool is missing silently. */
class SkipReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.testResults.flatMap((file) =>
      file.testResults
        .filter((test) => test.status === "pending" || test.status === "todo")
        .map((test) => `  ${file.testFilePath.replace(`${process.cwd()}/`, "")}: ${test.fullName}`),
    );
    if (skipped.length === 0) return;
    process.stderr.write(`\n${skipped.length} skipped:\n${skipped.join("\n")}\n`);
  }
}

module.exports = SkipReporter;
