import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { PodObject } from '../../../../controller/kube/objects.ts';
import { type ReadingOptions, readDispatcherStatus } from '../../../../controller/status/dispatcher-reading.ts';
import { aDispatcherStatus } from '../../../support/dispatcher-status.ts';

describe('reading the status of a dispatcher', () => {
  let server: Server | undefined;
  let asked: string[];

  beforeEach(() => {
    [server, asked] = [undefined, []];
  });
  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
  });

  const pod = (spec: PodObject['spec'] = {}, podIP: string | undefined = '127.0.0.1'): PodObject => ({
    metadata: { name: 'p', namespace: 'shop', uid: 'u', resourceVersion: '1' },
    spec,
    status: { phase: 'Running', ...(podIP !== undefined && { podIP }) },
  });

  async function answered(listener: RequestListener, options: ReadingOptions = {}) {
    const listening = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      listener(request, response);
    });
    server = listening;
    await new Promise<void>((resolve) => {
      listening.listen(0, '127.0.0.1', resolve);
    });
    const { port } = listening.address() as AddressInfo; // a TCP server that listens has one
    return await readDispatcherStatus(pod(), { ...options, addressOf: () => ({ host: '127.0.0.1', port }) });
  }

  const json = (body: unknown) => answered((_, response) => response.end(JSON.stringify(body)));
  const whyOf = (reading: object) => ('why' in reading ? String(reading.why) : '');

  it('asks for /status alone, and keeps what a dispatcher says', async () => {
    const status = aDispatcherStatus();
    expect(await json(status)).to.deep.equal({ pod: 'p', status });
    expect(asked).to.deep.equal(['GET /status']);
  });

  it('keeps nothing that it does not know, and cuts texts to one short line', async () => {
    const blocked = { partition: 'p', position: '1', attempts: 1, records: 1, age: 1, extra: 1 };
    const said = {
      ...aDispatcherStatus({ connected: false }),
      why: `a\n\u202eb${'c'.repeat(300)}`,
      newer: {},
      blocked,
    };
    const reading = await json(said);
    if (!('status' in reading)) throw new Error(whyOf(reading));
    expect(reading.status.why).to.match(/^a b?c*…$/);
    expect(Buffer.byteLength(reading.status.why ?? '')).to.equal(256);
    expect(reading.status).to.not.have.property('newer');
    expect(reading.status.blocked).to.not.have.property('extra');
  });

  it('keeps the whole sentence on a hold with its cure', async () => {
    const why = `why ${'w'.repeat(600)} and the cure`;
    const reading = await json(aDispatcherStatus({ heldBack: { reason: 'NothingArrives', why } }));
    if (!('status' in reading)) throw new Error(whyOf(reading));
    expect(reading.status.heldBack).to.deep.equal({ reason: 'NothingArrives', why });
  });

  it('cuts a sentence on a hold that is longer than any of ours', async () => {
    const why = 'why '.repeat(2000);
    const longer = await json(aDispatcherStatus({ heldBack: { reason: 'r'.repeat(9000), why: `a\n${why}` } }));
    if (!('status' in longer)) throw new Error(whyOf(longer));
    const { heldBack } = longer.status;
    expect([heldBack?.reason.length, Buffer.byteLength(heldBack?.why ?? '')]).to.deep.equal([254, 800]);
    expect(heldBack?.why).to.match(/^a why/);
  });

  const wrong: readonly [string, string, unknown][] = [
    ['a number', 'not a dispatcher', 7],
    ['a field missing', 'not a dispatcher', { ...aDispatcherStatus(), connected: undefined }],
    ['a count below 0', '/retrying', { ...aDispatcherStatus(), retrying: -1 }],
    ['a count with a fraction', '/retrying', { ...aDispatcherStatus(), retrying: 1.5 }],
    ['a count that no status can hold', '/deadLettered', { ...aDispatcherStatus(), deadLettered: 2 ** 53 }],
    ['a count without end', '/delivered', { ...aDispatcherStatus(), delivered: 1e300 }],
    ['a count that is not a number', '/retrying', { ...aDispatcherStatus(), retrying: 'NaN' }],
    ['a lag below 0', '/lag', { ...aDispatcherStatus(), lag: { known: true, records: -1, partitions: [] } }],
    ['a count that is text', '/deadLettered', { ...aDispatcherStatus(), deadLettered: '7' }],
    ['a hold that is text', '/heldBack', { ...aDispatcherStatus(), heldBack: 'x' }],
    ['a hold without its sentence', '/heldBack', { ...aDispatcherStatus(), heldBack: { reason: 'x' } }],
    ['a lag without its records', '/lag', { ...aDispatcherStatus(), lag: { known: true } }],
  ];
  for (const [name, part, body] of wrong) {
    it(`refuses ${name}`, async () => {
      expect(whyOf(await json(body)))
        .to.include('not a dispatcher')
        .and.include(part);
    });
  }

  it('refuses what is not JSON, without repeating it', async () => {
    const reading = await answered((_, response) => response.end('<secret>'));
    expect(whyOf(reading)).to.equal('its answer is not JSON');
  });

  it('follows no redirect', async () => {
    const reading = await answered((_, response) => response.writeHead(302, { location: '/other' }).end());
    expect([whyOf(reading), asked.length]).to.deep.equal(['it answered 302', 1]);
  });

  it('takes an answer that switches to another protocol for a wrong one', async () => {
    const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n';
    const reading = await answered(({ socket }) => void socket.write(switching));
    expect(reading).to.deep.equal({ pod: 'p', why: 'it answered 101', answered: true });
  });

  it('stops reading after 64 KiB', async () => {
    const reading = await answered((_, response) => response.end(Buffer.alloc(1_000_000, ' ')));
    expect(whyOf(reading)).to.include('longer than 65536 bytes');
  });

  it('gives up after two seconds, also on an answer that never ends', async function () {
    this.timeout(5_000);
    const startedAt = performance.now();
    const reading = await answered((_, response) => response.write('{'));
    expect(whyOf(reading)).to.equal('no answer within 2000 ms');
    expect(performance.now() - startedAt).to.be.within(1900, 3500);
  });

  it("does not ask a pod on its host's network, nor one without an address", async () => {
    expect(whyOf(await readDispatcherStatus(pod({ hostNetwork: true })))).to.include("host's network");
    const { status: _status, ...without } = pod();
    expect(whyOf(await readDispatcherStatus(without))).to.include('no address');
  });

  it('asks a dispatcher to wait for other news, and keeps how those are called', async () => {
    const status = aDispatcherStatus();
    const wait = { tag: '"a-_9"', seconds: 1, signal: new AbortController().signal };
    const reading = await answered(
      ({ headers }, response) => {
        asked.push(`${headers['if-none-match']} ${headers.prefer}`);
        setTimeout(() => response.writeHead(200, { etag: '"b"' }).end(JSON.stringify(status)), 2_300);
      },
      { wait },
    );
    expect(asked).to.deep.equal(['GET /status', '"a-_9" wait=1']);
    expect(reading).to.deep.equal({ pod: 'p', status, tag: '"b"' });
  });

  it('gives the reading that it had where the answer is the same, on the same connection', async () => {
    const status = aDispatcherStatus();
    const sockets = new Set<unknown>();
    const answer: RequestListener = (request, response) => {
      sockets.add(request.socket);
      response
        .writeHead(200, { etag: '"a"' })
        .end(JSON.stringify({ ...status, retrying: Math.floor(asked.length / 4) }));
    };
    const { signal } = new AbortController();
    let before = await answered(answer, { wait: { tag: '"a"', seconds: 1, signal } });
    const { port = 0 } = (server?.address() ?? {}) as Partial<AddressInfo>; // it listens
    const same: boolean[] = [];
    for (let question = 0; question < 4; question++) {
      const wait = { tag: '"a"', seconds: 1, signal, before };
      const reading = await readDispatcherStatus(pod(), { addressOf: () => ({ host: '127.0.0.1', port }), wait });
      same.push(reading === before);
      before = reading;
    }
    expect(same).to.deep.equal([true, true, false, true]);
    expect(before).to.have.nested.property('status.retrying', 1);
    expect(sockets.size).to.equal(1);
  });

  it('ends a question that waits when it is told to', async () => {
    const controller = new AbortController();
    const wait = { tag: '"a"', seconds: 30, signal: controller.signal };
    const startedAt = performance.now();
    expect(whyOf(await answered(() => controller.abort(), { wait }))).to.include('abort');
    expect(performance.now() - startedAt).to.be.below(2_000);
  });

  for (const etag of ['W/"1"', 'plain', `"${'x'.repeat(65)}"`, '"a b"', '"é"']) {
    it(`keeps no name of news such as ${etag.slice(0, 9)}`, async () => {
      const status = aDispatcherStatus();
      const reading = await answered((_, response) => response.writeHead(200, { etag }).end(JSON.stringify(status)));
      expect(reading).to.deep.equal({ pod: 'p', status });
    });
  }

  it('says in words that nothing listens', async () => {
    const reading = await readDispatcherStatus(pod(), { addressOf: () => ({ host: '127.0.0.1', port: 1 }) });
    expect(whyOf(reading)).to.include('ECONNREFUSED');
  });
});
