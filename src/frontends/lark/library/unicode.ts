// Terminals that `%import unicode.…` gives: white space with the no-break space.

export const UNICODE = String.raw`
WS_INLINE: /[ \t\xa0]/+
WS: /[ \t\xa0\f\r\n]/+
`;
