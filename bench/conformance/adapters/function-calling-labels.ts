// Rows whose label we do not follow, and why. Their calls are not judged; that cuts change nothing is.

/** Why, by the id of the row. */
export const otherLabels: Readonly<Record<string, string>> = {};
