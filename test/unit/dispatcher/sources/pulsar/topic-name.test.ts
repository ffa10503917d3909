import { expect } from 'chai';
import {
  parseTopicName,
  partitionName,
  topicPath,
  uniqueTopics,
} from '../../../../../dispatcher/sources/pulsar/topic-name.ts';

describe('Pulsar topic name', () => {
  it('completes short names', () => {
    expect(parseTopicName('orders').full).to.equal('persistent://public/default/orders');
    expect(parseTopicName('shop/eu/orders').full).to.equal('persistent://shop/eu/orders');
    expect(parseTopicName('non-persistent://shop/eu/orders').full).to.equal('non-persistent://shop/eu/orders');
  });

  it('refuses other forms', () => {
    for (const name of ['', 'a/b', 'a/b/c/d', 'persistent://orders', 'http://a/b/c', 'persistent://a//c', '/a/b']) {
      expect(() => parseTopicName(name), name).to.throw("isn't a topic name: write");
    }
  });

  it('encodes names for URLs', () => {
    expect(topicPath(parseTopicName('a b?#%ü'))).to.equal('persistent/public/default/a%20b%3F%23%25%C3%BC');
  });

  it('names partitions once', () => {
    expect(partitionName('persistent://a/b/c', 3)).to.equal('persistent://a/b/c-partition-3');
    expect(partitionName('persistent://a/b/c-partition-3', 3)).to.equal('persistent://a/b/c-partition-3');
    expect(partitionName('persistent://a/b/c', -1)).to.equal('persistent://a/b/c');
  });

  it('takes two spellings of one topic for one', () => {
    expect(uniqueTopics(['orders', 'persistent://public/default/orders', 'bills'])).to.have.length(2);
  });
});
