// The services in a process of their own. Prints where they are as one JSON line and ends when its input does.
import { startServices } from './services.js';

void startServices().then(({ addresses }) => {
  console.log(JSON.stringify(addresses));
  process.stdin.on('end', () => process.exit(0)).resume();
});
