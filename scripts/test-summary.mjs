// Reads vitest's JSON report: `PASSED FAILED` to standard output, each failed test with its message to standard error.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (const file of report.testResults) {
  const name = relative(process.cwd(), file.name);
  const failed = file.assertionResults.filter((test) => test.status === 'failed');
  for (const test of failed) {
    console.error(`FAILED: ${name}: ${test.fullName}\n${test.failureMessages.join('\n').slice(0, 1500)}`);
  }
  if (file.status === 'failed' && failed.length === 0)
    console.error(`FAILED: ${name}\n${file.message.slice(0, 1500)}`);
}
console.log(report.numPassedTests, report.numFailedTests || report.numFailedTestSuites);
