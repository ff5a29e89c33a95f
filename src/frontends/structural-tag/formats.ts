// The formats of a structural tag, as read.ts understands them and lower.ts writes them as grammar.

import type { Style } from './parameter-styles.js';

/** A token by id or by its text. */
export type TokenName = string | number;

export type ParameterStyle =
  | 'qwen_xml'
  | 'minimax_xml'
  | 'deepseek_xml'
  | 'deepseek_v4_1_xml'
  | 'glm_xml'
  | 'cohere_xml'
  | 'kimi_k3_xml';

interface At {
  /** JSON pointer of the format in the structural tag. */
  readonly pointer: string;
}

export interface JsonSchemaFormat extends At {
  readonly type: 'json_schema';
  readonly schema: unknown;
  /** JSON pointer of the schema. */
  readonly schemaPointer: string;
  /** JSON, or tags by the name of their style or by what they are. */
  readonly style: 'json' | ParameterStyle | Style;
  readonly anyOrder: boolean;
  readonly maxWhitespace: number | undefined;
  readonly excludes: readonly string[];
}

export interface TagFormat extends At {
  readonly type: 'tag';
  readonly begin: string | { readonly token: TokenName };
  readonly content: Format;
  /** Any of these; one of them may be empty. */
  readonly end: readonly string[] | { readonly token: TokenName };
}

export type Format =
  | (At & { readonly type: 'const_string'; readonly value: string })
  | JsonSchemaFormat
  | (At & { readonly type: 'regex'; readonly pattern: string })
  | (At & { readonly type: 'grammar'; readonly grammar: string })
  | (At & {
      readonly type: 'any_text';
      readonly excludes: readonly string[];
      readonly maxChars: number | undefined;
    })
  /** One token: of these, or of all but these. */
  | (At & { readonly type: 'one_token'; readonly except: boolean; readonly tokens: readonly TokenName[] })
  | (At & {
      readonly type: 'any_tokens';
      readonly exclude: readonly TokenName[];
      readonly max: number;
    })
  | (At & { readonly type: 'sequence' | 'or'; readonly elements: readonly Format[] })
  /** `optional`, `star`, `plus` and `repeat`. */
  | (At & { readonly type: 'repeat'; readonly content: Format; readonly min: number; readonly max: number })
  | TagFormat
  | (At & {
      readonly type: 'triggered_tags';
      readonly triggers: readonly string[];
      readonly tags: readonly TagFormat[];
      readonly atLeastOne: boolean;
      readonly stopAfterFirst: boolean;
      readonly excludes: readonly string[];
    })
  | (At & {
      readonly type: 'token_triggered_tags';
      readonly triggers: readonly TokenName[];
      readonly tags: readonly TagFormat[];
      readonly atLeastOne: boolean;
      readonly stopAfterFirst: boolean;
      readonly exclude: readonly TokenName[];
    })
  | (At & {
      readonly type: 'tags_with_separator';
      readonly tags: readonly TagFormat[];
      readonly separator: string;
      readonly atLeastOne: boolean;
      readonly stopAfterFirst: boolean;
    })
  | (At & {
      readonly type: 'dispatch';
      readonly rules: readonly (readonly [string, Format])[];
      readonly loop: boolean;
      readonly excludes: readonly string[];
    })
  | (At & {
      readonly type: 'token_dispatch';
      readonly rules: readonly (readonly [TokenName, Format])[];
      readonly loop: boolean;
      readonly exclude: readonly TokenName[];
    });

/**
 * Whether a text of the format may go on without bound, so that only an end string can tell where it is over. Text that
 * excludes something counts as bounded: what it excludes may end it.
 */
export function isUnlimited(format: Format): boolean {
  switch (format.type) {
    case 'any_text':
    case 'triggered_tags':
    case 'dispatch':
      return format.excludes.length === 0;
    case 'any_tokens':
    case 'token_triggered_tags':
    case 'token_dispatch':
      return format.exclude.length === 0;
    case 'tags_with_separator':
      return true;
    case 'sequence':
    case 'or':
      return format.elements.some(isUnlimited);
    case 'repeat':
      return format.max === Number.POSITIVE_INFINITY || isUnlimited(format.content);
    default:
      return false;
  }
}
