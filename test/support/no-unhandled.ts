// C9: no rejection may go unhandled anywhere in the suite. Node would end the process; the throw names the test file instead.
process.on('unhandledRejection', (reason) => {
  throw reason instanceof Error ? reason : new Error(`unhandled rejection: ${String(reason)}`);
});
