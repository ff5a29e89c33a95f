// The library's front door.
export * from './portable.js';
