import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ServerCommand } from './split-command.js';

const packageName = '@modelcontextprotocol/server-everything';

/**
 * How to start the MCP reference server that is installed beside the program.
 *
 * @throws Error if it is not installed; it is a development dependency, so only a checkout has it.
 */
export function everythingServer(program: string): ServerCommand {
  try {
    const manifest = createRequire(realpathSync(program)).resolve(`${packageName}/package.json`);
    return { command: process.execPath, args: [join(dirname(manifest), 'dist/index.js'), 'stdio'] };
  } catch (error) {
    throw new Error(`The demo's MCP server ${packageName} is not installed: run npm ci first, or name another server with --mcp.`, {
      cause: error,
    });
  }
}
