import { expect } from 'chai';
import { encodeTrigger } from '../../../api/trigger.ts';
import { readConfig } from '../../../dispatcher/config.ts';
import type { Environment } from '../../../dispatcher/original-environment.ts';

const manifest = {
  apiVersion: 'kubeless.io/v1',
  kind: 'PulsarTrigger',
  metadata: { name: 'orders', namespace: 'shop' },
  spec: {
    pulsar: { topic: 'orders', broker: 'pulsar://pulsar:6650' },
    kubeless: { function: 'http://orders.shop:8080' },
    delivery: { maxInFlight: 7 },
  },
};
const original = {
  PULSAR_BROKER: 'pulsar://pulsar:6650',
  PULSAR_TOPIC: 'persistent://public/default/orders',
  KUBELESS_FUNCTION: 'http://orders.shop:8080/path?q=1',
  TRIGGER_NAME: 'orders',
  TRIGGER_NAMESPACE: 'shop',
};

function config(env: Environment) {
  const read = readConfig(env);
  if ('errors' in read) throw new Error(read.errors.join('\n'));
  return read;
}

function errors(env: Environment): readonly string[] {
  const read = readConfig(env);
  return 'errors' in read ? read.errors : [];
}

describe('the dispatcher’s environment', () => {
  it('is TRIGGER where that is set, with the defaults', () => {
    const { trigger, ...rest } = config({ TRIGGER: encodeTrigger(manifest) });
    expect(trigger).include({ name: 'orders', namespace: 'shop' });
    expect(trigger.delivery.maxInFlight).equals(7);
    expect(rest).eql({ secretsDir: '/var/run/secrets/kubeless.io', probesPort: 8080, logLevel: 'info', proxy: {} });
  });

  it('has a proxy for calls, and names the variable of one that is none, without its password', () => {
    const env = { TRIGGER: encodeTrigger(manifest), HTTPS_PROXY: 'http://me:pass@proxy.example', no_proxy: '.svc' };
    expect(config(env).proxy).eql({ https: env.HTTPS_PROXY, noProxy: '.svc' });
    const [problem, ...others] = errors({ ...env, HTTPS_PROXY: 'socks5://me:pass@proxy.example' });
    expect(problem)
      .match(/^HTTPS_PROXY is "socks5:/)
      .and.not.include('me:pass');
    expect(others).eql([]);
  });

  it('is otherwise what the original dispatcher read', () => {
    const { trigger } = config(original);
    expect(trigger.source.topics).eql(['persistent://public/default/orders']);
    expect(trigger.source.subscription.name).equals('orders-shop');
    expect(trigger.function.url).equals('http://orders.shop:8080/path?q=1');
  });

  it('takes the older list too, composing topic and URL', () => {
    const { trigger } = config({
      PULSAR_BROKER: 'pulsar://pulsar:6650',
      PULSAR_TOPIC_NAMESPACE: 'public/default',
      PULSAR_TOPIC_NAME: 'orders',
      KUBELESS_FUNCTION: 'myfunction',
      KUBELESS_FUNCTION_NAMESPACE: 'shop',
      KUBELESS_FUNCTION_PORT: '8080',
      KUBELESS_FUNCTION_SCHEME: 'https',
      TRIGGER_NAME: 'orders',
      TIMEZONE: 'UTC',
    });
    expect(trigger.source.topics).eql(['persistent://public/default/orders']);
    expect(trigger.function.url).equals('https://myfunction.shop:8080');
    expect(trigger.namespace).equals('default');
  });

  it('takes the token from its own variable, and never shows it', () => {
    const { trigger } = config({ TRIGGER: encodeTrigger(manifest), PULSAR_AUTH_TOKEN: 'hush' });
    expect(trigger.source.authToken?.reveal()).equals('hush');
    expect(JSON.stringify(trigger)).not.include('hush');
  });

  it('refuses a token with a line break in it, takes one with a line break behind it, and never shows it', () => {
    const result = readConfig({ TRIGGER: encodeTrigger(manifest), PULSAR_AUTH_TOKEN: 'hush\nhush' });
    expect(result).eql({
      errors: ['PULSAR_AUTH_TOKEN has line breaks, spaces or other characters in it. Set the token alone.'],
    });
    const { trigger } = config({ TRIGGER: encodeTrigger(manifest), PULSAR_AUTH_TOKEN: ' hush\n' });
    expect(trigger.source.authToken?.reveal()).equals('hush');
  });

  it('takes the original back-off: linear, in seconds', () => {
    const { trigger } = config({ ...original, ERROR_BACKOFF_DELAY_MAX: '30', ERROR_BACKOFF_FACTOR: '2' });
    expect(trigger.delivery.retry).include({ policy: 'linear', step: 2000, maxDelay: 30_000, initialDelay: 1000 });
  });

  it('begins with one second where the original back-off is set, unless the trigger says otherwise', () => {
    const factor = { ERROR_BACKOFF_FACTOR: '2' };
    expect(config({ ...original, ...factor, ERROR_BACKOFF_DELAY_MAX: '0' }).trigger.delivery.retry.initialDelay).equals(
      0,
    );
    const slow = { ...manifest, spec: { ...manifest.spec, delivery: { retry: { initialDelay: '3s' } } } };
    expect(config({ TRIGGER: encodeTrigger(slow), ...factor }).trigger.delivery.retry).include({
      ...{ policy: 'linear', step: 2000, initialDelay: 3000 },
    });
    expect(config({ ...original }).trigger.delivery.retry.initialDelay).equals(100);
  });

  it('names everything that is missing at once', () => {
    const [error, ...others] = errors({});
    expect(others).eql([]);
    for (const name of [
      'TRIGGER',
      'PULSAR_BROKER',
      'PULSAR_TOPIC',
      'PULSAR_TOPIC_NAME',
      'KUBELESS_FUNCTION',
      'TRIGGER_NAME',
    ]) {
      expect(error).include(name);
    }
  });

  it('names every wrong variable with its value and the cure', () => {
    const wrong = { PROBES_PORT: 'x1', LOG_LEVEL: 'loud', ERROR_BACKOFF_FACTOR: 'soon', KUBELESS_FUNCTION: 'ftp://f' };
    const found = errors({ ...original, ...wrong }).join('\n');
    for (const [name, value] of Object.entries(wrong)) expect(found).include(name).and.include(value);
  });

  it('says what is wrong with TRIGGER', () => {
    expect(errors({ TRIGGER: '{' })[0]).match(/^TRIGGER/);
    expect(errors({ TRIGGER: '{"v":99}' })[0]).include('version');
  });
});
