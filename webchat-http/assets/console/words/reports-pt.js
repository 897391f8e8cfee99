// Os relatórios de qualquer intervalo, em português.

/** @type {typeof import('./reports-en.js').reports} */
export const reports = {
  title: 'Relatórios', from: 'De', to: 'Até ao dia (incluído)', zone: 'Fuso horário', campaign: 'Campanha', all: 'Todas', show: 'Mostrar', view: 'Números', byCampaign: 'Por campanha', byAgent: 'Por agente', csv: 'Baixar CSV', hoursCsv: 'Baixar as horas em CSV',
  presets: { today: 'Hoje', yesterday: 'Ontem', week: 'Últimos 7 dias', month: 'Este mês', before: 'Mês anterior' },
  none: 'Nada aconteceu neste tempo.', noData: 'sem dados', total: 'No conjunto', gone: id => `Apagada, número ${id}`,
  interval: (from, to, zone) => `${from} a ${to}, ${zone}`, share: (part, of) => `${part} de ${of}`,
  columns: {
    name: 'Nome', offered: 'Oferecidos', answered: 'Atendidos', abandoned: 'Abandonados', short_abandoned: 'Abandonos curtos', timed_out: 'Tempo esgotado', closed: 'Fechados pelo sistema', flowed_out: 'Encaminhados', waiting: 'Em espera', refused: 'Recusados',
    service_level: 'Nível de serviço', service_level_with_abandoned: 'com abandonos', service_level_strict: 'estrito', speed_of_answer: 'Espera até ao atendimento', first_response: 'Primeira resposta', handle_time: 'Tempo de atendimento',
    feedback: 'Avaliação', quality_by_agent: 'Qualidade, segundo o agente', quality_by_others: 'Qualidade, segundo supervisores', signed_in: 'Conectado', busy: 'Ocupado', away: 'Ausente', occupancy: 'Ocupação', concurrency: 'Ao mesmo tempo', offers: 'Ofertas', offers_lapsed: 'Vencidas', offers_refused: 'Recusadas',
  },
  reasons: { queue_full: 'fila cheia', no_agents: 'sem agentes', out_of_time: 'fora do horário', disabled: 'desativada' },
  heat: 'Por dia e hora', weekHeat: 'Por dia da semana e hora, somado', measure: 'O que é mostrado', day: 'Dia', lost: 'Não atendidos', hour: hour => `das ${hour} às ${hour + 1}`, least: 'menos', most: 'mais', worst: 'mais baixo', best: 'mais alto',
};
