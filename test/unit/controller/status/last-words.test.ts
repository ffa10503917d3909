import { expect } from 'chai';
import { lastWords } from '../../../../controller/status/last-words.ts';
import { trimPod } from '../../../../controller/trim.ts';

const line = (level: unknown, fields: object) => JSON.stringify({ level, time: '2026-01-01T00:00:00Z', ...fields });

describe('the last words of a container', () => {
  const rows: readonly [string, string | undefined, string | undefined][] = [
    ['nothing', undefined, undefined],
    ['empty lines', '\n  \n', undefined],
    ['a line', 'first\nno broker\n', 'no broker'],
    ['our own log', line('error', { problem: 'TRIGGER is missing', msg: 'wrong' }), 'wrong: TRIGGER is missing'],
    [
      'an error that is not the last thing it said',
      [line('error', { msg: 'cannot start', problem: 'x' }), line('info', { msg: 'stopped' })].join('\n'),
      'cannot start: x',
    ],
    ['a log with numbers for levels', `${line(50, { msg: 'bad' })}\n${line(30, { msg: 'bye' })}`, 'bad'],
    ['a log without an error', `${line('info', { msg: 'a' })}\n${line('warn', { msg: 'b' })}`, 'b'],
    [
      'an exception that Node did not catch',
      [
        'file:///app/main.js:12',
        "  throw new Error('x');",
        '        ^',
        '',
        "Error: Cannot find module './native.node'",
        '    at Module._resolveFilename (node:internal/modules/cjs/loader:1)',
        '',
        'Node.js v24.21.0',
      ].join('\n'),
      "Error: Cannot find module './native.node'",
    ],
    [
      'an exception with a code',
      'node:events:497\n\nRangeError [ERR_X]: no\n    at f (a.js:1:1) {\n  code: "ERR_X"\n}\n\nNode.js v24.21.0\n',
      'RangeError [ERR_X]: no',
    ],
    [
      'a heap that is full',
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n\n 1: 0xe1 node::OOM',
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    ],
    [
      'URLs with passwords',
      'panic: dial ws://admin:hunter2@pulsar:8080/x and http://u:hunter2@f: refused',
      'panic: dial ws://[secret]@pulsar:8080/x and http://[secret]@f: refused',
    ],
    ['a panic', 'panic: no broker\n\ngoroutine 1 [running]:\nmain.main()', 'panic: no broker'],
    ['JSON that is cut', '{"level":"error","msg":"a', '{"level":"error","msg":"a'],
  ];
  for (const [name, message, words] of rows) {
    it(`of ${name}`, () => {
      expect(lastWords(message)).to.equal(words);
      expect(lastWords(words)).to.equal(words);
    });
  }

  it('are what is kept of a pod, however far from the end of the log', () => {
    const frames = Array.from({ length: 40 }, (_, line) => `    at frame (file:///app/node_modules/x/y.js:${line}:1)`);
    const message = ['TypeError: no broker', ...frames, '', 'Node.js v24.21.0', ''].join('\n');
    const lastState = { terminated: { exitCode: 1, message } };
    const pod = {
      metadata: { name: 'p', uid: 'u', resourceVersion: '1' },
      status: { containerStatuses: [{ lastState }] },
    };
    const [kept] = trimPod(pod).status?.containerStatuses ?? [];
    expect(kept?.lastState?.terminated).to.deep.equal({ exitCode: 1, message: 'TypeError: no broker' });
  });
});
