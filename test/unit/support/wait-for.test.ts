/** Tests that wait get what they waited for, or an error that says what it was. */
import { expect } from 'chai';
import { waitFor } from '../../support/wait-for.ts';

describe('waitFor', () => {
  it('returns what the condition returned, 0 and "" included', async () => {
    const answers = [undefined, null, false, 0];
    expect(await waitFor(() => answers.shift(), { what: 'a number', interval: 1 })).to.equal(0);
    expect(await waitFor(async () => '', { what: 'a string' })).to.equal('');
  });

  it('gives up with what it waited for and the last error', async () => {
    const cause = new Error('refused');
    const error = await waitFor(() => Promise.reject(cause), { what: () => 'the server', timeout: 5 }).catch((e) => e);
    expect(error.message).to.equal('waiting for the server: not so after 5 ms');
    expect(error.cause).to.equal(cause);
  });
});
