// The library's front door.
export * from './errors.js';
