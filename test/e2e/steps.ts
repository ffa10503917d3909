/** Makes the tests of a suite steps of one story: after one that failed the others make no sense, and are skipped. */
export function inSteps(): void {
  let hasFailed = false;
  beforeEach(function () {
    if (hasFailed) this.skip();
  });
  afterEach(function () {
    hasFailed ||= this.currentTest?.state === 'failed';
  });
}
