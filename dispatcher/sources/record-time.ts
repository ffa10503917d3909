/** Which times a record can have: those that every form of a timestamp can print. */

/** Whether this is a number of milliseconds since the epoch within the years 0 to 9999. */
export function isRecordTime(time: number): boolean {
  // NaN compares as false.
  return time >= YEAR_0 && time < YEAR_10_000;
}

const YEAR_0 = -62_167_219_200_000;
const YEAR_10_000 = 253_402_300_800_000;
