import { providerLaws } from 'coldstream/testing';
import { nodeFetch } from '../../src/node-fetch/index.js';
import { anthropicSubject, decoratedAnthropic } from '../laws/anthropic-subject.js';

providerLaws({ ...anthropicSubject, name: 'anthropic over nodeFetch', open: decoratedAnthropic((provider) => provider, { fetch: nodeFetch() }) });
