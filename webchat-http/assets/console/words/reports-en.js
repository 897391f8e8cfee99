// The reports of any interval, in English.

export const reports = {
  title: 'Reports', from: 'From', to: 'Up to and including', zone: 'Time zone', campaign: 'Campaign', all: 'All', show: 'Show', view: 'Figures', byCampaign: 'By campaign', byAgent: 'By agent', csv: 'Download CSV', hoursCsv: 'Download hours as CSV',
  presets: { today: 'Today', yesterday: 'Yesterday', week: 'Last 7 days', month: 'This month', before: 'Last month' },
  none: 'Nothing happened in this time.', noData: 'no data', total: 'All together', gone: (/** @type {number} */ id) => `Deleted, number ${id}`,
  interval: (/** @type {string} */ from, /** @type {string} */ to, /** @type {string} */ zone) => `${from} to ${to}, ${zone}`, share: (/** @type {number} */ part, /** @type {number} */ of) => `${part} of ${of}`,
  columns: {
    name: 'Name', offered: 'Offered', answered: 'Answered', abandoned: 'Abandoned', short_abandoned: 'Short abandons', timed_out: 'Timed out', closed: 'Closed by the system', flowed_out: 'Moved on', waiting: 'Waiting', refused: 'Refused',
    service_level: 'Service level', service_level_with_abandoned: 'with abandons', service_level_strict: 'strict', speed_of_answer: 'Speed of answer', first_response: 'First response', handle_time: 'Handle time',
    feedback: 'Feedback', quality_by_agent: 'Quality, by the agent', quality_by_others: 'Quality, by supervisors', signed_in: 'Signed in', busy: 'Busy', away: 'Away', occupancy: 'Occupancy', concurrency: 'At once', offers: 'Offers', offers_lapsed: 'Lapsed', offers_refused: 'Refused',
  },
  reasons: { queue_full: 'queue full', no_agents: 'no agents', out_of_time: 'out of time', disabled: 'disabled' },
  heat: 'By day and hour', weekHeat: 'By day of the week and hour, added up', measure: 'What is shown', day: 'Day', lost: 'Not answered', hour: (/** @type {number} */ hour) => `from ${hour} to ${hour + 1}`, least: 'fewest', most: 'most', worst: 'lowest', best: 'highest',
};
