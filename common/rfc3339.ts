/** Times in the form of RFC 3339, such as `2020-05-07T01:32:02.123+02:00`. */

/** Milliseconds since the epoch; NaN for what isn't a time of RFC 3339. */
export function parseRfc3339(text: string): number {
  return isRfc3339(text) ? Date.parse(text) : Number.NaN;
}

/** Leap seconds (`:60`) don't count as times: hardly any parser takes them. */
export function isRfc3339(text: string): boolean {
  return RFC_3339.test(text) && hasDay(text.slice(0, 10), Number(text.slice(8, 10)));
}

const RFC_3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-\d\d[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Whether the month of `date` has that day: JavaScript makes March 2 of February 30. */
function hasDay(date: string, day: number): boolean {
  return day >= 1 && (day <= 28 || new Date(date).getUTCDate() === day);
}
