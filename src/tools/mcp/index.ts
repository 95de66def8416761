export { mcpTools, type McpToolsOptions } from './mcp-tools.js';
export { mcpStdio, type McpStdioOptions } from './stdio/mcp-stdio.js';
export type { McpClient, McpRequest, McpRequestOptions, McpTransport } from './client.js';
