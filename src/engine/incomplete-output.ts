// What generateObject throws where an output was cut.
import { EngineError } from '../errors.js';

/** The output ended before the schema was complete. */
export class IncompleteOutputError extends EngineError {
  /** The text so far. */
  readonly partial: string;

  constructor(partial: string, reason: string) {
    super(
      'incomplete_output',
      `the output ended (${reason}) before the schema was complete; raise maxTokens`,
    );
    this.partial = partial;
  }
}
