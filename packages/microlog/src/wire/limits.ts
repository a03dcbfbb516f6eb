/** The most bytes of a request body that the service takes, not compressed. */
export const maxBytes = 102_400;

/** How many series share a request to a gateway; to an original server each goes alone. */
export const maxSeries = 100;
