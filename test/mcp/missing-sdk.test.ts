import { firstValueFrom } from 'rxjs';
import { mcpStdio, mcpTools } from 'coldstream/mcp';

jest.mock('@modelcontextprotocol/sdk/client/index.js', () => {
  throw Object.assign(new Error("Cannot find module '@modelcontextprotocol/sdk/client/index.js'"), { code: 'MODULE_NOT_FOUND' });
});

describe('without @modelcontextprotocol/sdk', () => {
  it('says at the first subscription what to install, and starts nothing', async () => {
    const tools = mcpTools(mcpStdio('no-such-command'));
    await expect(firstValueFrom(tools)).rejects.toMatchObject({
      _tag: 'ConfigurationError',
      message: expect.stringContaining('npm install @modelcontextprotocol/sdk'),
    });
  });
});
