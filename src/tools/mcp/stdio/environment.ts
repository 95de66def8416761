const inherited =
  process.platform === 'win32'
    ? ['APPDATA', 'HOMEDRIVE', 'HOMEPATH', 'LOCALAPPDATA', 'PATH', 'PROCESSOR_ARCHITECTURE', 'PROGRAMFILES', 'SYSTEMDRIVE', 'SYSTEMROOT', 'TEMP', 'USERNAME', 'USERPROFILE']
    : ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];

/**
 * What a server's process finds in its environment: what a program needs to run at all, and what the caller gives.
 * Everything else stays here, keys and tokens above all.
 */
export function serverEnvironment(given: { readonly [name: string]: string } = {}): { [name: string]: string } {
  const environment: { [name: string]: string } = {};
  for (const name of inherited) {
    const value = process.env[name];
    // A value of this form is a shell function: code, in the eyes of an old bash.
    if (value !== undefined && !value.startsWith('()')) environment[name] = value;
  }
  return { ...environment, ...given };
}
