import { messageOf } from '../errors/describe.js';
import { ConfigurationError } from '../errors/errors.js';
import { memberOf } from '../errors/system-error.js';

const MISSING: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/**
 * Loads an optional peer. Without it, an error that says what to do.
 *
 * @param name the package
 * @param instead what can be done without it
 * @param importing the import itself: a bundler has to see the name
 * @throws ConfigurationError
 */
export async function loadPackage<Module>(name: string, instead: string, importing: () => Promise<Module>): Promise<Module> {
  try {
    return await importing();
  } catch (error) {
    const what = MISSING.has(memberOf(error, 'code')) ? 'is not installed' : `could not be loaded (${messageOf(error)})`;
    throw new ConfigurationError(`The package ${name} ${what}: run npm install ${name}, or ${instead}`);
  }
}
