import { expect } from 'chai';
import { createLogger } from '../../../../common/logger.ts';
import { createKubeClient, type KubeClient } from '../../../../controller/kube/client.ts';
import { createInformer, type Informer, type InformerOptions } from '../../../../controller/kube/informer.ts';
import type { KubeObject } from '../../../../controller/kube/objects.ts';
import { waitFor } from '../../../support/wait-for.ts';
import {
  answerJson,
  type FakeApiServer,
  type FakeHandler,
  refuse,
  startFakeApiServer,
  statusObject,
} from './fake-api-server.ts';
import { lines, list, open, refused, thing } from './fake-things.ts';

describe('informer', () => {
  let server: FakeApiServer;
  let client: KubeClient;
  let informer: Informer<KubeObject>;
  let changes: string[];
  /** Names of those that the watch told to be deleted. */
  let deleted: (string | undefined)[];
  let logged: { level: string; msg: string; why?: string }[];
  /** Taken one a request; the last one stays. */
  let lists: FakeHandler[];
  let watches: FakeHandler[];

  beforeEach(async () => {
    server = await startFakeApiServer();
    client = createKubeClient({ kubeconfig: server.kubeconfig() });
    changes = [];
    deleted = [];
    logged = [];
    lists = [list('10')];
    watches = [open()];
    server.respond((request, response) => {
      const answers = request.query.watch === undefined ? lists : watches;
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      answer?.(request, response);
    });
    informer = create();
  });

  afterEach(async () => {
    await informer.stop();
    await client.close();
    await server.close();
  });

  it('lists page by page, then tells what the watch says', async () => {
    lists = [list('10', [thing('a', '1')], 'next'), list('10', [thing('b', '2')])];
    watches = [open(['ADDED', thing('c', '11')], ['MODIFIED', thing('a', '12')], ['DELETED', thing('b', '13')])];
    expect(informer).to.include({ lastEventAt: undefined });
    expect(informer.isSynced()).to.equal(false);
    informer.start();
    await informer.synced;
    expect(changes.slice(0, 2)).to.deep.equal(['+a1', '+b2']);
    expect(informer.isSynced()).to.equal(true);
    await told('+c11', 'a1→12', '-b2');

    expect([...informer.list()].map(({ metadata }) => metadata.name)).to.have.members(['a', 'c']);
    expect(informer.get('ns', 'a')?.metadata.resourceVersion).to.equal('12');
    expect(informer.get('ns', 'b')).to.equal(undefined);
    expect(informer.lastEventAt).to.be.closeTo(performance.now(), 5_000);
    const [first, second, watch] = server.requests.map(({ query }) => query);
    expect(first).to.deep.equal({ labelSelector: 'x=y', limit: '100' });
    expect(second).to.deep.equal({ labelSelector: 'x=y', limit: '100', continue: 'next' });
    expect(watch).to.include({ labelSelector: 'x=y', watch: '1', resourceVersion: '10', allowWatchBookmarks: 'true' });
    expect(Number(watch?.timeoutSeconds)).to.be.within(240, 480);
  });

  it('starts the list over when it grew too old between two pages', async () => {
    lists = [list('10', [thing('a', '1')], 'next'), refused(410, 'Expired'), list('20', [thing('b', '2')])];
    informer.start();
    await told('+b2');
    expect(server.requests[2]?.query).not.to.have.property('continue');
  });

  it('goes on from the last bookmark or event when the watch ends, is cut in a line, or fails', async () => {
    watches = [
      (_, response) => response.end(lines(['BOOKMARK', thing('', '20')])),
      (_, response) => response.write(`${lines(['ADDED', thing('a', '21')])}{"type":"MODI`, () => response.destroy()),
      refused(500, 'InternalError'),
      (_, response) => response.end(lines(['ERROR', statusObject(500, 'InternalError', 'etcd has no leader')])),
      open(['MODIFIED', thing('a', '22')]),
    ];
    informer.start();
    await told('+a21', 'a21→22');
    expect(versions()).to.deep.equal(['10', '20', '21', '21', '21']);
    expect(server.requests.filter(({ query }) => query.watch === undefined)).to.have.length(1);
  });

  const expiries: [string, FakeHandler][] = [
    ['an answer', refused(410, 'Gone')],
    ['an event', (_, response) => response.end(lines(['ERROR', statusObject(410, 'Expired', 'too old')]))],
  ];
  for (const [name, expired] of expiries) {
    it(`lists anew after 410 as ${name}, and tells the difference only`, async () => {
      lists = [
        list(
          '10',
          ['kept', 'gone', 'changed', 'remade'].map((each) => thing(each, '1')),
        ),
        list('30', [thing('kept', '1'), thing('changed', '2'), thing('remade', '3', 'other'), thing('new', '4')]),
      ];
      watches = [expired, open(['ADDED', thing('later', '31')])];
      informer.start();
      await told('+later31');
      expect(changes.slice(4)).to.deep.equal(['-gone1', 'changed1→2', '-remade1', '+remade3', '+new4', '+later31']);
      expect(versions()).to.deep.equal(['10', '30']);
    });
  }

  it('gets through a storm of 500 and 429, and waits as long as it was asked to', async () => {
    const asked: FakeHandler = (_, response) => {
      response.setHeader('retry-after', '1');
      refuse(response, 429, 'TooManyRequests');
    };
    const times: number[] = [];
    const timed =
      (answer: FakeHandler): FakeHandler =>
      (request, response) => {
        times.push(performance.now());
        answer(request, response);
      };
    lists = [
      ...Array<FakeHandler>(5).fill(refused(500, 'InternalError')),
      timed(asked),
      timed(list('10', [thing('a', '1')])),
    ];
    informer.start();
    await told('+a1');
    const [refusedAt = 0, againAt = 0] = times;
    expect(againAt - refusedAt).to.be.at.least(990);
  });

  it('goes on after an event that is not JSON, and lists anew when it comes again and again', async () => {
    const garbage: FakeHandler = (_, response) => response.end('{"type": oops}\n');
    lists = [list('10'), list('40', [thing('a', '39')])];
    watches = [garbage, open(['ADDED', thing('a', '11')])];
    informer.start();
    await told('+a11');
    expect(versions()).to.deep.equal(['10', '10']);
    watches = [garbage, garbage, garbage, open()];
    server.cut();
    await told('a11→39');
    await waitFor(() => versions().at(-1) === '40', { what: 'a watch from the new list' });
  });

  it('goes on when a handler throws, and leaves out an object that cannot be trimmed', async () => {
    lists = [list('10', [thing('throws', '1'), thing('a', '2'), thing('strange', '3')])];
    watches = [open(['MODIFIED', thing('throws', '4')], ['ADDED', thing('strange', '5')], ['ADDED', thing('b', '6')])];
    informer.start();
    await told('+a2', '+b6');
    expect([...informer.list()].map(({ metadata }) => metadata.name)).to.deep.equal(['throws', 'a', 'b']);
    const errors = logged.filter(({ level }) => level === 'error').map(({ msg }) => msg);
    expect(errors).to.have.members([
      'a change was not handled',
      'a change was not handled',
      'an object was not understood',
      'an object was not understood',
    ]);
  });

  it('takes nothing for gone that a new list has but that cannot be trimmed', async () => {
    const spoilt = { ...thing('a', '20'), spoilt: true };
    lists = [list('10', [thing('a', '1'), thing('b', '2')]), list('30', [spoilt, thing('c', '3')])];
    watches = [refused(410, 'Expired'), open(['DELETED', thing('a', '31')])];
    informer.start();
    await told('+c3', '-b2', '-a1');
    expect(changes.indexOf('-a1')).to.equal(changes.length - 1);
    // Of the other one it is only known that it isn't in the list.
    expect(deleted).to.deep.equal(['a']);
  });

  it('does not take a page of a proxy for an empty list', async () => {
    lists = [(_, response) => answerJson(response, { welcome: true }), list('10', [thing('a', '1')])];
    informer.start();
    await told('+a1');
  });

  it('keeps its pace when watches end at once', async () => {
    watches = [(_, response) => response.end()];
    informer = create({ backoff: { min: 40, max: 40 } });
    informer.start();
    await informer.synced;
    const startedAt = performance.now();
    await waitFor(() => versions().length >= 6, { what: 'six watches' });
    expect(performance.now() - startedAt).to.be.at.least(5 * 20);
  });

  it('says once that it fails and why, and once that it works again', async () => {
    lists = [...Array<FakeHandler>(6).fill(refused(403, 'Forbidden', 'things is forbidden')), list('10')];
    informer.start();
    await informer.synced;
    const warnings = logged.filter(({ level }) => level === 'warn');
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include({ msg: 'watching failed', why: 'things is forbidden' });
    expect(logged.filter(({ msg }) => msg === 'watching works again')).to.have.length(1);
  });

  it('stops while it lists, waits or watches, and tells nothing afterwards', async () => {
    lists = [() => {}];
    informer.start();
    await waitFor(() => server.requests.length === 1, { what: 'the list' });
    await informer.stop();

    lists = [refused(500, 'InternalError')];
    informer = create({ backoff: { min: 60_000, max: 60_000 } });
    informer.start();
    await waitFor(() => logged.some(({ level }) => level === 'warn'), { what: 'the failure' });
    await informer.stop();

    lists = [list('10', [thing('a', '1')])];
    let write = (_: string) => {};
    watches = [
      (_, response) => {
        write = (text) => response.write(text);
        response.flushHeaders();
      },
    ];
    informer = create();
    informer.start();
    await waitFor(() => versions().length === 1, { what: 'the watch' });
    const stopping = informer.stop();
    write(lines(['ADDED', thing('b', '11')]));
    await stopping;
    expect(changes).to.deep.equal(['+a1']);
    expect(informer.get('ns', 'a')).not.to.equal(undefined);
  });

  function create(more: Partial<InformerOptions<KubeObject>> = {}): Informer<KubeObject> {
    return createInformer({ ...options(), ...more });
  }

  function options(): InformerOptions<KubeObject> {
    return {
      client,
      resource: 'things',
      path: '/api/v1/things',
      query: { labelSelector: 'x=y' },
      trim(raw) {
        if (raw.metadata.name === 'strange' || raw.spoilt === true) throw new Error('what is this?');
        return raw;
      },
      onChange({ before, after, isDeleted }) {
        if (isDeleted) deleted.push(before?.metadata.name);
        const name = (after ?? before)?.metadata.name;
        if (name === 'throws') throw new Error('handler');
        const [from, to] = [before, after].map((each) => each?.metadata.resourceVersion);
        changes.push(
          from === undefined ? `+${name}${to}` : to === undefined ? `-${name}${from}` : `${name}${from}→${to}`,
        );
      },
      logger: createLogger('debug', { write: (line: string) => void logged.push(JSON.parse(line)) }),
      backoff: { min: 5, max: 20 },
    };
  }

  async function told(...expected: readonly string[]): Promise<void> {
    const all = () => expected.every((each) => changes.includes(each));
    await waitFor(all, { what: () => `${expected}; there are ${changes}` });
  }

  /** What the watches so far began from. */
  function versions(): readonly (string | undefined)[] {
    return server.requests.filter(({ query }) => query.watch !== undefined).map(({ query }) => query.resourceVersion);
  }
});
