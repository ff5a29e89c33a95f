// Against DNS rebinding: a web page whose own name is made to point at this machine could ask a server that is open to
// everybody here. Browsers tell such a name as the request's Host, so a server without a key that listens to this machine alone
// takes only names that mean it.
import { type AddressInfo, BlockList, isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { HttpError } from '../errors.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export interface HostSettings {
  readonly apiKeys: readonly string[];
  /** Names beside those of this machine, `*` for all; undefined: checked only where the server listens to this machine alone, without a key. */
  readonly allowedHosts: readonly string[] | undefined;
}

/** Refuses requests to other names with 403 `host_not_allowed`. */
export function checkHostNames(app: FastifyInstance, { apiKeys, allowedHosts }: HostSettings): void {
  const allowed = new Set(allowedHosts?.map(hostName));
  if (allowed.has('*') || (allowedHosts === undefined && apiKeys.length > 0)) return;
  app.addHook('onRequest', async ({ headers: { host } }) => {
    // Pages are known by names, not by addresses, and a browser always tells a host.
    if (host === undefined || isOfThisMachine(hostName(host)) || allowed.has(hostName(host))) return;
    if (allowedHosts === undefined && !listensToLoopback(app)) return;
    throw new HttpError(
      403,
      'host_not_allowed',
      `this server does not answer to the host ${JSON.stringify(host)}; start it with --allowed-hosts, or with an API key`,
    );
  });
}

/** Without its port, as names are compared. */
function hostName(host: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.trim()) ?? [];
  return (bracketed ?? plain ?? host).toLowerCase().replace(/\.$/, '');
}

function isOfThisMachine(name: string): boolean {
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost');
}

function listensToLoopback({ server }: FastifyInstance): boolean {
  const { address, family } = (server.address() ?? {}) as Partial<AddressInfo>;
  return address !== undefined && loopback.check(address, family === 'IPv6' ? 'ipv6' : 'ipv4');
}
