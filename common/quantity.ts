/** Amounts of memory as users write them: `64Mi`. */

/** What an amount looks like: 10Ki to 9Gi; also the pattern of the generated schemas. */
export const QUANTITY_PATTERN = '^([1-9][0-9]{1,6}Ki|[1-9][0-9]{0,3}Mi|[1-9]Gi)$';

const WHOLE = new RegExp(QUANTITY_PATTERN);
const BYTES: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** Bytes, or undefined where the text is no such amount. */
export function parseQuantity(text: string): number | undefined {
  if (!WHOLE.test(text)) return undefined;
  return Number(text.slice(0, -2)) * (BYTES[text.slice(-2)] ?? Number.NaN);
}
