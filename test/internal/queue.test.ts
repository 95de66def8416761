import fc from 'fast-check';
import { Queue } from '../../src/internal/queue.js';

describe('a queue', () => {
  it('gives what came in its order, however it is filled, emptied and cleared', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('push', 'push', 'push', 'take', 'take', 'clear')), (steps) => {
        const queue = new Queue<{ readonly step: number }>();
        const model: { readonly step: number }[] = [];
        for (const [step, what] of steps.entries()) {
          const thing = { step };
          if (what === 'push') {
            queue.push(thing);
            model.push(thing);
          } else if (what === 'take') {
            expect(queue.take()).toBe(model.shift());
          } else {
            queue.clear();
            model.length = 0;
          }
          expect(queue).toHaveLength(model.length);
        }
      }),
    );
  });
});
