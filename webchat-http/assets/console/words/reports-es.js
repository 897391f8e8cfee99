// Los informes de cualquier intervalo, en español.

/** @type {typeof import('./reports-en.js').reports} */
export const reports = {
  title: 'Informes', from: 'Desde', to: 'Hasta el día (incluido)', zone: 'Zona horaria', campaign: 'Campaña', all: 'Todas', show: 'Mostrar', view: 'Cifras', byCampaign: 'Por campaña', byAgent: 'Por agente', csv: 'Descargar CSV', hoursCsv: 'Descargar las horas en CSV',
  presets: { today: 'Hoy', yesterday: 'Ayer', week: 'Últimos 7 días', month: 'Este mes', before: 'Mes anterior' },
  none: 'No ocurrió nada en este tiempo.', noData: 'sin datos', total: 'En conjunto', gone: id => `Borrada, número ${id}`,
  interval: (from, to, zone) => `${from} a ${to}, ${zone}`, share: (part, of) => `${part} de ${of}`,
  columns: {
    name: 'Nombre', offered: 'Ofrecidos', answered: 'Atendidos', abandoned: 'Abandonados', short_abandoned: 'Abandonos cortos', timed_out: 'Tiempo agotado', closed: 'Cerrados por el sistema', flowed_out: 'Derivados', waiting: 'En espera', refused: 'Rechazados',
    service_level: 'Nivel de servicio', service_level_with_abandoned: 'con abandonos', service_level_strict: 'estricto', speed_of_answer: 'Espera hasta atención', first_response: 'Primera respuesta', handle_time: 'Tiempo de gestión',
    feedback: 'Valoración', quality_by_agent: 'Calidad, según el agente', quality_by_others: 'Calidad, según supervisores', signed_in: 'Conectado', busy: 'Ocupado', away: 'Ausente', occupancy: 'Ocupación', concurrency: 'A la vez', offers: 'Ofertas', offers_lapsed: 'Vencidas', offers_refused: 'Rechazadas',
  },
  reasons: { queue_full: 'cola llena', no_agents: 'sin agentes', out_of_time: 'fuera de horario', disabled: 'desactivada' },
  heat: 'Por día y hora', weekHeat: 'Por día de la semana y hora, sumado', measure: 'Qué se muestra', day: 'Día', lost: 'No atendidos', hour: hour => `de ${hour} a ${hour + 1}`, least: 'menos', most: 'más', worst: 'más bajo', best: 'más alto',
};
