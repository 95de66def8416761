import type { Json } from '../../events/json.js';

/** The service's formats of documents, by media type: what its API reference lists. */
const DOCUMENTS: ReadonlyMap<string, string> = new Map([
  ['application/pdf', 'pdf'],
  ['text/csv', 'csv'],
  ['application/msword', 'doc'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['text/html', 'html'],
  ['text/plain', 'txt'],
  ['text/markdown', 'md'],
]);

const IMAGES: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpeg'],
  ['image/gif', 'gif'],
  ['image/webp', 'webp'],
]);

function formats(type: 'image' | 'document'): ReadonlyMap<string, string> {
  return type === 'image' ? IMAGES : DOCUMENTS;
}

/** The service's word for a media type; undefined where it takes none such. */
export function formatOf(type: 'image' | 'document', mediaType: string): string | undefined {
  return formats(type).get(mediaType === 'image/jpg' ? 'image/jpeg' : mediaType);
}

/** The media type of one of the service's formats. */
export function mediaTypeOf(type: 'image' | 'document', format: Json | undefined): string | undefined {
  return [...formats(type)].find(([, known]) => known === format)?.[0];
}

/** The format that the end of a name stands for; undefined where it stands for none. */
export function formatOfName(type: 'image' | 'document', name: string): string | undefined {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  return [...formats(type).values()].find((format) => format === (ending === 'jpg' ? 'jpeg' : ending));
}
