// What a format is declared by: how calls are read, how they are written, and how a chat template tells that it asks for
// the format. Parser, constraint, prompt form and detection all come from here.
import type { Notation } from './constraint/notation.js';
import type { Wire } from './machine.js';
import type { TaggedData } from './shapes/tagged.js';

export interface Declaration {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly wire: Wire;
  readonly written: Written;
  /** Groups of texts: a chat template that holds all of a group asks for this format. */
  readonly template?: readonly (readonly string[])[];
}

/** How calls are written where we write them: in constraints and in prompts. */
export interface Written {
  /** Where free text holds one of these it goes on as a call; every first call begins with one of them. */
  readonly triggers: (tools: readonly string[]) => readonly string[];
  /** Around all calls, and between two of them. Without `between` an output has one call. */
  readonly open?: string;
  readonly close?: string;
  readonly between?: string;
  /** Around the arguments of the call with this number, from 0 on. */
  readonly call: (name: string, index: number) => { readonly before: string; readonly after: string };
  readonly arguments: ArgumentsForm;
  /** The text that closes a call; of a call that none closes, what ends the model's turn. */
  readonly callEnd: string;
}

export type ArgumentsForm =
  /** A JSON object. */
  | { readonly form: 'json' }
  /** Between tags. */
  | { readonly form: 'tags'; readonly data: TaggedData }
  /** Another notation: Python's keyword arguments, Gemma's, elements inside of each other. */
  | { readonly form: 'notation'; readonly notation: Notation };

export const JSON_ARGUMENTS: ArgumentsForm = { form: 'json' };

/** One trigger, whatever the tools are. */
export function trigger(...texts: readonly string[]): Written['triggers'] {
  return () => texts;
}
