import { modelOf, named, type Provider } from '../provider.js';

/** Registered globally, so that two copies of the package see each other's marks. */
const decorated = Symbol.for('coldstream.decorated');

/**
 * Marks a provider as decorated by the application: the agent adds no defaults of its own around it. It keeps the name of
 * the model that the provider within was made for.
 */
export function markDecorated(provider: Provider, within: Provider): Provider {
  const marked = Object.defineProperty(provider, decorated, { value: true });
  const model = modelOf(within);
  return model === undefined ? marked : named(marked, model);
}

/** Whether a decorator of ours made this provider. */
export function isDecorated(provider: Provider): boolean {
  return decorated in provider;
}
