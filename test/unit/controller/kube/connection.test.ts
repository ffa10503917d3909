import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createConnection } from '../../../../controller/kube/connection.ts';
import { type FakeApiServer, startFakeApiServer } from './fake-api-server.ts';

describe('connection to the API server', () => {
  let server: FakeApiServer;
  let now = 0;

  beforeEach(async () => {
    server = await startFakeApiServer();
    now = 1_000_000;
  });
  afterEach(() => server.close());

  it('reads a token file again within a minute', async () => {
    const file = join(server.folder, 'token');
    const connection = connect({ 'auth-provider': { name: 'tokenFile', config: { tokenFile: file } } });
    writeFileSync(file, 'first\n');
    expect(await authorization(connection)).to.equal('Bearer first');
    writeFileSync(file, 'second\n');
    expect(await authorization(connection)).to.equal('Bearer first');
    now += 59_000;
    expect(await authorization(connection)).to.equal('Bearer second');
  });

  it('reads it again at once when the server refuses it, but not at every refusal', async () => {
    const connection = connect({ token: 'first' });
    expect(await authorization(connection)).to.equal('Bearer first');
    server.kubeconfig({ token: 'second' });
    now += 2_000;
    connection.refresh();
    expect(await authorization(connection)).to.equal('Bearer second');
    server.kubeconfig({ token: 'third' });
    connection.refresh();
    expect(await authorization(connection)).to.equal('Bearer second');
  });

  it('goes on with what it has while the file is being replaced, and says so when it has nothing', async () => {
    const connection = connect({ token: 'first' });
    const file = join(server.folder, 'kubeconfig');
    await connection.access();
    writeFileSync(file, '{');
    now += 60_000;
    expect(await authorization(connection)).to.equal('Bearer first');
    now += 2_000;
    connection.refresh();
    const error = await connection.access().catch((reason) => reason);
    expect(error).to.include({ status: 0, reason: 'NoCredentials' });
    expect(error.message).to.match(/^reading the credentials: reading the kubeconfig .*: not YAML$/);
    server.kubeconfig({ token: 'third' });
    expect(await authorization(connection)).to.equal('Bearer third');
  });

  it('runs the command of exec once for as long as its token is good', async () => {
    const calls = join(server.folder, 'calls');
    const script = `
      require('node:fs').appendFileSync(process.argv[1], 'x');
      const expirationTimestamp = new Date(Date.now() + 3_600_000).toISOString();
      console.log(JSON.stringify({ kind: 'ExecCredential', status: { token: 'made', expirationTimestamp } }));`;
    const connection = connect({ exec: { command: process.execPath, args: ['-e', script, calls] } });
    expect(existsSync(calls)).to.equal(false);
    expect(await authorization(connection)).to.equal('Bearer made');
    now += 60_000;
    expect(await authorization(connection)).to.equal('Bearer made');
    expect(readFileSync(calls, 'utf8')).to.equal('x');
    connection.refresh();
    now += 2_000;
    connection.refresh();
    await connection.access();
    expect(readFileSync(calls, 'utf8')).to.equal('xx');
  });

  it('keeps its connections while the certificates stay, and makes new ones when they change', async () => {
    const connection = connect({ token: 'first' });
    const { dispatcher } = await connection.access();
    server.kubeconfig({ token: 'second' });
    now += 60_000;
    expect((await connection.access()).dispatcher).to.equal(dispatcher);
    server.kubeconfig({ 'client-certificate-data': 'bmV3', token: 'second' });
    now += 60_000;
    expect((await connection.access()).dispatcher).not.to.equal(dispatcher);
  });

  it('says who it is by name and password, and as whom it acts', async () => {
    const { headers } = await connect({ username: 'me', password: 'secret', as: 'you' }).access();
    expect(headers).to.include({ Authorization: 'Basic bWU6c2VjcmV0', 'Impersonate-User': 'you' });
  });

  const connect = (user: Readonly<Record<string, unknown>>) =>
    createConnection({ kubeconfig: server.kubeconfig(user) }, () => now);
});

async function authorization(connection: ReturnType<typeof createConnection>): Promise<string | undefined> {
  return (await connection.access()).headers.Authorization;
}
