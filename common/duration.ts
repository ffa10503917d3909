/** Durations as users write them (`90s`, `100ms`, `1h30m`) and as programs count them: in milliseconds. */

/** What a duration looks like; also the pattern of the generated schemas. */
export const DURATION_PATTERN = '^([0-9]+([.][0-9]+)?(ms|s|m|h))+$';

const WHOLE = new RegExp(DURATION_PATTERN);
const PART = /([0-9.]+)(ms|s|m|h)/g;
const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds, or undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!WHOLE.test(text)) return undefined;
  let total = 0;
  for (const [, count = '', unit = ''] of text.matchAll(PART)) total += Number(count) * (MILLISECONDS[unit] ?? 0);
  return total;
}

/** The shortest way to write it, e.g. `1h30m`; `parseDuration` reads it back. */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds;
  let text = '';
  for (const unit of ['h', 'm', 's']) {
    const size = MILLISECONDS[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return rest > 0 || text === '' ? `${text}${rest}ms` : text;
}
