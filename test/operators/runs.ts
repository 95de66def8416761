export { sampleRuns as runs } from 'coldstream/testing';
