/** Whose models can be asked. */
export const providerNames = ['anthropic', 'bedrock'] as const;

export type ProviderName = (typeof providerNames)[number];

/** What the program knows of a service. */
export interface Service {
  /** The model that is asked where none is named. */
  readonly defaultModel: string;
  /** The demo asks the service itself where one of them is set. */
  readonly keyVariables: readonly string[];
  /** Where the service finds its keys, for the help text. */
  readonly environment: readonly string[];
}

export const services: Readonly<Record<ProviderName, Service>> = {
  anthropic: {
    defaultModel: 'claude-sonnet-5',
    keyVariables: ['ANTHROPIC_API_KEY'],
    environment: ['ANTHROPIC_API_KEY holds the key of the service.'],
  },
  bedrock: {
    defaultModel: 'global.amazon.nova-2-lite-v1:0',
    keyVariables: ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_BEARER_TOKEN_BEDROCK'],
    environment: [
      'AWS_REGION names the region, and the credentials are those that the AWS SDK finds:',
      'AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), AWS_PROFILE,',
      'AWS_BEARER_TOKEN_BEDROCK, or the role of the machine it runs on. The search for a role',
      'can take 2 seconds; AWS_EC2_METADATA_DISABLED=true leaves it out.',
    ],
  },
};

/** The variables whose values are shown to nobody. */
export const secretVariables: readonly string[] = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_BEARER_TOKEN_BEDROCK',
];
