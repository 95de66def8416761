export { fileHistory, type FileHistory, type FileHistoryOptions } from './file-history.js';
