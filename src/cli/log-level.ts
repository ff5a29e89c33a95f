// Log levels by our names, and by those that Python's logging, and so SGLang, has for them.
import type { LogLevel } from '../server/index.js';
import { UsageError } from './command.js';

export const LOG_LEVELS: readonly LogLevel[] = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];

const PYTHON_LEVELS: Readonly<Record<string, LogLevel>> = { critical: 'fatal', warning: 'warn' };

/** @throws UsageError for what is no level */
export function readLogLevel(given = 'info'): LogLevel {
  const name = given.toLowerCase();
  const level = Object.hasOwn(PYTHON_LEVELS, name) ? PYTHON_LEVELS[name] : name;
  const found = LOG_LEVELS.find((one) => one === level);
  if (found) return found;
  throw new UsageError(`--log-level must be one of ${LOG_LEVELS.join(', ')}, not '${given}'`);
}
