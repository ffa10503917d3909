/** Prints the time of a record in the three forms that functions get to see. */

export type EventTimeForm = 'python' | 'go' | 'rfc3339';

/**
 * `time` is in milliseconds since the epoch, with a fraction down to microseconds. Python's `str(datetime)`, as
 * `2020-05-07 01:32:02.123456+00:00`, has six digits or no fraction at all; Go's default form, as
 * `2018-05-18 05:40:42.8811 +0000 UTC`, drops trailing zeros; RFC 3339 has three digits or six. Undefined outside the
 * years 0 to 9999, and for what isn't a number.
 */
export function printEventTime(time: number, form: EventTimeForm): string | undefined {
  const last = lastPrinted[form];
  if (last.time !== time) {
    last.text = print(time, form);
    last.time = time;
  }
  return last.text;
}

/** Records come by the dozen a millisecond: each form keeps its last one. */
const lastPrinted: Readonly<Record<EventTimeForm, { time: number; text: string | undefined }>> = {
  python: { time: Number.NaN, text: undefined },
  go: { time: Number.NaN, text: undefined },
  rfc3339: { time: Number.NaN, text: undefined },
};

function print(time: number, form: EventTimeForm): string | undefined {
  const microseconds = Math.round(time * 1000);
  const second = Math.floor(microseconds / 1_000_000);
  // Negated, so that NaN is outside as well.
  if (!(second >= FIRST && second <= LAST)) {
    return undefined;
  }
  const printed = printSecond(second);
  const fraction = microseconds - second * 1_000_000;
  switch (form) {
    case 'python':
      return `${printed.date} ${printed.clock}${fraction === 0 ? '' : `.${pad(fraction, 6)}`}+00:00`;
    case 'go':
      return `${printed.date} ${printed.clock}${fraction === 0 ? '' : trimZeros(`.${pad(fraction, 6)}`)} +0000 UTC`;
    case 'rfc3339': {
      const digits = fraction % 1000 === 0 ? pad(fraction / 1000, 3) : pad(fraction, 6);
      return `${printed.date}T${printed.clock}.${digits}Z`;
    }
  }
}

/** Seconds since the epoch of 0000-01-01 and of 9999-12-31. */
const FIRST = -62_167_219_200;
const LAST = 253_402_300_799;

interface PrintedSecond {
  readonly second: number;
  readonly date: string;
  readonly clock: string;
}

let lastSecond: PrintedSecond = { second: 0, date: '1970-01-01', clock: '00:00:00' };

function printSecond(second: number): PrintedSecond {
  if (lastSecond.second !== second) {
    const printed = new Date(second * 1000).toISOString();
    lastSecond = { second, date: printed.slice(0, 10), clock: printed.slice(11, 19) };
  }
  return lastSecond;
}

function pad(fraction: number, digits: number): string {
  return String(fraction).padStart(digits, '0');
}

function trimZeros(fraction: string): string {
  return fraction.replace(/0+$/, '');
}
