import { runProgram } from './command-line.js';
import { parseDemoArguments } from './options.js';

runProgram({ parse: parseDemoArguments, isDemo: true });
