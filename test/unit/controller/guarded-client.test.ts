import { expect } from 'chai';
import { createLogger } from '../../../common/logger.ts';
import { type Requests, whileLeading, withoutWriting } from '../../../controller/guarded-client.ts';
import type { KubeRequest } from '../../../controller/kube/client.ts';

function recording(): { readonly client: Requests; readonly requests: KubeRequest[] } {
  const requests: KubeRequest[] = [];
  return {
    requests,
    client: {
      // Nobody looks at the answer.
      request: async <T>(asked: KubeRequest) => {
        requests.push(asked);
        return {} as T;
      },
    },
  };
}

describe('a guarded client', () => {
  it('writes while it leads, and reads in any case', async () => {
    const { client, requests } = recording();
    let leads = true;
    const guarded = whileLeading(client, () => leads);
    await guarded.request({ method: 'PATCH', path: '/a' });
    leads = false;
    await guarded.request({ method: 'GET', path: '/b' });
    const refusal = await guarded.request({ method: 'DELETE', path: '/c' }).catch((error: Error) => error);
    expect(refusal).to.be.an('error').with.property('message', 'writing /c: another replica may lead by now');
    expect(requests.map(({ path }) => path)).to.deep.equal(['/a', '/b']);
  });

  it('lets the API server judge what it would write in a dry run, and says it once', async () => {
    const { client, requests } = recording();
    const lines: string[] = [];
    const logger = createLogger('info', { write: (line) => lines.push(line) });
    const dry = withoutWriting(client, logger);
    for (let time = 0; time < 2; time++) await dry.request({ method: 'PATCH', path: '/a', query: { force: 'true' } });
    await dry.request({ method: 'GET', path: '/a' });
    expect(requests.map(({ query }) => query)).to.deep.equal([
      { force: 'true', dryRun: 'All' },
      { force: 'true', dryRun: 'All' },
      undefined,
    ]);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include('this would be written').and.include('"path":"/a"');
  });
});
