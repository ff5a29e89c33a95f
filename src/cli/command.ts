// What a command of the command line is, and the reading of its arguments: unknown or unusable ones are usage errors.
import { type ParseArgsConfig, parseArgs } from 'node:util';

export interface Command {
  /** The whole help text. */
  readonly help: string;
  run(args: readonly string[]): Promise<void>;
}

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;
type Arguments<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>
>;

/**
 * Reads arguments with node's parseArgs, strictly.
 * @throws UsageError for an unknown flag or one without its value.
 */
export function readArguments<T extends Options>(args: readonly string[], options: T): Arguments<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw new UsageError(error.message.split(/\.\s/)[0]);
    throw error;
  }
}

/** The number that a flag was given, between two bounds. */
export interface NumberRange {
  readonly min: number;
  readonly max?: number;
  readonly integer?: boolean;
}

/** @throws UsageError when the text is not a number in the range. */
export function readNumber(
  flag: string,
  text: string | undefined,
  { min, max = Number.MAX_SAFE_INTEGER, integer = true }: NumberRange,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max && (!integer || Number.isInteger(value)))
    return value;
  const kind = integer ? 'a whole number' : 'a number';
  const bounds = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new UsageError(`--${flag} must be ${kind} ${bounds}, not '${text}'`);
}
