#!/usr/bin/env node
import { runProgram } from './command-line.js';
import { parseArguments } from './options.js';

runProgram({ parse: parseArguments, isDemo: false });
