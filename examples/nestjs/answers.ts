// A controller whose answers reach the browser while they are written, as server-sent events. Nest subscribes a run for
// each client and unsubscribes it when the client leaves, which stops the request to the model and the tools.
import { Controller, type DynamicModule, Inject, type MessageEvent, Module, Query, Sse } from '@nestjs/common';
import type { Agent, StreamEvent } from 'coldstream';
import { map, type Observable, type OperatorFunction } from 'rxjs';

const ASK = Symbol('ask');

/** The events as Nest's messages. Their types stay in the data: to a browser, a message `error` is a lost connection. */
function toMessageEvents(): OperatorFunction<StreamEvent, MessageEvent> {
  return map((event) => ({ id: `${event.runId}:${event.seq}`, data: event }));
}

@Controller('answers')
export class AnswersController {
  constructor(@Inject(ASK) private readonly ask: Agent) {}

  @Sse()
  answer(@Query('question') question: string): Observable<MessageEvent> {
    return this.ask(question).pipe(toMessageEvents());
  }
}

@Module({ controllers: [AnswersController] })
export class AnswersModule {
  static withAgent(ask: Agent): DynamicModule {
    return { module: AnswersModule, providers: [{ provide: ASK, useValue: ask }] };
  }
}
