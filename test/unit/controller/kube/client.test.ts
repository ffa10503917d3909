import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  createKubeClient,
  type KubeClient,
  KubeError,
  saysAbsent,
  saysTerminating,
} from '../../../../controller/kube/client.ts';
import { createCertificate } from '../../../support/certificate.ts';
import { freePort } from '../../../support/free-port.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { collect } from './collect.ts';
import {
  answerJson,
  type FakeApiServer,
  type FakeHandler,
  refuse,
  startFakeApiServer,
  statusObject,
} from './fake-api-server.ts';

/** Some API servers' words for a path under which they serve nothing. */
const UNKNOWN = 'the server could not find the requested resource';
const TOKEN = 'a-token-that-nobody-may-see';

describe('client of the API server', () => {
  let server: FakeApiServer;
  let client: KubeClient;

  beforeEach(async () => {
    server = await startFakeApiServer();
    client = createKubeClient({ kubeconfig: server.kubeconfig({ token: TOKEN }) });
  });

  afterEach(async () => {
    await client.close();
    await server.close();
  });

  it('sends JSON with the token and returns the JSON of the answer', async () => {
    server.respond((_, response) => answerJson(response, { kind: 'Lease' }, 201));
    const query = { fieldManager: 'kubeless-triggers', force: 'true' };
    const answer = await client.request({
      method: 'PATCH',
      path: '/api/v1/things/a',
      query,
      body: { metadata: { name: 'ä' } },
      contentType: 'application/apply-patch+yaml',
    });

    expect(answer).to.deep.equal({ kind: 'Lease' });
    const [request] = server.requests;
    expect(request).to.deep.include({ method: 'PATCH', path: '/api/v1/things/a', query });
    expect(request?.body).to.equal('{"metadata":{"name":"ä"}}');
    expect(request?.headers).to.include({
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/apply-patch+yaml',
      accept: 'application/json',
    });
  });

  it('rejects with the sentence, reason and status of the server', async () => {
    server.respond((_, response) => refuse(response, 409, 'Conflict', 'the object has been modified'));
    expect(await failure(get())).to.include({
      status: 409,
      reason: 'Conflict',
      message: 'the object has been modified',
    });
  });

  const absences: readonly [what: string, body: string, says: boolean][] = [
    ['the object', JSON.stringify(statusObject(404, 'NotFound', 'namespaces "a" not found')), true],
    ['a path, as text', '404 page not found\n', false],
    ['a path, as an object', JSON.stringify(statusObject(404, 'NotFound', UNKNOWN)), false],
    ['who knows what', '{"error":"no route"}', false],
    ['nothing', '', false],
  ];
  for (const [what, body, says] of absences) {
    it(`${says ? 'takes' : "doesn't take"} an object for absent over a 404 about ${what}`, async () => {
      server.respond((_, response) => response.writeHead(404).end(body));
      const error = await failure(get());
      expect(error).to.include({ status: 404 });
      expect(saysAbsent(error)).to.equal(says);
    });
  }

  it('tells a namespace that is about to go from other refusals', async () => {
    const refused = async (details: object) => {
      server.respond((_, response) => answerJson(response, { ...statusObject(403, 'Forbidden'), details }, 403));
      return failure(get());
    };
    const terminating = await refused({ causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] });
    expect(terminating).to.include({ status: 403, reason: 'NamespaceTerminating' });
    expect(saysTerminating(terminating)).to.equal(true);
    for (const details of [{}, { causes: [] }, { causes: [{ reason: 'FieldValueInvalid' }] }]) {
      expect(saysTerminating(await refused(details))).to.equal(false);
    }
  });

  const retryAfters = [
    { name: 'the header', header: '3', details: {}, expected: 3_000 },
    { name: 'the details, without a header', header: undefined, details: { retryAfterSeconds: 2 }, expected: 2_000 },
    { name: 'no more than five minutes of it', header: '86400', details: {}, expected: 300_000 },
    { name: 'nothing of a date', header: 'Wed, 21 Oct 2015 07:28:00 GMT', details: {}, expected: undefined },
  ];
  for (const { name, header, details, expected } of retryAfters) {
    it(`takes how long to wait from ${name}`, async () => {
      server.respond((_, response) => {
        if (header !== undefined) response.setHeader('retry-after', header);
        answerJson(response, { ...statusObject(429, 'TooManyRequests'), details }, 429);
      });
      expect((await failure(get())).retryAfterMs).to.equal(expected);
    });
  }

  it('gives the answer of a proxy a reason, and keeps its page out of the message', async () => {
    server.respond((_, response) => response.writeHead(503).end('<html>secret</html>'));
    expect(await failure(get())).to.include({
      status: 503,
      reason: 'ServiceUnavailable',
      message: 'HTTP 503 without a Status object',
    });
  });

  it('says that there was no answer: refused, cut, silent, not JSON', async () => {
    server.respond((_, response) => response.socket?.destroy());
    expect(await failure(get())).to.include({ status: 0, reason: 'NoAnswer' });
    server.respond(() => {});
    expect(await failure(get(20))).to.include({ status: 0, reason: 'Timeout', message: 'no answer within 20 ms' });
    server.respond((_, response) => response.writeHead(200).write('{"half":'));
    expect(await failure(get(20))).to.include({ status: 0, reason: 'Timeout' });
    server.respond((_, response) => response.writeHead(200).end('secret'));
    expect(await failure(get())).to.include({ status: 0, reason: 'InvalidAnswer', message: 'the answer is not JSON' });

    const gone = createKubeClient({
      kubeconfig: server.kubeconfig(
        {},
        { server: `http://127.0.0.1:${await freePort()}`, 'insecure-skip-tls-verify': true },
      ),
    });
    const refused = await failure(gone.request({ method: 'GET', path: '/' }));
    expect(refused.message).to.match(/^no answer: connect ECONNREFUSED/);
    await gone.close();
  });

  it('rejects with the reason of the caller who gives up, before and during the call', async () => {
    server.respond(() => controller.abort(new Error('stopping')));
    const controller = new AbortController();
    const call = () => client.request({ method: 'GET', path: '/', signal: controller.signal });
    expect(await reasonOf(call())).to.have.property('message', 'stopping');
    expect(await reasonOf(call())).to.have.property('message', 'stopping');
    expect(server.requests).to.have.length(1);
  });

  it('ends what runs when it is closed', async () => {
    server.respond(() => void client.close());
    expect(await failure(get())).to.include({ reason: 'Closed' });
  });

  it('has no credential in any error', async () => {
    const answers: readonly FakeHandler[] = [
      (_, response) => response.writeHead(401).end(),
      (_, response) => response.socket?.destroy(),
      (_, response) => response.end(TOKEN),
    ];
    for (const answer of answers) {
      server.respond(answer);
      const error = await failure(get());
      expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.to.include(TOKEN);
    }
    writeFileSync(join(server.folder, 'kubeconfig'), `users: [{"token": "${TOKEN}"`);
    expect(() => createKubeClient({ kubeconfig: join(server.folder, 'kubeconfig') })).to.throw(/: not YAML$/);
  });

  it('names the contexts that there are when it is asked for another', () => {
    const source = { kubeconfig: server.kubeconfig(), context: 'other' };
    expect(() => createKubeClient(source)).to.throw('no cluster for the context other; it has fake');
  });

  it('trusts the certificate authority of the kubeconfig and no other', async () => {
    const certificate = createCertificate();
    const secure = await startFakeApiServer(certificate);
    secure.respond((_, response) => answerJson(response, { secure: true }));
    const authority = Buffer.from(certificate.cert).toString('base64');
    const trusting = createKubeClient({
      kubeconfig: secure.kubeconfig({}, { 'certificate-authority-data': authority }),
    });
    expect(await trusting.request({ method: 'GET', path: '/' })).to.deep.equal({ secure: true });
    const careful = createKubeClient({ kubeconfig: secure.kubeconfig({}, {}) });
    expect(await failure(careful.request({ method: 'GET', path: '/' }))).to.include({ status: 0, reason: 'NoAnswer' });
    const careless = createKubeClient({ kubeconfig: secure.kubeconfig({}, { 'insecure-skip-tls-verify': true }) });
    await careless.request({ method: 'GET', path: '/' });
    await Promise.all([trusting, careful, careless].map((each) => each.close()));
    await secure.close();
  });

  describe('watch', () => {
    it('asks for what it is told and gives the events until the server ends', async () => {
      const events = [event('ADDED', 'a', '1'), event('BOOKMARK', '', '2')];
      server.respond((_, response) => response.end(events.map((each) => `${JSON.stringify(each)}\n`).join('')));
      expect(await collect(watch())).to.deep.equal(events);
      expect(server.requests[0]?.query).to.deep.equal({ watch: '1', timeoutSeconds: '240' });
    });

    it('throws what the server says, and that it was cut', async () => {
      server.respond((_, response) => refuse(response, 410, 'Expired', 'too old'));
      expect(await failure(collect(watch()))).to.include({ status: 410, reason: 'Expired' });
      server.respond((_, response) => {
        response.write(`${JSON.stringify(event('ADDED', 'a', '1'))}\n{"type":`, () => response.socket?.destroy());
      });
      expect(await failure(collect(watch()))).to.include({ status: 0, reason: 'NoAnswer' });
    });

    it('is closed when nobody reads on, and when its signal says so', async () => {
      let closed = 0;
      server.respond((_, response) => {
        response.on('close', () => closed++);
        response.write(`${JSON.stringify(event('ADDED', 'a', '1'))}\n`);
      });
      for await (const { object } of watch()) {
        expect(object.metadata.name).to.equal('a');
        break;
      }
      const controller = new AbortController();
      const reading = (async () => {
        for await (const _ of watch(controller.signal)) controller.abort(new Error('enough'));
      })();
      expect(await reasonOf(reading)).to.have.property('message', 'enough');
      await waitFor(() => closed === 2, { what: 'both connections to be closed' });
    });
  });

  const get = (timeoutMs?: number) =>
    client.request({ method: 'GET', path: '/api/v1/things', ...(timeoutMs !== undefined && { timeoutMs }) });

  const watch = (signal = new AbortController().signal) =>
    client.watch('/api/v1/things', { timeoutSeconds: '240' }, signal);
});

function event(type: string, name: string, resourceVersion: string) {
  return { type, object: { kind: 'Thing', metadata: { name, resourceVersion } } };
}

async function failure(call: Promise<unknown>): Promise<KubeError> {
  const error = await reasonOf(call);
  expect(error).to.be.an.instanceOf(KubeError);
  return error as KubeError; // just checked
}

function reasonOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail('it was not rejected'),
    (reason: unknown) => reason,
  );
}
