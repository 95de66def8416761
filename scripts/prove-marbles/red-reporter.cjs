// Prints for each test file, as soon as it is done, how many of its tests noticed the broken operator.
const { basename } = require('node:path');

module.exports = class RedReporter {
  onTestResult(_test, { testFilePath, testResults, testExecError }) {
    const red = testResults.filter(({ status }) => status === 'failed').map(({ title }) => title);
    const line = { file: basename(testFilePath), tests: testResults.length, red, error: testExecError?.message };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
};
