// Door of the server room.
export type { EngineLike, EngineStats } from './engine-like.js';
export type { LogLevel, ServerOptions } from './options.js';
export { type RunningServer, type ServeOptions, serve } from './serve.js';
export { createServer } from './server.js';
export type { TokenBytes } from './token-names.js';
