import { agent, OverloadedError, retrying, type Provider } from 'coldstream';
import { marbles, scriptedProvider } from 'coldstream/testing';

describe('what the agent adds by itself', () => {
  it('is nothing for a provider that the application has decorated, or without resilience', marbles((m) => {
    const overloaded = new OverloadedError('Overloaded');
    const types = (provider: Provider, resilience?: boolean) => {
      const seen: string[] = [];
      agent({ provider, ...(resilience === undefined ? {} : { resilience }) })('Hi').subscribe(({ type }) => seen.push(type));
      return seen;
    };
    expect(types(retrying({ attempts: 1 })(scriptedProvider([overloaded])))).not.toContain('retry');
    expect(types(scriptedProvider([overloaded]), false)).not.toContain('retry');
    expect(types(scriptedProvider([overloaded]))).toContain('retry');
    m.flush();
  }));
});
