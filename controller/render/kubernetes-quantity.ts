/** Kubernetes' quantities: `500m`, `2`, `1.5Gi`, `1e3`. */

const NANO = 1_000_000_000n;
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const FORM = /^([+-]?)(\d*)(?:\.(\d*))?([A-Za-z]*|[eE][+-]?\d+)$/;
/** What an API server doesn't parse by its quick way. */
const NEEDS_DIGITS = /^(?:[PE]i|[eE]-(?:0*[1-9]\d+))$/;
/** An API server spends minutes on an exponent of ten digits. */
const MOST_DIGITS = 4;

/** In billionths, rounded up, as an API server compares them; undefined where it is no quantity. */
export function parseKubernetesQuantity(value: unknown): bigint | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  // Spaces around it are taken by an API server too; other white space isn't.
  const [text = ''] = /[^ ](?:.*[^ ])?/s.exec(String(value)) ?? [];
  const [, sign, whole = '', fraction = '', suffix = ''] = FORM.exec(text) ?? [];
  if (sign === undefined || text === '') return undefined;
  // An API server takes `Mi` for 0, but not `Ei`.
  if (whole + fraction === '' && NEEDS_DIGITS.test(suffix)) return undefined;
  const digits = BigInt(`0${whole}${fraction}`);
  const scaled = scale(digits, suffix);
  if (scaled === undefined) return undefined;
  const [numerator, denominator] = scaled;
  const divisor = denominator * 10n ** BigInt(fraction.length);
  const amount = (numerator * NANO + divisor - 1n) / divisor;
  return sign === '-' ? -amount : amount;
}

/** As a fraction. */
function scale(digits: bigint, suffix: string): readonly [bigint, bigint] | undefined {
  const power = BINARY.indexOf(suffix);
  if (power >= 0) return [digits * 1024n ** BigInt(power + 1), 1n];
  const exponent = Object.hasOwn(DECIMAL, suffix) ? DECIMAL[suffix] : exponentOf(suffix);
  if (exponent === undefined) return undefined;
  const factor = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? [digits, factor] : [digits * factor, 1n];
}

function exponentOf(suffix: string): number | undefined {
  const [, digits] = /^[eE][+-]?(\d+)$/.exec(suffix) ?? [];
  return digits === undefined || digits.length > MOST_DIGITS ? undefined : Number(suffix.slice(1));
}

/** What was most likely meant by a text that is no quantity: `1 Gi`, `512MB`, `2gi`. */
export function nearestQuantity(text: string): string | undefined {
  const [, amount, unit = ''] = /^([+-]?[\d.]+)\s*([A-Za-z]*)$/.exec(text.trim()) ?? [];
  if (amount === undefined) return undefined;
  const plain = unit.replace(/(?:bytes?|b)$/i, '').toLowerCase();
  const meant = [...BINARY, 'M', ...Object.keys(DECIMAL)].find((known) => known.toLowerCase() === plain);
  const suggestion = `${amount}${meant ?? ''}`;
  return meant !== undefined && parseKubernetesQuantity(suggestion) !== undefined ? suggestion : undefined;
}
