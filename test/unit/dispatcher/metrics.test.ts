import { expect } from 'chai';
import type { KnownLag } from '../../../dispatcher/lag-watch.ts';
import { createMetrics } from '../../../dispatcher/metrics.ts';
import type { PipelineStatus } from '../../../dispatcher/pipeline-status.ts';
import type { Hold } from '../../../dispatcher/sources/source.ts';
import { aRecord } from '../../support/records.ts';

const status: PipelineStatus = {
  connected: true,
  paused: false,
  records: 5,
  bytes: 5000,
  running: 2,
  retrying: 1,
  delivered: 40,
  filtered: 3,
  deadLettered: 2,
  dropped: 1,
  failures: { Timeout: 7, BadGateway: 1 },
};

describe('metrics', () => {
  const exposed = async (lag: KnownLag = { known: false, why: 'not asked yet' }, hold?: Hold) => {
    const metrics = createMetrics(
      () => status,
      () => lag,
      () => hold,
    );
    const attempt = { record: aRecord(), outcome: { kind: 'delivered' }, attempt: 1, deadLetter: false } as const;
    for (const took of [0.4, 1, 3, 1_000_000]) metrics.observe({ ...attempt, took });
    metrics.headerSkipped();
    metrics.filterUndecided();
    return (await metrics.expose()).body;
  };

  it('tells counts and what is in hand', async () => {
    const body = await exposed();
    for (const line of [
      'kubeless_dispatcher_records_delivered_total 40',
      'kubeless_dispatcher_records_dropped_total 1',
      'kubeless_dispatcher_failures_total{reason="Timeout"} 7',
      'kubeless_dispatcher_connected 1',
      'kubeless_dispatcher_blocked 0',
      'kubeless_dispatcher_keys_retrying 1',
      'kubeless_dispatcher_headers_skipped_total 1',
      'kubeless_dispatcher_filters_undecided_total 1',
    ]) {
      expect(body.split('\n')).include(line);
    }
  });

  it('says why records are held back, while they are', async () => {
    const body = await exposed(undefined, { reason: 'NothingArrives', why: 'secret words' });
    expect(body).to.include('kubeless_dispatcher_held_back{reason="NothingArrives"} 1').and.not.include('secret words');
    expect(await exposed()).to.not.include('held_back{');
  });

  it('counts durations up to each bound', async () => {
    const name = 'kubeless_dispatcher_attempt_duration_seconds';
    const lines = (await exposed()).split('\n');
    expect(lines).include.members([
      `${name}_bucket{le="0.001"} 2`,
      `${name}_bucket{le="0.005"} 3`,
      `${name}_bucket{le="180"} 3`,
      `${name}_bucket{le="+Inf"} 4`,
      `${name}_count 4`,
    ]);
  });

  it('says nothing of a lag that is not known, rather than 0', async () => {
    expect(await exposed()).not.match(/^kubeless_dispatcher_lag_records[ {]/m);
    const partitions = [{ partition: 'p', records: 12 }];
    const body = await exposed({ known: true, records: 12, partitions });
    expect(body).include('kubeless_dispatcher_lag_records{partition="p"} 12');
  });
});
