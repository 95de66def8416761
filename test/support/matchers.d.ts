import type { AgentMatchers } from 'coldstream/testing';

declare global {
  namespace jest {
    interface Matchers<R, T> extends AgentMatchers<R> {}
  }
}
