// Door of the chat layer that the dialects share.
export { type ChoiceEvents, Conversation, countPromptTokens } from './conversation.js';
export { ModelFormats } from './formats.js';
export { OutputGrammars } from './grammars.js';
export { gather, OutputReader } from './reader.js';
export type {
  ChatCall,
  ChatEnd,
  ChatEvent,
  ChatInput,
  ChatOutput,
  ChatUsage,
  Constraint,
} from './types.js';
