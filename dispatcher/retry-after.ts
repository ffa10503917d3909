/** Reads the header `Retry-After`: seconds or an HTTP-date (RFC 9110, 10.2.3). */

/** Milliseconds from now, 0 for a date that has passed; undefined when there is none or it can't be read. */
export function parseRetryAfter(value: string | undefined, now: () => number): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') {
    return undefined;
  }
  if (SECONDS.test(text)) {
    return Number(text) * 1000;
  }
  if (!HTTP_DATE.test(text)) {
    return undefined;
  }
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now());
}

const SECONDS = /^\d{1,9}$/;
/** The form to send and the two obsolete ones that have to be understood; each begins with the day's name. */
const HTTP_DATE = /^(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?,? [\w: -]+( GMT)?$/;
