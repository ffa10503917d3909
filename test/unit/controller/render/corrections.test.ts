import { expect } from 'chai';
import { givenOf, type Overridden, parts, rendered } from '../../../support/rendered.ts';

const DISPATCHER = 'spec.deployment.spec.template.spec.containers[0]';
const limits = (amounts: object): Overridden => ({ dispatcher: { resources: { limits: amounts } } });
const PORT = { containerPort: 8080, name: 'http' };

describe('a default of ours that the override contradicts', () => {
  const table: readonly [what: string, given: Overridden, corrections: readonly [path: string, message: string][]][] = [
    [
      'a request above the limit',
      limits({ memory: '128Mi' }),
      [['resources.requests.memory', 'is 128Mi instead of 512Mi, as the limit is 128Mi']],
    ],
    [
      'several of them, for an image of the original kind too',
      { dispatcher: { image: 'mine', resources: { limits: { memory: '1M', cpu: 0.1 } } } },
      [
        ['resources.requests.cpu', 'is 0.1 instead of 500m, as the limit is 0.1'],
        ['resources.requests.memory', 'is 1M instead of 512Mi, as the limit is 1M'],
      ],
    ],
    [
      'the name of a port that the probes go to',
      { dispatcher: { ports: [PORT] } },
      [
        ['readinessProbe.httpGet.port', 'is 8080 instead of probes, as no port has that name'],
        ['livenessProbe.httpGet.port', 'is 8080 instead of probes, as no port has that name'],
      ],
    ],
    [
      'that name, of which one probe needs nothing any more',
      { dispatcher: { ports: '$remove', livenessProbe: { httpGet: { port: 9000 } } } },
      [['readinessProbe.httpGet.port', 'is 8080 instead of probes, as no port has that name']],
    ],
    [
      'a mount of a volume that is removed',
      { pod: { volumes: [{ name: 'tmp', emptyDir: null }] } },
      [['volumeMounts', 'has no /tmp, as the volume tmp is removed']],
    ],
    ['a request of the user', { dispatcher: { resources: { limits: { cpu: 2 }, requests: { cpu: 2 } } } }, []],
    ['a limit above the request', limits({ memory: '513Mi', cpu: '0.5' }), []],
    ['a limit that is removed', limits({ memory: null }), []],
  ];
  for (const [what, given, corrections] of table) {
    it(`${corrections.length > 0 ? 'gives way' : 'stays'}: ${what}`, () => {
      expect(rendered(givenOf(given)).corrections).eql(
        corrections.map(([path, message]) => ({ path: `${DISPATCHER}.${path}`, message })),
      );
    });
  }

  it('is what it says it is', () => {
    expect(parts(limits({ memory: '128Mi' })).container.resources).eql({
      limits: { cpu: '1', memory: '128Mi' },
      requests: { cpu: '500m', memory: '128Mi' },
    });
    const { container } = parts({ dispatcher: { ports: [PORT], livenessProbe: null } });
    expect(container.readinessProbe).deep.include({ httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 3 });
    expect(container).not.to.have.property('livenessProbe');
    expect(parts({ pod: { volumes: [{ name: 'tmp', emptyDir: null }] } }).container.volumeMounts).eql([]);
  });
});
