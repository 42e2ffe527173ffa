// How the mock server is: docs/reference/series-api.md, Status.
const iso = (ms) => new Date(ms).toISOString();

export function status({ ward, viewers }) {
  const now = ward.now();
  const beds = ward.patients.length;
  const numerics = ward.series.filter((series) => series.every === 1).length;
  return {
    version: '0.1.0',
    server_time: iso(now),
    started: iso(ward.started),
    uptime_s: (now - ward.started) / 1000,
    log: {
      first: '0:1',
      end: ward.position(),
      pending_bytes: 0,
      commit_ms: { p50: 0.6, p99: 2.4 },
      failing: null,
    },
    rates: {
      messages_s: beds * 4,
      readings_s: numerics,
      samples_s: beds * 400,
      bytes_s: beds * 1200,
      commits_s: 180.5,
      quarantined_s: 0,
    },
    audit: {
      unwritable_since: null,
      why: null,
      held_lines: 0,
      held_bytes: 0,
      refusing: false,
      written_late: 0,
      not_kept: 0,
    },
    consumers: [
      { name: 'series', applied: ward.position(), lag_entries: 0, lag_s: 0.1 },
      { name: 'live', applied: ward.position(), lag_entries: 0, lag_s: 0 },
    ],
    connections: { mqtt: beds, http: 2, live: viewers.size },
    refused: 0,
    mqtt: {
      published: 4200,
      refused: 0,
      delivered: 380,
      expired: 0,
      too_large: 0,
      lost: 12,
      overtaken: 0,
      sessions_over_queue: 1,
      sessions_over_all_queues: 0,
      sessions_overtaken: 0,
      waiting: 40,
      waiting_bytes: 12000,
      gaps: [
        {
          time: iso(ward.started),
          principal: 'ward-screen',
          client: 'screen-1',
          messages: 12,
          first: '0:81',
          last: '0:96',
        },
      ],
    },
    quarantine_open: ward.quarantine.filter((item) => item.state === 'open').length,
    disk: {
      free_bytes: 41_200_000_000,
      total_bytes: 64_000_000_000,
      files: [
        { name: 'log.db', bytes: 81_300_000 },
        { name: 'vigil.db', bytes: 12_900_000 },
      ],
    },
    memory_bytes: 48_200_000,
  };
}
