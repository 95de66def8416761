export { mcpTools, type McpToolsOptions } from './mcp-tools.js';
export { mcpStdio, type McpStdioOptions } from './stdio/mcp-stdio.js';
export { mcpHttp, type McpHttpOptions } from './http/mcp-http.js';
export type { McpClient, McpRequest, McpRequestOptions, McpTransport } from './client.js';
export type { McpClientOptions } from './client-options.js';
export type { McpNotice, OnNotice } from './notices.js';
export type { ReopeningDelay } from './reopening.js';
export type { Elicit, ElicitationAnswer, ElicitationForm, ElicitationRequest, ElicitationUrl } from './questions.js';
export type { ApproveChange, McpToolChange } from './pins.js';
