import { EVENT_STREAM } from '../support/event-stream.js';
import { http2Breaks, serveHttp2 } from '../support/http2-server.js';
import { watchClientSockets } from './client-sockets.js';
import { bytesOf, type CutStream } from './cut-stream.js';
import { cutIn, type CutServer } from './http1.js';

/** How an answer over HTTP/2 is cut: its stream ends as if it were whole, or is reset, or its connection ends. */
export const http2Ways = ['a clean end', 'RST_STREAM with CANCEL', 'TCP FIN', 'TCP RST'] as const;

/** Over HTTP/2 without TLS. Whatever is not a clean end waits until the client has read what came before it. */
export async function serveCutsOverHttp2(stream: CutStream, way: (typeof http2Ways)[number]): Promise<CutServer> {
  const bytes = bytesOf(stream);
  const breaks = new Map<number, () => boolean>();
  const clients = watchClientSockets();
  let requests = 0;
  const server = await serveHttp2(({ body, stream: answer, socket }) => {
    requests += 1;
    const cut = cutIn(body);
    let isWritten = cut === 0;
    answer.respond({ ':status': 200, 'content-type': EVENT_STREAM });
    if (way === 'a clean end') {
      answer.end(bytes.subarray(0, cut));
      return;
    }
    if (cut > 0) answer.write(bytes.subarray(0, cut), () => (isWritten = true));
    breaks.set(cut, () => {
      if (!isWritten || socket === undefined || !clients.hasRead(socket)) return false;
      http2Breaks[way]?.({ stream: answer, socket });
      return true;
    });
  });
  return {
    url: server.url,
    breakOff: (cut) => breaks.get(cut)?.() ?? false,
    requests: () => requests,
    close: () => {
      clients.stop();
      return server.close();
    },
  };
}
