// One generation as the page follows it. Events may come much faster than a screen draws: changes are told once a frame.
import type {
  EndEvent,
  ErrorView,
  GenerateBody,
  GenerateEvent,
  PromptEvent,
} from '../src/server/playground/protocol.js';
import { ApiError, generate } from './api.js';
import { type ShownStep, StepWriter } from './steps.js';

export interface Run {
  readonly phase: 'idle' | 'waiting' | 'running' | 'done' | 'failed';
  readonly request?: GenerateBody;
  readonly prompt?: PromptEvent;
  readonly steps: readonly ShownStep[];
  readonly end?: EndEvent;
  readonly error?: ErrorView;
}

export const IDLE: Run = { phase: 'idle', steps: [] };
const FRAME_MS = 33;

/** Runs a request and tells `onChange` of its state until it has ended. An abort ends it as the server tells, or at once. */
export async function follow(
  request: GenerateBody,
  signal: AbortSignal,
  onChange: (run: Run) => void,
): Promise<Run> {
  let run: Run = { phase: 'waiting', request, steps: [] };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (next: Run) => {
    run = next;
    timer ??= setTimeout(() => {
      timer = undefined;
      onChange(run);
    }, FRAME_MS);
  };
  onChange(run);
  const writer = new StepWriter();
  try {
    for await (const event of generate(request, signal)) tell(withEvent(run, event, writer));
    if (run.phase !== 'failed') run = { ...run, phase: 'done' };
  } catch (error) {
    run = signal.aborted ? { ...run, phase: 'done' } : { ...run, phase: 'failed', error: errorView(error) };
  }
  clearTimeout(timer);
  onChange(run);
  return run;
}

function withEvent(run: Run, event: GenerateEvent, writer: StepWriter): Run {
  if ('error' in event) return { ...run, phase: 'failed', error: event.error };
  if (event.type === 'prompt') return { ...run, phase: 'running', prompt: event };
  if (event.type === 'end') return { ...run, end: event };
  return { ...run, steps: [...run.steps, ...event.steps.map((step) => writer.write(step))] };
}

export function errorView(error: unknown): ErrorView {
  if (error instanceof ApiError) return error.view;
  const message = error instanceof Error ? error.message : String(error);
  return { message: `the server cannot be reached: ${message}`, code: 'unreachable', param: null };
}
