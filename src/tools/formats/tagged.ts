// Helpers for formats whose parameters stand between tags.
import type { ArgumentsForm, Declaration, Written } from '../declaration.js';
import { trigger } from '../declaration.js';
import type { Wire } from '../machine.js';
import { Tagged, type TaggedData } from '../shapes/tagged.js';

export interface TaggedFormat {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly data: TaggedData;
  /** Around each call as it is written. */
  readonly call: Written['call'];
  readonly open?: string;
  readonly close?: string;
  readonly between?: string;
  readonly trigger: string;
  readonly callEnd?: string;
  readonly wire?: Partial<Wire>;
  readonly template?: readonly (readonly string[])[];
}

/** The declaration of a format whose calls have one shape, that of `data`. */
export function tagged(format: TaggedFormat): Declaration {
  const { name, aliases, data, wire, template } = format;
  const form: ArgumentsForm = { form: 'tags', data };
  return {
    name,
    ...(aliases && { aliases }),
    wire: { ...wire, shapes: wire?.shapes ?? [new Tagged(data)] },
    written: {
      triggers: trigger(format.trigger),
      ...(format.open !== undefined && { open: format.open }),
      ...(format.close !== undefined && { close: format.close }),
      ...(format.between !== undefined && { between: format.between }),
      call: format.call,
      arguments: form,
      callEnd: format.callEnd ?? data.close[0],
    },
    ...(template && { template }),
  };
}
