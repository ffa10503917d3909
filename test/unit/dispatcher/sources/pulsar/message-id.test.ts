import { expect } from 'chai';
import {
  comparePositions,
  decodeMessageId,
  eventIdOf,
  positionOf,
} from '../../../../../dispatcher/sources/pulsar/message-id.ts';

const decode = (hex: string) => decodeMessageId(Buffer.from(hex, 'hex'));

describe('Pulsar message id', () => {
  it('decodes what brokers send', () => {
    const none = { partition: -1, batchIndex: -1, batchSize: 0 };
    expect(decode('080510003000')).to.deep.equal({ ledger: 5, entry: 0, ...none });
    expect(decode('0805100220013003')).to.deep.equal({
      ledger: 5,
      entry: 2,
      partition: -1,
      batchIndex: 1,
      batchSize: 3,
    });
    expect(decode('08acb18ef10110031802')).to.deep.equal({ ...none, ledger: 505_649_324, entry: 3, partition: 2 });
  });

  it('takes a negative number for none, and skips what it does not know', () => {
    expect(decode('0805100018ffffffffffffffffff01').partition).to.equal(-1);
    expect(decode('08051000280128023a020801').entry).to.equal(0);
  });

  it('refuses what is none', () => {
    for (const hex of ['', '0805', '08', '0805100f0d']) expect(() => decode(hex), hex).to.throw('message id');
  });

  it('makes positions and ids that are stable and unique', () => {
    const id = { ledger: 12, entry: 345, partition: 3, batchIndex: -1, batchSize: 0 };
    expect([positionOf(id), eventIdOf(id)]).to.deep.equal(['12:345:0', '12:345:3:0']);
    expect(positionOf({ ...id, batchIndex: 7, batchSize: 9 })).to.equal('12:345:7');
  });

  it('compares positions by their numbers', () => {
    const sorted = ['2:10:0', '9:9:9', '9:10:0', '9:10:2', '9:10:10', '10:0:0', '100:0:0'];
    expect([...sorted].reverse().sort(comparePositions)).to.deep.equal(sorted);
    expect(comparePositions('9:10:2', '9:10:2')).to.equal(0);
    expect(comparePositions('9:10:2', '9:10:1')).to.be.above(0);
  });
});
