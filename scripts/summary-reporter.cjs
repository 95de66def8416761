/** Prints the tests' count as the very last line, in a form that machines can read: `12 passed, 0 failed`. */
module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    // The default reporter prints after this; at exit it is done, and writes to a pipe or a file are synchronous.
    process.once('exit', (code) => {
      // A file that did not load has no tests to count, so it counts as one failure; so does any other bad end.
      const failed = Math.max(results.numFailedTests + results.numRuntimeErrorTestSuites, code === 0 ? 0 : 1);
      const skipped = results.numPendingTests + results.numTodoTests;
      process.stdout.write(`${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
    });
  }
};
