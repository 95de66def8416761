import type { Provider } from '../provider.js';

/** Registered globally, so that two copies of the package see each other's marks. */
const decorated = Symbol.for('coldstream.decorated');

/** Marks a provider as decorated by the application: the agent adds no defaults of its own around it. */
export function markDecorated(provider: Provider): Provider {
  return Object.defineProperty(provider, decorated, { value: true });
}

/** Whether a decorator of ours made this provider. */
export function isDecorated(provider: Provider): boolean {
  return decorated in provider;
}
