export { historyFault } from '../../src/testing/history-fault.js';
