/** As much of a refusal as is read; the service's own are far shorter. */
export const MAX_REFUSAL = 64 * 1024;

const ignore = (): void => undefined;

/** Passes the beginning of a body on and then ends, which cancels the rest of it. */
function beginning(): TransformStream<Uint8Array, Uint8Array> {
  let left = MAX_REFUSAL;
  return new TransformStream({
    transform: (chunk, controller) => {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.terminate();
    },
  });
}

/**
 * The same `fetch`, with a limit on what is read of a refusal: the SDK reads the body whole, and one without end would
 * fill the memory. The body of a redirect, which nobody follows, is not read at all.
 */
export function withCappedRefusals(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const { status, statusText, headers, body } = response;
    if (status < 300 || !(body instanceof ReadableStream)) return response;
    if (status >= 400) return new Response(body.pipeThrough(beginning()), { status, statusText, headers });
    body.cancel().then(ignore, ignore);
    return new Response(null, { status, statusText, headers });
  };
}
