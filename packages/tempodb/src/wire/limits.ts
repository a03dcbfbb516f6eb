/** The first instant that a timestamp can name: 0001-01-01T00:00:00.000Z. */
export const firstTime = -62_135_596_800_000;

/** The last instant that a timestamp can name: 9999-12-31T23:59:59.999Z. */
export const lastTime = 253_402_300_799_999;
