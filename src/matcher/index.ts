// Door of the matcher room.
export { Matcher, MatcherFactory } from './matcher.js';
