// Ollama's error body: {"error": "…"}.
import type { Problem } from '../errors.js';

export function ollamaErrorBody({ message }: Problem): object {
  return { error: message };
}
