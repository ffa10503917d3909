import { expect } from 'chai';
import { adminUrl, brokerAddress, isWebSocketBroker } from '../../../../../dispatcher/sources/pulsar/endpoint.ts';
import { aTrigger } from '../../../../support/records.ts';

describe('Pulsar endpoint', () => {
  const cases = [
    { broker: 'ws://u:p@host:8080/ws/v2', address: 'host:8080', admin: 'http://host:8080', webSocket: true },
    { broker: 'wss://host/pulsar/', address: 'host', admin: 'https://host/pulsar', webSocket: true },
    { broker: 'pulsar://host:6650', address: 'host:6650', admin: undefined, webSocket: false },
    { broker: 'pulsar+ssl://a:6651,[::1]:6651/', address: 'a:6651,[::1]:6651', admin: undefined, webSocket: false },
    { broker: 'pulsar://u:p@a:1,v:q@b:2', address: 'a:1,b:2', admin: undefined, webSocket: false },
    { broker: 'http://a:8080,b:8080', address: 'a:8080,b:8080', admin: 'http://a:8080', webSocket: false },
  ];
  for (const { broker, address, admin, webSocket } of cases) {
    it(`understands ${broker}`, () => {
      expect(brokerAddress(broker)).equals(address);
      expect(adminUrl({ ...aTrigger('http://f').source, broker })).equals(admin);
      expect(isWebSocketBroker(broker)).equals(webSocket);
    });
  }

  it('says what a broker looks like', () => {
    expect(() => brokerAddress('ftp://user:hush@host')).throws(/^(?!.*hush).*write "ws:/);
  });
});
