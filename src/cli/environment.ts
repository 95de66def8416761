/** The value of a variable; one that is blank is not set. */
export function variable(name: string): string | undefined {
  const value = process.env[name]?.trim();
  return value === '' ? undefined : value;
}

/**
 * Readies the process for the AWS SDK. Its advice to the developer about versions of Node is not for the reader of a
 * run. Where the stand-in answers there is no role to look for: the address of EC2's metadata is not to be asked, not
 * even for the region of this machine (`AWS_DEFAULTS_MODE=auto`). Otherwise what the user has set decides.
 */
export function readyForAws(usesStandIn: boolean): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  if (usesStandIn) process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
}
