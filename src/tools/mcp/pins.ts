import { createHash } from 'node:crypto';
import { catchError, concat, defaultIfEmpty, defer, forkJoin, from, map, of, take, tap, type Observable, type ObservableInput } from 'rxjs';
import { messageOf } from '../../errors/describe.js';
import type { Json, JsonObject } from '../../events/json.js';
import type { ToolAnnotations } from '../types.js';
import type { ListedTool } from './listed-tool.js';
import type { McpNotice } from './notices.js';

/** A tool whose definition is not the one that was approved, or that was not there. */
export interface McpToolChange {
  readonly kind: 'added' | 'changed';
  /** The server's own name for the tool. */
  readonly name: string;
  readonly hash: string;
  /** Of the definition that was approved; for a changed tool. */
  readonly previousHash?: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly annotations?: ToolAnnotations;
}

/** Decides on a change. The tool is withheld until then, and for as long as it is denied. */
export type ApproveChange = (change: McpToolChange) => ObservableInput<'allow' | 'deny'>;

/** What listings are held against. */
export interface PinSettings {
  readonly pins: { readonly [name: string]: string } | undefined;
  readonly approveChange: ApproveChange | undefined;
  readonly warn: (message: string) => void;
  readonly notice: (notice: McpNotice) => void;
}

/** Definitions as one text, whatever the order of their members. */
function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([member, inner]) => `${JSON.stringify(member)}:${canonical(inner)}`).join(',')}}`;
}

/** The hash of all that a model, a policy or a person may go by: what the tool is called, says and takes. */
export function definitionHash(definition: { readonly [member: string]: Json | undefined }): string {
  const parts = Object.entries(definition).filter(([, value]) => value !== undefined);
  return createHash('sha256').update(canonical(parts.map(([member, value]) => [member, value ?? null]))).digest('base64url');
}

/**
 * The definitions of a server's tools that may be used. The first listing is approved as it is, unless there are pins;
 * what differs from it later is announced, and approved again where the application asks for that.
 */
export class Pins {
  private readonly approved = new Map<string, string>();
  private readonly denied = new Set<string>();
  /** The pins, then what was listed last. */
  private before: ReadonlyMap<string, string> | undefined;
  private offered = false;

  constructor(private readonly settings: PinSettings) {
    const { pins } = settings;
    if (pins === undefined) return;
    this.before = new Map(Object.entries(pins));
    for (const [name, hash] of this.before) this.approved.set(name, hash);
  }

  /** Whether the definition may be used at the moment: a list that a run still holds may be older. */
  allows({ name, hash }: ListedTool): boolean {
    if (this.settings.approveChange === undefined) return true;
    return this.approved.get(name) === hash && this.before?.get(name) === hash;
  }

  /** Looks at a listing; the tools of it that may be used, and again once it has been decided on the others. */
  review(listed: readonly ListedTool[]): Observable<readonly ListedTool[]> {
    return defer(() => {
      const isFirst = this.before === undefined;
      this.announce(listed);
      if (isFirst) for (const { name, hash } of listed) this.approved.set(name, hash);
      const usable = (): readonly ListedTool[] => listed.filter((tool) => this.allows(tool));
      const { approveChange } = this.settings;
      const asked = listed.filter((tool) => !this.allows(tool) && !this.denied.has(tool.hash));
      if (approveChange === undefined || asked.length === 0) return of(usable());
      const decided$ = forkJoin(asked.map((tool) => this.decide(tool, approveChange))).pipe(map(usable));
      // A run that is yet to begin begins with all that is allowed.
      return this.offered ? concat(of(usable()), decided$) : decided$;
    }).pipe(
      tap(() => {
        this.offered = true;
      }),
    );
  }

  private decide(tool: ListedTool, approveChange: ApproveChange): Observable<unknown> {
    const { name, hash, description, inputSchema, annotations } = tool;
    const previousHash = this.approved.get(name);
    const kind = previousHash === undefined ? 'added' : 'changed';
    const change: McpToolChange = { kind, name, hash, description, inputSchema, ...(previousHash !== undefined && { previousHash }), ...(annotations && { annotations }) };
    return defer(() => from(approveChange(change))).pipe(
      take(1),
      defaultIfEmpty('deny'),
      catchError((error: unknown) => {
        this.settings.warn(`The change of an MCP tool is denied, since deciding on it failed: ${messageOf(error)}`);
        return of('deny');
      }),
      tap((decision) => {
        if (decision === 'allow') this.approved.set(name, hash);
        else this.denied.add(hash);
      }),
    );
  }

  private announce(listed: readonly ListedTool[]): void {
    const now = new Map(listed.map(({ name, hash }) => [name, hash]));
    const before = this.before ?? now;
    this.before = now;
    this.settings.notice({
      type: 'tools_listed',
      hashes: Object.fromEntries(now),
      added: [...now.keys()].filter((name) => !before.has(name)),
      changed: [...now].filter(([name, hash]) => (before.get(name) ?? hash) !== hash).map(([name]) => name),
      removed: [...before.keys()].filter((name) => !now.has(name)),
    });
  }
}
