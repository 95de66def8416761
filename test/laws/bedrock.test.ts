import { providerLaws } from 'coldstream/testing';
import { bedrockHttp1Subject, bedrockHttp2Subject } from './bedrock-subject.js';

providerLaws(bedrockHttp2Subject);
providerLaws(bedrockHttp1Subject);
