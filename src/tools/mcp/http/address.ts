import { BlockList, isIP } from 'node:net';
import { ConfigurationError } from '../../../errors/errors.js';

/** Which addresses a server may have. */
export interface AddressRules {
  readonly allowHttp: boolean;
  readonly allowPrivate: boolean;
}

function blockList(subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, net.includes(':') ? 'ipv6' : 'ipv4');
  return list;
}

const loopback = blockList([['127.0.0.0', 8], ['::1', 128]]);
/** Networks behind a firewall, and the addresses under which clouds tell a machine its own keys. */
const inside = blockList([
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
  ['::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  // An address of version 4 stands in these, and a gateway may lead to it: which one is not looked at.
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
]);

/** Whether the host is an address in the list; a name is not looked up. */
function isIn(list: BlockList, host: string): boolean {
  const version = isIP(host);
  return version !== 0 && list.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The address of a server, if it may be asked: https, or http to this machine; no address of a private network; no
 * password in it. A URL puts numbers in their usual form first, so that no other way of writing one gets past this.
 *
 * @throws ConfigurationError, which does not repeat what may be secret in an address
 */
export function serverAddress(given: string | URL, { allowHttp, allowPrivate }: AddressRules): URL {
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw new ConfigurationError('The address of the MCP server is not a URL: give one like https://example.com/mcp.');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ConfigurationError(`The address of the MCP server must begin with https://, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConfigurationError('The address of the MCP server holds a user name or a password: give them in headers instead.');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isHere = host === 'localhost' || host.endsWith('.localhost') || isIn(loopback, host);
  if (url.protocol === 'http:' && !isHere && !allowHttp) {
    throw new ConfigurationError(`The MCP server at ${url.origin} must be asked over https; allowHttp allows http in a network that you trust.`);
  }
  if (!isHere && !allowPrivate && isIn(inside, host)) {
    throw new ConfigurationError(`The MCP server at ${url.origin} is in a private network; allowPrivate allows that.`);
  }
  return url;
}
