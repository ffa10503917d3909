/** What a scalar is for kubectl, which reads YAML 1.1 but for dates and numbers to the base of 60. */

export interface Scalar {
  readonly tag: '!!null' | '!!bool' | '!!int' | '!!float' | '!!str';
  readonly value: null | boolean | number | string;
}

/** One without quotes and tag. */
export function readPlain(text: string): Scalar {
  return WORDS.get(text) ?? readNumber(text) ?? { tag: '!!str', value: text };
}

/** Undefined where the text isn't what the tag says. Tags that nobody knows are text. */
export function readTagged(tag: string, text: string): Scalar | undefined {
  if (tag === '!!binary') return readBase64(text);
  if (!TYPED.has(tag)) return { tag: '!!str', value: text };
  const scalar = readPlain(text);
  return scalar.tag === tag || (tag === '!!float' && scalar.tag === '!!int') ? scalar : undefined;
}

/** Whether YAML 1.2, or a reader, takes the text for something else. A file mode such as 0644 is meant as it is read. */
export function isSurprising(text: string, { tag }: Scalar): boolean {
  if (tag === '!!bool') return !/^(?:true|false)$/i.test(text);
  return tag === '!!int' && /^[-+]?0[\dbo]|_/i.test(text) && !/^0[0-7]{3}$/.test(text);
}

const TYPED: ReadonlySet<string> = new Set(['!!null', '!!bool', '!!int', '!!float', '!!timestamp']);

const INTEGER = /^([-+]?)(0x[\da-f]+|0b[01]+|0o?[0-7]+|[1-9]\d*|0)$/i;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?$/i;

function readNumber(text: string): Scalar | undefined {
  if (!/^[-+.\d]/.test(text)) return undefined;
  // Behind a point that begins the number, underscores must be between digits.
  const plain = /^(?=\.).*(?:\D_|_\D|_$)/.test(text) ? text : text.replaceAll('_', '');
  const [, sign, digits = ''] = INTEGER.exec(plain) ?? [];
  // Adding 0 makes 0 of -0, which JSON has too.
  if (sign !== undefined) return { tag: '!!int', value: Number(`${sign}1`) * withoutSign(digits) + 0 };
  return FLOAT.test(plain) ? { tag: '!!float', value: Number(plain) + 0 } : undefined;
}

function withoutSign(digits: string): number {
  return Number(digits.replace(/^0(?=[0-7])/, '0o'));
}

function readBase64(text: string): Scalar | undefined {
  const isBase64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(text.replaceAll('\n', ''));
  return isBase64 ? { tag: '!!str', value: Buffer.from(text, 'base64').toString() } : undefined;
}

const WORDS: ReadonlyMap<string, Scalar> = new Map([
  ...['', '~'].map((word): [string, Scalar] => [word, { tag: '!!null', value: null }]),
  ...spellings('!!null', null, 'null'),
  ...['y', 'yes', 'on', 'true'].flatMap((word) => spellings('!!bool', true, word)),
  ...['n', 'no', 'off', 'false'].flatMap((word) => spellings('!!bool', false, word)),
  ...['.inf', '+.inf'].flatMap((word) => spellings('!!float', Number.POSITIVE_INFINITY, word)),
  ...spellings('!!float', Number.NEGATIVE_INFINITY, '-.inf'),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, Scalar] => [word, { tag: '!!float', value: Number.NaN }]),
]);

/** In small letters, with a capital, and in capitals. */
function spellings(tag: Scalar['tag'], value: Scalar['value'], word: string): readonly [string, Scalar][] {
  const capitalized = word.replace(/[a-z]/, (letter) => letter.toUpperCase());
  return [word, capitalized, word.toUpperCase()].map((spelling) => [spelling, { tag, value }]);
}
