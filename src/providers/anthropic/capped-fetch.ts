import { lastValueFrom } from 'rxjs';
import { beginning } from '../../internal/beginning.js';
import { bodyOf, readStream } from '../../internal/read-stream.js';

/** As much of a refusal as is read; the service's own are far shorter. */
export const MAX_REFUSAL = 64 * 1024;

/**
 * The same `fetch`, with a limit on what is read of a refusal: the SDK reads the body whole, and one without end would
 * fill the memory. The body of a redirect, which nobody follows, is not read at all.
 */
export function withCappedRefusals(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const { status, statusText, headers } = response;
    if (status < 300) return response;
    const body = bodyOf(response);
    if (typeof body !== 'object' || body === null) return response;
    const read$ = readStream(body);
    if (status >= 400) return new Response(await lastValueFrom(read$.pipe(beginning(MAX_REFUSAL)), { defaultValue: '' }), { status, statusText, headers });
    read$.subscribe().unsubscribe();
    return new Response(null, { status, statusText, headers });
  };
}
