// C9: no rejection may go unhandled anywhere in the suite. While a file runs, jest fails the test (or hook) that was
// running when the rejection surfaced: see waitForUnhandledRejections in jest.config.ts. Work that a test has left
// behind gets a few turns of the event loop here, so that its rejection surfaces while jest still listens.
const turns = 5;

afterAll(async () => {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
});
