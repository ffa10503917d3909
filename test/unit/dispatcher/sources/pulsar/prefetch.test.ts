import { expect } from 'chai';
import { Prefetch } from '../../../../../dispatcher/sources/pulsar/prefetch.ts';

const MIB = 2 ** 20;

describe('Pulsar prefetch', () => {
  let time: number;
  let prefetch: Prefetch;

  beforeEach(() => {
    time = 0;
    prefetch = new Prefetch(8 * MIB, 1000, () => time);
  });

  /** Records that came and were read at once. */
  function read(count: number, bytes: number): void {
    for (let i = 0; i < count; i += 1) prefetch.noteArrival(bytes);
    prefetch.noteRead(count);
  }

  it('is nothing before something was read', () => {
    prefetch.noteArrival(100);
    expect(prefetch.records).equals(0);
  });

  it('begins as if records were as large as brokers take them', () => {
    prefetch.noteRead(500);
    expect(prefetch.records).equals(1);
  });

  it('is what was read in a tenth of a second', () => {
    read(2000, 1024);
    time = 100;
    prefetch.noteRead(300);
    time = 200;
    prefetch.noteRead(20);
    expect(prefetch.records).equals(300);
    time = 300;
    expect(prefetch.records).equals(20);
    time = 499;
    expect(prefetch.records).equals(0);
  });

  it('has a most', () => {
    read(5000, 1024);
    expect(prefetch.records).equals(1000);
  });

  it('fits into its bytes when each record is as large as the largest of late', () => {
    read(5000, 1024);
    read(1, 2 * MIB);
    expect(prefetch.records).equals(4);
    read(10, 100);
    expect(prefetch.records).equals(4);
    read(200, 100);
    expect(prefetch.records).within(20, 60);
  });

  it('is nothing of records that are larger than its bytes', () => {
    read(5000, 1024);
    read(1, 9 * MIB);
    expect(prefetch.records).equals(0);
  });

  it('survives records without bytes', () => {
    const small = new Prefetch(0, 10, () => 0);
    small.noteArrival(0);
    small.noteRead(5);
    expect(small.records).equals(0);
  });
});
