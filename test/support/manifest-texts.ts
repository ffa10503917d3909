/** Manifests whose YAML is read in more than one way. */

/** Plain, tagged and quoted values that kubectl takes, each as it stands behind a key. */
export const VALUES: readonly string[] = [
  ...'1_000 1_ 1__0 _1 -1_000 0b11 -0b11 0B11 0b12 0b 0b_1 010 -010 +010 08 09 0_7 00 0644 0o10 -0o10 0O10 0o'.split(
    ' ',
  ),
  ...'0x1F 0X1f 0x_1F -0x1f 0x 0x1G 0x1p4 + +1 -1 -0 0 . 1. .5 -.5 +.5 ._5 .5_0 1.0 -0.0 1e3 1E3 1e+3 1e 1.5e-3'.split(
    ' ',
  ),
  ...'1_0.5 12e03 0.10 1.e3 1e21 1e-400 123456789.123456789 1.2.3 9007199254740991 inf nan Infinity'.split(' '),
  ...'yes Yes YES yEs no No NO on On ON off Off OFF y Y n N true True TRUE tRue false False FALSE'.split(' '),
  ...'~ null Null NULL nULL 190:20:30 1:30 1:30.5 2020-01-01 2020-01-01T00:00:00Z <<'.split(' '),
  ...['', '!', '! 5', '!!str', '!!str 5', '!!str yes', '!!str .inf', '!!str ~', '!<tag:yaml.org,2002:str> 5', '!foo 5'],
  ...['!!int "5"', '!!int "010"', '!!int 1_000', '!!float 5', '!!float "1.5"', '!!bool "yes"', '!!bool y', '!!null ""'],
  ...['!!binary aGVsbG8=', '!!binary gIGC', '!!foo 5', '!foo {a: 1}', '!!set {a, b}', '!!str {a: 1}', '!!map [1]'],
  ...['{1: a, -1: b, 010: c}', '{yes: a, n: b}', '{? a : 1}', '{a}', '{a: }', '{a:1}', '{"a":1}', '[a: 1]', '{a: 1,}'],
  ...[
    '{<<: {a: 1}, b: 2}',
    '{<<: {a: 1}, a: 2}',
    '{a: 2, <<: {a: 1}}',
    '{<<: [{a: 1}, {a: 2, b: 3}], c: 4}',
    '{<<: []}',
  ],
  ...['{"<<": {a: 1}, b: 2}', '{!!merge <<: {a: 1}}', '{<<: {a: 1}, <<: {b: 2}}', '{<<: {<<: {z: 1}, a: 1}}'],
  ...['{p: &p {a: 1}, q: {<<: *p, b: 2}}', '{p: &p {a: 1}, q: &q {c: 1}, r: {<<: [*p, *q], b: 2}}', '{p: &p 5, q: *p}'],
  ...['{p: &p 1, q: &p 2, r: *p}', '{&k a: 1, b: *k}', '{p: &p yes, *p : 1}'],
  ...[
    '"a\\u0041\\x41\\n"',
    '"\\U0001F600"',
    "'it''s'",
    '"\\0"',
    '"yes"',
    "'010'",
    '"a\tb"',
    'a\tb',
    '\ta',
    'a # c',
    'a#c',
  ],
  ...['|\n    yes\n', '>\n    a\n    b\n\n    c\n', '|-\n    a\n', '|2\n     a\n', 'é😀', '1 2', 'a, b'],
];

const configMap = (name: string, value = name) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {k: ${value}}\n`;
const item = (text: string) => `- ${text.trim().replaceAll('\n', '\n  ')}\n`;
const json = (name: string, data = '{}') =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":${data}}`;
const [a, b] = [configMap('a'), configMap('b')];
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');
const bomb = (levels: number, width: number) =>
  `${a}z0: &z0 x\n${Array.from({ length: levels }, (_, n) => `z${n + 1}: &z${n + 1} [${Array(width).fill(`*z${n}`)}]\n`).join('')}`;

