/** Prints the time of a record in the three forms that functions get to see. */
import { isRecordTime } from './sources/record-time.ts';

export type EventTimeForm = 'python' | 'go' | 'rfc3339';

/**
 * `time` is in milliseconds since the epoch, with a fraction down to microseconds. Python's `str(datetime)`, as
 * `2020-05-07 01:32:02.123456+00:00`, has six digits or no fraction at all; Go's default form, as
 * `2018-05-18 05:40:42.8811 +0000 UTC`, drops trailing zeros; RFC 3339 has three digits or six. Undefined for what
 * `isRecordTime` refuses.
 */
export function printEventTime(time: number, form: EventTimeForm): string | undefined {
  if (!isRecordTime(time)) {
    return undefined;
  }
  const last = lastPrinted[form];
  if (last.time !== time) {
    last.text = print(time, form);
    last.time = time;
  }
  return last.text;
}

/** The time of a record, or the present one where a source let through a time that can't be printed. */
export function knownTime(time: number, now: () => number = Date.now): number {
  return isRecordTime(time) ? time : now();
}

/** Records come by the dozen a millisecond: each form keeps its last one. */
const lastPrinted: Readonly<Record<EventTimeForm, { time: number; text: string }>> = {
  python: { time: Number.NaN, text: '' },
  go: { time: Number.NaN, text: '' },
  rfc3339: { time: Number.NaN, text: '' },
};

function print(time: number, form: EventTimeForm): string {
  const begun = Math.floor(time / 1000);
  // Of the second alone: all microseconds since the epoch are more than a number holds from the year 2255 on.
  const microseconds = Math.round((time - begun * 1000) * 1000);
  const [second, fraction] = microseconds === 1_000_000 ? [begun + 1, 0] : [begun, microseconds];
  const printed = printSecond(second);
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
