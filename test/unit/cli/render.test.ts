import { expect } from 'chai';
import { load, loadAll } from 'js-yaml';
import { main } from '../../../cli/main.ts';
import { OPTIONS, rendered, triggerObject } from '../../support/rendered.ts';
import { recordedTerminal } from './recorded-terminal.ts';

const VERSION = '1.2.3';

async function command(args: readonly string[], ...objects: readonly unknown[]) {
  const terminal = recordedTerminal(objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  const exitCode = await main([...args, '-f', '-'], { version: VERSION, terminal });
  return { exitCode, printed: terminal.printed.join('\n'), complaints: terminal.complaints.join('\n') };
}

const WRONG = triggerObject({ deployment: { spec: { template: { spec: { containers: {} } } } } });

describe('kubectl-trigger render', () => {
  it('prints what the controller would apply, as YAML', async () => {
    const { exitCode, printed, complaints } = await command(['render'], triggerObject());
    expect({ exitCode, complaints }).eql({ exitCode: 0, complaints: '' });
    expect(load(printed)).eql(rendered().deployment);
  });

  it('prints several as several documents, or as a list in JSON', async () => {
    const two = [triggerObject(), triggerObject({ name: 'returns' })];
    const objects = [rendered().deployment, rendered({ name: 'returns' }).deployment];
    expect(loadAll((await command(['render'], ...two)).printed)).eql(objects);
    const { printed } = await command(['render', '-o', 'json'], ...two);
    expect(JSON.parse(printed)).eql({ apiVersion: 'v1', kind: 'List', items: objects });
    expect(JSON.parse((await command(['render', '-o', 'json'], triggerObject())).printed)).eql(objects[0]);
  });

  it('takes the flags of the controller', async () => {
    const flags = ['--dispatcher-image', 'mine:1', '--timezone', 'Europe/Berlin'];
    const { printed } = await command(['render', ...flags], triggerObject());
    expect(load(printed)).eql(rendered({}, { dispatcherImage: 'mine:1', timezone: 'Europe/Berlin' }).deployment);
  });

  it('takes the proxy of the controller, too, and none with a password in it', async () => {
    const proxy = { http: 'http://proxy.example:1', https: 'http://proxy.example:2', noProxy: '.svc' };
    const flags = ['--dispatcher-http-proxy', proxy.http, '--dispatcher-https-proxy', proxy.https];
    const { printed } = await command(['render', ...flags, '--dispatcher-no-proxy', proxy.noProxy], triggerObject());
    expect(load(printed)).eql(rendered({}, { ...OPTIONS, proxy }).deployment);
    const refused = ['render', '--dispatcher-http-proxy', 'http://me:pass@proxy.example'];
    const { exitCode, complaints } = await command(refused, triggerObject());
    expect(exitCode).equals(1);
    expect(complaints).includes('Leave name and password out').and.not.includes('pass@');
  });

  it('prints nothing but objects', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
    const { printed, complaints } = await command(['render'], secret, triggerObject());
    expect(load(printed)).eql(rendered().deployment);
    expect(complaints).includes('Secret is not a trigger');
  });

  it('says every problem like validate, prints nothing and exits 1', async () => {
    const noTopic = triggerObject({ name: 'none', pulsar: { topic: undefined } });
    for (const subcommand of ['render', 'validate']) {
      const { exitCode, printed, complaints } = await command([subcommand], triggerObject(), WRONG, noTopic);
      expect({ exitCode, printed }).eql({ exitCode: 1, printed: '' });
      expect(complaints.split('\n')).eql([
        'standard input, document 2:',
        '  spec.deployment.spec.template.spec.containers is an object',
        '    Write a list of objects, or leave it out.',
        'standard input, document 3:',
        '  spec.pulsar: exactly one of topic and topics is needed, but there is neither',
        '    Keep topic for one topic, or topics for a list of them.',
        '2 problems.',
      ]);
    }
  });

  it('says which default gave way to the override, and prints the object alone', async () => {
    const deployment = { spec: { template: { spec: { containers: [{ resources: { limits: { cpu: '100m' } } }] } } } };
    for (const subcommand of ['render', 'validate']) {
      const { exitCode, printed, complaints } = await command([subcommand], triggerObject({ deployment }));
      expect(exitCode).equals(0);
      expect(complaints).equals(
        'standard input, document 1: note: spec.deployment.spec.template.spec.containers[0].resources.requests.cpu ' +
          'is 100m instead of 500m, as the limit is 100m',
      );
      if (subcommand === 'render') expect(load(printed)).eql(rendered({ deployment }).deployment);
    }
  });

  it('takes a name that Kubernetes does not know for a slip', async () => {
    const { exitCode, complaints } = await command(
      ['validate'],
      triggerObject({ deployment: { spec: { tempalte: {} } } }),
    );
    expect(exitCode).equals(1);
    expect(complaints).includes('  spec.deployment.spec.tempalte isn').and.includes('Did you mean template?');
  });

  it('knows two forms', async () => {
    const { exitCode, complaints } = await command(['render', '-o', 'xml'], triggerObject());
    expect(exitCode).equals(1);
    expect(complaints).includes('yaml, json');
  });
});