/** Files that kubectl takes. */
export const TAKEN: Readonly<Record<string, string | Buffer>> = {
  'two documents': `${a}---\n${b}`,
  'separators with comments and spaces': `${a}--- # next\n${b}---# next\n${configMap('c')}---   \n${configMap('d')}---\t\n${configMap('e')}`,
  'documents without content': `---\n---\n# x\n---\n${a}---\nnull\n---\n~\n---\n`,
  'an end of a document': `${a}...\n---\n${b}...\n`,
  'line ends of Windows': `${a}---\n${b}`.replaceAll('\n', '\r\n'),
  'a block that ends at a separator': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: |\n    x\n---\n${b}`,
  'byte order marks': `\uFEFF${a}---\n\uFEFF${b}`,
  'UTF-16, little endian': utf16(`${a}---\n${b}`),
  'UTF-16, big endian': utf16(`${a}---\n${b}`).swap16(),
  'UTF-16 JSON': utf16(json('a')),
  'bytes that are no UTF-8': Buffer.from(configMap('a', '"caf\u00e9"'), 'latin1'),
  JSON: json('a', '{"v":1.0,"w":1e3,"x":"\\ud83d\\ude00 \\/ \\ud800","y":true,"z":"\u2028"}'),
  'JSON with tabs': json('a', '{\n\t"k": {\n\t\t"k": 1\n\t}\n}').replaceAll(',"', ',\n\t"'),
  'JSON and YAML': `${json('a')}\n---\n${b}---\n${json('c')}\n`,
  'YAML in braces': json('a', '{"v":010,w: yes,}'),
  'a List': `apiVersion: v1\nkind: List\nitems:\n${item(a)}${item(b)}`,
  'a typed list': `apiVersion: v1\nkind: ConfigMapList\nitems:\n${item(a)}- metadata: {name: b}\n`,
  'a list of triggers':
    'apiVersion: kubeless.io/v1\nkind: PulsarTriggerList\nitems:\n- metadata: {name: a}\n  spec: {paused: on}\n',
};

/** Files that kubectl refuses, with what is said of them. */
export const REFUSED: Readonly<Record<string, readonly [string | Buffer, RegExp]>> = {
  ...values({
    '.inf': /line 4 has \.inf, a number that JSON doesn't have/,
    '-.INF': /line 4 has -\.INF, a number/,
    '.nan': /line 4 has \.nan, a number/,
    '!!float .inf': /line 4 has \.inf, a number/,
    '!!int yes': /line 4 has text that isn't !!int/,
    '!!null x': /line 4 has text that isn't !!null/,
    '!!timestamp x': /line 4 has text that isn't !!timestamp/,
    '!!binary "%%"': /line 4 has text that isn't !!binary/,
    '!e!x 5': /undeclared tag handle "!e!" at line 4/,
    '{null: e}': /line 4 has a key that is neither text nor a whole number/,
    '{[a]: e}': /line 4 has a key that is neither text nor a whole number/,
    '{<<: 5}': /line 4 has << with something else than a mapping/,
    '{<<: null}': /line 4 has << with something else than a mapping/,
    '{p: &p [{a: 1}], q: {<<: *p}}': /line 4 has << with something else than a mapping/,
    '*p': /line 4 has \*p and no &p before it in its document/,
    '&p [*p]': /line 4 has \*p inside of &p/,
    '"\\/"': /line 4 has an escape of JSON/,
    '"\\ud83d\\ude00"': /line 4 has an escape of JSON/,
    '"\\z"': /unknown escape sequence at line 4/,
    '@a': /at line 4/,
    '"\u0001"': /valid JSON character at line 4, .* without control characters/s,
    '"\u0000"': /null byte .* at line 4/,
    '[a': /at line 4/,
  }),
  'a key without text': [`${a}b:\n  {: x}\n`, /line 6 has a key that is neither/],
  'a tab as indent': [a.replace('metadata: {name: a}', 'metadata:\n\tname: a'), /tab characters .* at line 4/],
  'content behind a separator': [`${a}--- {b: c}\n`, /line 5 has something after ---/],
  'four dashes': [`${a}----\n${b}`, /line 5 has something after ---/],
  'an indented separator': [`${a} ---\n${b}`, /at line 5/],
  'a separator in quotes': [a.replace('k: a', 'k: "x\n---\n  y"'), /at line 4/],
  'an anchor of another document': [
    `${configMap('a', '&p 1')}---\n${configMap('b', '*p')}`,
    /line 9 has \*p and no &p/,
  ],
  'a directive': [`%YAML 1.1\n---\n${a}`, /directives end mark is expected at line 1/],
  'UTF-16 without a byte order mark': [utf16(a).subarray(2), /null byte .* Save it as UTF-8/s],
  text: ['foo\n', /is "foo"/],
  'a list without a kind': [item(a), /is a list of 1/],
  'JSON with too large a number': [json('a', '{"k":1e400}'), /line 1 has 1e400, a number/],
  'a List without a list': ['apiVersion: v1\nkind: List\nitems: {a: b}\n', /is a list whose items are none/],
  'a List in a List': [
    `apiVersion: v1\nkind: List\nitems:\n${item(`apiVersion: v1\nkind: List\nitems:\n${item(a)}`)}`,
    /is a list in a list/,
  ],
  'a List of numbers': ['apiVersion: v1\nkind: List\nitems: [5]\n', /is 5/],
  'a List of nothing': ['apiVersion: v1\nkind: List\nitems: [null]\n', /is empty/],
  'a List of objects without a kind': ['apiVersion: v1\nkind: List\nitems: [{metadata: {name: a}}]\n', /kind/],
  'a list of halves of types': [
    'apiVersion: kubeless.io/v1\nkind: PulsarTriggerList\nitems: [{kind: PulsarTrigger}]\n',
    /apiVersion/,
  ],
  'aliases of aliases': [bomb(4, 9), /nearly all of them are from aliases/],
  'aliases without an end': [bomb(11, 9), /stands for more than 200000 values/],
};

/** Files that kubectl takes in a way that nobody means, or that aren't kept exactly here, with what is said of them. */
export const STRICTER: Readonly<Record<string, readonly [string | Buffer, RegExp]>> = {
  ...values({
    '9007199254740993': /line 4 has a number of 16 characters, a number .* isn't kept exactly/,
    '-9223372036854775808': /isn't kept exactly/,
    '0xFFFFFFFFFFFFFFFF': /isn't kept exactly/,
    '01777777777777777777777': /isn't kept exactly/,
    '1e400': /line 4 has 1e400/,
    '{1.5: a}': /line 4 has a key that is neither text nor a whole number/,
    '{a: 1, b: 2, a: 3}': /line 4 has the key "a", which line 4 has already/,
    '{8: a, 010: b}': /line 4 has the key "8"/,
    '{yes: a, "true": b}': /line 4 has the key "true"/,
    '!!timestamp 2020-01-01': /line 4 has text that isn't !!timestamp/,
  }),
  'a line separator of Unicode': [configMap('a', '"\u0085"'), /line 4 has a Unicode line separator/],
  'a key twice': [`${a}kind: Secret\n`, /line 5 has the key "kind", which line 2 has already/],
  'a key twice in JSON': [json('a', '{"k":1,\n"l":2,\n"k":3}'), /line 3 has the key "k", which line 1 has already/],
  'a document behind the end of one': [`${a}...\n${b}`, /line 6 has another document/],
  'line ends of old': [`${a}---\n${b}`.replaceAll('\n', '\r'), /has another document/],
};

/** Each as the only value of a ConfigMap, in line 4. */
function values(patterns: Readonly<Record<string, RegExp>>): Record<string, readonly [string, RegExp]> {
  return Object.fromEntries(
    Object.entries(patterns).map(([value, pattern]) => [
      JSON.stringify(value),
      [`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: ${value}}\n`, pattern],
    ]),
  );
}

/** All values in one ConfigMap. */
export const ALL_VALUES = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n${VALUES.map(
  (value, index) => `  k${index}: ${value}\n`,
).join('')}`;
