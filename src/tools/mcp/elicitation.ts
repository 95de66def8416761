import { catchError, defer, EMPTY, firstValueFrom, from, ignoreElements, Subject, tap, type Observable } from 'rxjs';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { messageOf } from '../../errors/describe.js';
import { untilAborted } from '../../internal/abort.js';
import { newId } from '../../internal/ids.js';
import { replyTo } from '../../internal/reply-to.js';
import { isRecord } from './guards.js';
import type { Sdk } from './load-sdk.js';
import type { McpNotice } from './notices.js';
import type { Elicit, ElicitationAnswer, ElicitationRequest } from './questions.js';
import { checkSchema } from './schema.js';

/** What a client needs to ask people. */
export interface ElicitationSettings {
  readonly elicit: Elicit;
  readonly timeout: number | undefined;
  readonly server: string;
  readonly warn: (message: string) => void;
  readonly notice: (notice: McpNotice) => void;
}

/** What a client that can ask people tells the server. */
export const elicitationCapabilities = { elicitation: { form: { applyDefaults: true }, url: {} } } as const;

type Params = { readonly [member: string]: unknown };

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The request as the application sees it, or why it does not. */
function toRequest(params: Params, server: string): ElicitationRequest | { readonly refused: string } {
  const about = { id: newId('elicitation'), server, message: textOf(params['message']) };
  if (params['mode'] !== 'url') {
    const checked = checkSchema(params['requestedSchema']);
    return 'refused' in checked ? { refused: `its schema cannot be used, since ${checked.refused}` } : { mode: 'form', ...about, schema: checked.schema };
  }
  const url = textOf(params['url']);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return { refused: 'its address is neither http nor https' };
  return { mode: 'url', ...about, url, elicitationId: textOf(params['elicitationId']) };
}

type Given = { [member: string]: string | number | boolean | string[] };

function toResult({ action, content = {} }: ElicitationAnswer, mode: 'form' | 'url'): { action: ElicitationAnswer['action']; content?: Given } {
  if (action !== 'accept' || mode === 'url') return { action };
  const given: Given = {};
  for (const [member, value] of Object.entries(content)) given[member] = typeof value === 'object' ? [...value] : value;
  return { action, content: given };
}

/**
 * Answers the server's questions by what `elicit` makes of them. Emits nothing and completes when no answer can come any
 * more; from then on, and when the time is over, a question is cancelled. Where the server withdraws a question, its
 * answer is no longer waited for.
 */
export function eliciting(sdk: Sdk, client: Client, { elicit, timeout, server, warn, notice }: ElicitationSettings): Observable<never> {
  return defer(() => {
    const [requests, answers] = [new Subject<ElicitationRequest>(), new Subject<ElicitationAnswer>()];
    const cancelled = ({ id }: ElicitationRequest): ElicitationAnswer => ({ id, action: 'cancel' });
    client.setRequestHandler(sdk.ElicitRequestSchema, async ({ params }, { signal }) => {
      const request = toRequest(isRecord(params) ? params : {}, server);
      if ('refused' in request) {
        warn(`A question of the MCP server was declined: ${request.refused}.`);
        return { action: 'decline' };
      }
      const rules = { isFor: ({ id }: ElicitationAnswer) => id === request.id, otherwise: cancelled, timeout, asked: () => requests.next(request) };
      return toResult(await firstValueFrom(replyTo(request, answers, rules).pipe(untilAborted(signal)), { defaultValue: cancelled(request) }), request.mode);
    });
    client.setNotificationHandler(sdk.ElicitationCompleteNotificationSchema, ({ params: { elicitationId } }) => notice({ type: 'elicitation_complete', elicitationId }));
    return defer(() => from(elicit(requests.asObservable()))).pipe(
      catchError((error: unknown) => {
        warn(`The answers to the MCP server's questions failed, and no more are asked: ${messageOf(error)}`);
        return EMPTY;
      }),
      tap(answers),
      ignoreElements(),
    );
  });
}
