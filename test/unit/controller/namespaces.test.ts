import { expect } from 'chai';
import { createLogger } from '../../../common/logger.ts';
import { createKubeClient, type KubeClient } from '../../../controller/kube/client.ts';
import type { Change } from '../../../controller/kube/informer.ts';
import type { NamespaceObject } from '../../../controller/kube/objects.ts';
import { createNamespaces, type Namespaces } from '../../../controller/namespaces.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  answerJson,
  type FakeApiServer,
  type FakeHandler,
  refuse,
  startFakeApiServer,
} from './kube/fake-api-server.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

/** Milliseconds between two looks. */
const EVERY = 30_000;

describe('namespaces that are asked for', () => {
  let server: FakeApiServer;
  let client: KubeClient;
  let namespaces: Namespaces;
  let clock: ManualClock;
  let changes: Change<NamespaceObject>[];
  let log: { level: string; namespace: string; why?: string; msg: string }[];
  /** By the name of the namespace. */
  let answers: Record<string, FakeHandler>;

  beforeEach(async () => {
    server = await startFakeApiServer();
    client = createKubeClient({ kubeconfig: server.kubeconfig() });
    clock = createManualClock();
    changes = [];
    log = [];
    answers = { one: there('one', '1'), two: there('two', '1') };
    server.respond((request, response) => answers[request.path.split('/').at(-1) ?? '']?.(request, response));
    namespaces = createNamespaces({
      client,
      names: ['one', 'two'],
      onChange: (change) => changes.push(change),
      logger: createLogger('info', { write: (line) => log.push(JSON.parse(line)) }),
      every: EVERY,
      clock,
    });
  });

  afterEach(async () => {
    await namespaces.stop();
    await client.close();
    await server.close();
  });

  const start = async () => {
    namespaces.start();
    await namespaces.synced;
    changes.length = 0;
  };

  /** Lets the time of the next look come, and the answers too. */
  const look = async (times = 1) => {
    for (let time = 0; time < times; time++) {
      const before = server.requests.length;
      await clock.advance(EVERY);
      await waitFor(() => server.requests.length > before, { what: 'a look' });
    }
  };

  /** Until both were asked for after the failure, so that its answer was taken. */
  const failedTwice = async (name: string) => {
    const asked = () => server.requests.filter(({ path }) => path.endsWith(`/${name}`)).length;
    const until = asked() + 3;
    await waitFor(
      async () => {
        await clock.advance(EVERY);
        return asked() >= until;
      },
      { what: `${name} to be asked for again and again` },
    );
  };

  it('are told of when they come, change and go', async () => {
    namespaces.start();
    await namespaces.synced;
    expect(changes.map(({ after }) => after?.metadata.name)).to.have.members(['one', 'two']);
    expect(namespaces.isSynced()).to.equal(true);
    answers.one = there('one', '2');
    await look();
    await waitFor(() => changes.length === 3, { what: 'the change' });
    expect(changes.at(-1)?.before?.metadata.resourceVersion).to.equal('1');
    answers.one = gone('one');
    await look();
    await waitFor(() => changes.length === 4, { what: 'the end' });
    expect(changes.at(-1)).to.have.all.keys('before');
    expect(namespaces.get(undefined, 'one')).to.equal(undefined);
    expect(namespaces.unknown('one')).to.equal(undefined);
  });

  const failures: Readonly<Record<string, FakeHandler>> = {
    'a 503': (_, response) => refuse(response, 503, 'ServiceUnavailable'),
    'a 500 without a word': (_, response) => response.writeHead(500).end(),
    'a 403': (_, response) => refuse(response, 403, 'Forbidden', 'User "x" cannot get resource "namespaces"'),
    'a 401': (_, response) => refuse(response, 401, 'Unauthorized'),
    'a 429': (_, response) => refuse(response, 429, 'TooManyRequests'),
    'a cut connection': (_, response) => response.destroy(),
    "a proxy's 404": (_, response) => response.writeHead(404).end('404 page not found\n'),
    "a 404 about another server's paths": (_, response) =>
      refuse(response, 404, 'NotFound', 'the server could not find the requested resource'),
    'a page of a proxy': (_, response) => response.end('<html>please log in</html>'),
    'an empty answer': (_, response) => response.end(),
    'an empty object': (_, response) => answerJson(response, {}),
    null: (_, response) => answerJson(response, null),
    'an object of another name': there('another', '7'),
    'a list': (_, response) => answerJson(response, { metadata: { resourceVersion: '5' }, items: [] }),
  };
  for (const [what, answer] of Object.entries(failures)) {
    it(`stay what they were over ${what}`, async () => {
      await start();
      answers.one = answer;
      await failedTwice('one');
      expect(namespaces.get(undefined, 'one')?.metadata.resourceVersion).to.equal('1');
      expect(namespaces.unknown('one')).to.equal(undefined);
      expect(changes).to.deep.equal([]);
    });

    it(`are unknown, not gone, where ${what} is the first answer`, async () => {
      answers.one = answer;
      await start();
      expect(namespaces.unknown('one')).to.be.a('string').that.is.not.empty;
      expect(namespaces.unknown('two')).to.equal(undefined);
      answers.one = there('one', '1');
      await clock.advance(EVERY);
      await waitFor(() => namespaces.unknown('one') === undefined, { what: 'the namespace to be known' });
      await waitFor(() => changes.length === 1, { what: 'the namespace to be told of' });
    });
  }

  it('are asked for again soon after a failure, and less often later', async () => {
    await start();
    answers.one = failures['a 503'] ?? there('one', '1');
    await clock.advance(EVERY);
    await waitFor(() => log.length > 0, { what: 'the failure' });
    const asked = () => server.requests.filter(({ path }) => path.endsWith('/one')).length;
    const before = asked();
    await clock.advance(1_000);
    await waitFor(() => asked() === before + 1, { what: 'another attempt' });
  });

  it('are told of once in the log when they fail, and when they can be read again', async () => {
    await start();
    answers.one = failures['a 503'] ?? there('one', '1');
    await failedTwice('one');
    answers.one = there('one', '1');
    await clock.advance(EVERY);
    await waitFor(() => log.length === 2, { what: 'the second line' });
    expect(log.map(({ level, namespace, msg }) => `${level} ${namespace} ${msg}`)).to.deep.equal([
      'warn one the namespace can not be read',
      'info one the namespace can be read again',
    ]);
  });

  it('do not wait for one that hangs', async () => {
    await start();
    answers.one = () => {};
    answers.two = there('two', '2');
    await clock.advance(EVERY);
    await waitFor(() => changes.length === 1, { what: 'the other one' });
    answers.two = there('two', '3');
    await clock.advance(EVERY);
    await waitFor(() => changes.length === 2, { what: 'the other one again' });
    expect(namespaces.get(undefined, 'one')?.metadata.resourceVersion).to.equal('1');
  });
});

function there(name: string, resourceVersion: string): FakeHandler {
  return (_, response) => answerJson(response, { metadata: { name, uid: name, resourceVersion } });
}

/** As the API server says it. */
function gone(name: string): FakeHandler {
  return (_, response) => refuse(response, 404, 'NotFound', `namespaces "${name}" not found`);
}
