import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

const CHANNEL = 'net.client.socket';

/** The client ends of the connections of this process, whoever made them, so that a server can tell what has been read. */
export interface ClientSockets {
  /** Whether the client has read all that the server has written on this connection. */
  readonly hasRead: (server: Socket) => boolean;
  readonly stop: () => void;
}

export function watchClientSockets(): ClientSockets {
  const sockets = new Set<Socket>();
  const add = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('socket' in message) || !(message.socket instanceof Socket)) return;
    const { socket } = message;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  subscribe(CHANNEL, add);
  return {
    hasRead: (server) => {
      for (const client of sockets) if (client.localPort === server.remotePort) return client.bytesRead >= server.bytesWritten;
      return false;
    },
    stop: () => {
      unsubscribe(CHANNEL, add);
    },
  };
}
