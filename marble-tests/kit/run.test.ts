import { agent, OverloadedError, retrying } from 'coldstream';
import { ofType } from 'coldstream/operators';
import { burst, event, marbles, scriptedProvider, scriptedTool, tokens, type Marbles } from 'coldstream/testing';
import { NEVER, of, throwError } from 'rxjs';
import { letterOf, meaningOf } from '../../src/testing/lanes.js';
import { parseLane } from '../../src/testing/run-notation.js';

/** What a marble test says when it fails; the empty string when it passes. */
function complaintOf(test: (m: Marbles) => void): string {
  try {
    marbles(test)();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const weather = { id: 'call_1', name: 'weather', input: { city: 'Lima' } };
const forecast = { id: 'call_2', name: 'forecast' };

function twoTools(m: Marbles) {
  const turns = [m.turn('999ms (wf|)', { w: weather, f: forecast }), m.turn('-a-b-|', { a: 'It is ', b: 'sunny.' })];
  const tools = [scriptedTool('weather', { degrees: 21 }, { latency: 30_000 }), scriptedTool('forecast', new Error('closed'), { latency: 90_000 })];
  return agent({ provider: scriptedProvider(turns), tools })('How is the weather?');
}

describe('a turn that is drawn', () => {
  it('has its pieces in their frames, and at its end what they make', marbles((m) => {
    const source = m.turn('-h-a-bw|', { h: { thinking: 'hm' }, a: 'It ', b: 'is', w: weather });
    const message = event.message(
      {
        role: 'assistant',
        content: [{ type: 'thinking', thinking: 'hm' }, { type: 'text', text: 'It is' }, { type: 'tool_use', ...weather }],
      },
      { stopReason: 'tool_use', usage: tokens(10, 5) },
    );
    m.expectObservable(source).toBe('-h-a-bw(e|)', {
      h: event.thinking('hm'),
      a: event.text('It ', { block: 1 }),
      b: event.text('is', { block: 1 }),
      w: burst(event.toolInputStart('call_1', 'weather', { block: 2 }), event.toolInputDelta('call_1', '{"city":"Lima"}', { block: 2 }), event.toolUse('call_1', 'weather', { city: 'Lima' })),
      e: burst(event.usage(tokens(10, 5)), message),
    });
    m.expectSubscriptions(source.subscriptions).toBe('^------!');
  }));

  it('takes letters for text, events as they are, another end, and an error', marbles((m) => {
    m.expectObservable(m.turn('a(b|)', undefined, { usage: null, stopReason: 'max_tokens' })).toBe('a(be|)', {
      a: event.text('a'),
      b: event.text('b'),
      e: event.message('ab', { stopReason: 'max_tokens', usage: null }),
    });
    m.expectObservable(m.turn('r#', { r: event.raw({ type: 'new' }) }, { error: new OverloadedError('busy') })).toBe('r#', { r: event.raw({ type: 'new' }) }, new OverloadedError('busy'));
    m.expectObservable(m.turn('#')).toBe('#', undefined, new Error('The turn broke.'));
    m.expectObservable(m.turn('-')).toBe('-');
  }));
});

describe('the notation for runs', () => {
  it('has turns and tools on lines of their own', marbles((m) => {
    m.expectRun(twoTools(m)).toBe({
      run: '     (si)                           @90.999s (Mei) @91.004s (ec|)',
      model: '        @999ms (ododum)           @91s t-t-(um)',
      weather: '      @999ms b @30.999s (rz)',
      forecast: '     @999ms b         @90.999s (Rz)',
    });
  }));

  it('has the whole run on one line, in its order', marbles((m) => {
    m.expectRun(twoTools(m)).toBe('(si) @999ms (odbodbum) @30.999s (rz) @90.999s (RzMei) t-t- (umec|)');
  }));

  it('knows waits and dashes, and values that are more than a kind', marbles((m) => {
    const provider = retrying({ backoff: 5_000, jitter: 0 })(scriptedProvider([new OverloadedError('Overloaded'), m.turn('-a|', { a: 'Hi' })]));
    const run$ = agent({ provider })('Hi');
    m.expectRun(run$).toBe('(siy) 5s a (umec|)', { a: event.text('Hi') });
    m.expectRun(agent({ provider: scriptedProvider([NEVER]) })('Hi'), '--!').toBe('(si)');
  }));

  it('names a lane by a call, and those of a sub-agent by the call or the tool that leads there', marbles((m) => {
    const inner = { path: ['call_9'] };
    const events = [
      event.toolUse('call_9', 'research', {}),
      event.iterationStart(inner),
      event.text('Hm', inner),
      event.toolUse('call_2', 'search', {}, inner),
      event.toolResult('call_2', 'search', 'x', {}, inner),
      event.complete(inner),
      event.toolResult('call_9', 'research', 'x'),
    ];
    m.expectRun(of(...events)).toBe({ run: '|', research: '(br)', 'research/run': '(ic)', 'research/model': 't', 'research/search': '(br)' });
    m.expectRun(of(...events)).toBe({ run: '|', call_9: '(br)', 'call_9/run': '(ic)', 'research/model': 't', 'call_9/call_2': '(br)' });
  }));

  it('tells what differs in kind only by what it says: calls, results, retries, roles, decisions', () => {
    const pairs = [
      [event.toolUse('a', 'a'), event.invalidToolUse('a', 'a', '{')],
      [event.toolResult('a', 'a'), event.toolResult('a', 'a', 'no', { isError: true })],
      [event.retry({ discard: false }), event.retry()],
      [event.message('Hi'), event.message({ role: 'user', content: [] })],
      [event.toolApproval('a', 'a', 'granted'), event.toolApproval('a', 'a', 'denied')],
    ];
    expect(pairs.map((pair) => pair.map(letterOf).join(''))).toEqual(['bB', 'rR', 'yY', 'mM', 'gf']);
    expect(pairs.flat().map((each) => meaningOf(letterOf(each)))).not.toContain(undefined);
  });

  it.each([
    ['7', 'nothing can be made of "7"'],
    ['(si', 'nothing can be made of "(si"'],
    ['@2s t @1s t', 'has reached 2001 ms when it comes to @1s'],
    ['t|t', 'something stands after the end'],
    ['ß', 'the letter "ß" is no kind of event, and is not in the values'],
  ])('refuses %s', (lane, says) => {
    expect(() => parseLane(lane, {}, 'error')).toThrow(says);
  });
});

describe('what a failure of a run says', () => {
  it('draws the lanes on one grid, both sides where they differ, and the first difference in words', () => {
    const said = complaintOf((m) =>
      m.expectRun(twoTools(m)).toBe({
        run: '(si)             @90.999s (Mei) @91.004s (ec|)',
        model: '   @999ms (ododum) @91s t-t-(um)',
        weather: ' @999ms b @30s (rz)',
        forecast: '@999ms b @90.999s (Rz)',
      }),
    );
    expect(said.split('\n')).toEqual([
      '  run                 (si)',
      '  model                    @999ms (ododum)',
      '  weather   expected       @999ms b        @30s (rz)',
      '            actual         @999ms b                  @30.999s (rz)',
      '  forecast                 @999ms b',
      '                                                ^',
      '',
      '  run                  @90.999s (Mei)----(ec|)',
      '  model                @90.999s -    t-t-(um)',
      '  weather   expected',
      '            actual',
      '  forecast             @90.999s (Rz)',
      'First difference: in lane weather r (tool_result) was expected at frame',
      '  30000 (30 s), but came at frame 30999 (30.999 s)',
      'where',
      '  r = tool_result',
      '  z = tool_use_end',
    ]);
  });

  it('can be put into the test as it is drawn', () => {
    const wrong = complaintOf((m) => m.expectRun(twoTools(m)).toBe('(si)'));
    const drawn = [...wrong.matchAll(/^ {2}actual {4}(.*)$/gm)].map(([, line]) => line).join('');
    expect(drawn).not.toBe('');
    expect(complaintOf((m) => m.expectRun(twoTools(m)).toBe(drawn))).toBe('');
  });

  it.each<[string, (m: Marbles) => void, RegExp]>([
    ['another kind', (m) => m.expectRun(of(event.text('Hi'))).toBe('(h|)'), /at frame 0 h \(thinking\) was expected, but there came text_delta "Hi" where h = thinking t = text_delta "Hi"$/],
    ['another value', (m) => m.expectRun(of(event.text('Hi'))).toBe('(a|)', { a: event.text('Ho') }), /text_delta "Ho" was expected, but there came text_delta "Hi" content: expected "Ho", got "Hi"/],
    ['a failed result for a good one', (m) => m.expectRun(of(event.toolResult('a', 'a', 'no', { isError: true }))).toBe('(r|)'), /r \(tool_result\) was expected, but there came tool_result a failed "no" \(a\)/],
    ['another order', (m) => m.expectRun(of(event.text('Hi'), event.thinking('Hm'))).toBe('(ht|)'), /expected \(ht\|\) actual \(th\|\)/],
    ['what never came', (m) => m.expectRun(NEVER).toBe({ run: 's' }), /in lane run at frame 0 s \(run_start\) was expected, but nothing more came/],
    ['what is too much', (m) => m.expectRun(of(event.text('Hi'))).toBe({ run: '|', model: '-' }), /in lane model at frame 0 nothing more was expected, but there came text_delta "Hi"/],
    ['an end that is none', (m) => m.expectRun(NEVER).toBe({ run: '--|' }), /at frame 2 completion was expected, but nothing more came/],
    ['another error', (m) => m.expectRun(throwError(() => new Error('a'))).toBe('#', {}, new Error('b')), /the error Error "b" was expected, but there came the error Error "a" message: expected "b", got "a"/],
    ['a lane that the test does not have', (m) => m.expectRun(of(event.toolUse('call_1', 'clock'))).toBe({ run: '|' }), /The test says nothing of the lane clock\.$/],
    ['a forgotten toBe', (m) => void m.expectRun(NEVER), /expectRun\(run\) has no \.toBe\(\): it expects nothing/],
  ])('tells %s', (_what, test, says) => {
    expect(complaintOf(test).replace(/\s+/g, ' ')).toMatch(says);
  });

  it("points at the test's own line, for a diagram that nothing can be made of too", () => {
    for (const lanes of ['x', '7']) {
      let stack = '';
      try {
        marbles((m) => m.expectRun(of(event.text('Hi')).pipe(ofType('text_delta'))).toBe(lanes))();
      } catch (error) {
        stack = error instanceof Error ? (error.stack ?? '') : '';
      }
      expect(stack.split('\n').find((line) => line.trimStart().startsWith('at '))).toMatch(/kit.run\.test\.ts/);
    }
  });

  it('stays within 80 columns, and says no more of a long run than what is near the difference', () => {
    const events = Array.from({ length: 200 }, (_, index) => event.text(`piece ${String(index)} ${'x'.repeat(200)}`));
    const said = complaintOf((m) => m.expectRun(scriptedProvider([events], { pace: 7 })({ messages: [] })).toBe('@7ms h', {}));
    expect(Math.max(...said.split('\n').map((line) => line.length))).toBeLessThanOrEqual(76);
    expect(said.split('\n').length).toBeLessThan(20);
  });

  it('prints nothing that a terminal would obey (D2)', () => {
    const hostile = '\u001b[2J\u009b31m\u202egnp.exe\u{e0041}';
    const said = complaintOf((m) => {
      m.expectRun(of(event.text(hostile))).toBe('(a|)', { a: event.text('Hi') });
      m.expectObservable(of(event.error(hostile), { deep: [hostile] })).toBe('(a|)');
      m.expectObservable(throwError(() => new Error(hostile))).toBe('#');
    });
    expect(said).toMatch(/text_delta/);
    expect(said.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Default_Ignorable_Code_Point}]/u);
  });
});
