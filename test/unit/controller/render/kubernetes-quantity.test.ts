import { expect } from 'chai';
import { nearestQuantity, parseKubernetesQuantity } from '../../../../controller/render/kubernetes-quantity.ts';

describe('a Kubernetes quantity', () => {
  it('may have spaces around it', () => {
    expect(parseKubernetesQuantity('  1.5k ')).equals(1_500_000_000_000n);
    for (const text of ['', ' ', '1 k', '1k\n', '\t1k']) expect(parseKubernetesQuantity(text)).equals(undefined);
    expect(nearestQuantity('\t1 gi\n')).equals('1Gi');
  });

  it('is read in a time that grows with the length alone', () => {
    const before = process.cpuUsage();
    for (const space of [' ', '\t', '\n']) {
      const text = `1${space.repeat(20_000)}!`;
      expect(parseKubernetesQuantity(text)).equals(undefined);
      expect(nearestQuantity(text)).equals(undefined);
    }
    expect(process.cpuUsage(before).user).below(500_000);
  });
});
