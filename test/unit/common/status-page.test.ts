import { get, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { expect } from 'chai';
import { type Probes, startProbes } from '../../../common/probes.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('the page /status', () => {
  let probes: Probes;
  let news: string;
  let looks: number;

  beforeEach(async () => {
    [news, looks] = ['well', 0];
    probes = await startProbes({
      port: 0,
      host: '127.0.0.1',
      notReady: () => undefined,
      metrics: async () => ({ contentType: 'text/plain', body: '' }),
      status: {
        read: () => ({ news, looks }),
        news: () => {
          looks += 1;
          return news;
        },
      },
    });
  });
  afterEach(() => probes.close());

  function ask(
    headers: OutgoingHttpHeaders = {},
  ): Promise<{ body: string; headers: IncomingHttpHeaders; took: number }> {
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port: probes.port, path: '/status', agent: false, headers });
      request.once('error', reject).once('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.once('end', () => resolve({ body, headers: response.headers, took: performance.now() - startedAt }));
      });
    });
  }

  async function waiting(seconds: number) {
    const { headers } = await ask();
    const before = looks;
    const answer = ask({ 'if-none-match': headers.etag ?? '', prefer: `wait=${seconds}` });
    await waitFor(() => looks >= before + 2, { what: 'two looks' });
    return { answer, tag: headers.etag };
  }

  it('waits for other news where it is asked to, and tells them within a second', async () => {
    const { answer, tag } = await waiting(30);
    news = 'ill';
    const { body, headers, took } = await answer;
    expect(body).to.include('"news":"ill"');
    expect(headers.etag)
      .to.match(/^"[-\w]+"$/)
      .and.not.equal(tag);
    expect(took).to.be.below(3_000);
  });

  it('answers after as long as it was asked to wait, with all of it', async () => {
    const { answer, tag } = await waiting(1);
    const { body, headers, took } = await answer;
    expect([body.includes('"news":"well"'), headers.etag]).to.deep.equal([true, tag]);
    expect(took).to.be.within(990, 3_000);
  });

  for (const [what, headers] of Object.entries<OutgoingHttpHeaders>({
    'nobody asks it to wait': {},
    'other news are known': { 'if-none-match': '"other"', prefer: 'wait=30' },
    'it is not told what is known': { prefer: 'wait=30' },
    'the wish is not one': { 'if-none-match': '"x"', prefer: 'wait=soon, respond-async' },
  })) {
    it(`answers at once where ${what}`, async () => {
      expect((await ask(headers)).took).to.be.below(2_000);
    });
  }

  it('lets sixteen wait and answers others at once', async () => {
    const { headers } = await ask();
    const wish = { 'if-none-match': headers.etag ?? '', prefer: 'wait=30' };
    const answers: number[] = [];
    const all = Array.from({ length: 17 }, () => ask(wish).then(({ took }) => answers.push(took)));
    await Promise.race(all);
    expect(answers).to.have.lengthOf(1);
    news = 'ill';
    await Promise.all(all);
  });

  it('lets others wait in the place of those who have gone', async () => {
    const { headers } = await ask();
    const wish = { 'if-none-match': headers.etag ?? '', prefer: 'wait=30' };
    const address = { host: '127.0.0.1', port: probes.port, path: '/status', agent: false, headers: wish };
    const gone = Array.from({ length: 16 }, () => get(address).once('error', () => {}));
    await waitFor(() => looks > 16, { what: 'sixteen to wait' });
    for (const request of gone) request.destroy();
    const isWaiting = async () => (await ask({ ...wish, prefer: 'wait=1' })).took > 900;
    await waitFor(isWaiting, { what: 'another one to wait' });
  });
});
