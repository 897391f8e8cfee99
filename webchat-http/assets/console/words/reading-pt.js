// Uma gravação lida, avaliada, levada e apagada, em português.

/** @type {typeof import('./reading-en.js').reading} */
export const reading = {
  play: 'Reproduzir', pause: 'Pausa', speed: 'Velocidade', times: n => `${n} ×`, place: 'Momento do chat', whole: 'Mostrar tudo', at: at => `às ${at}`, hushed: 'Os silêncios longos são encurtados.', course: 'Quem teve o chat e quando',
  evaluate: 'Avaliar', evaluating: 'Avaliar a parte de um agente', about: 'Agente', model: 'Perguntas', save: 'Salvar avaliação', kept: score => `Avaliação salva: ${score}`, noModels: 'Ainda não há um modelo de qualidade.',
  export: 'Exportar', exporting: 'Exportar o que foi encontrado', format: 'Como', formats: { json: 'JSON, para programas', csv: 'CSV, para planilhas', html: 'Uma página para imprimir' }, audience: 'Para', audiences: { staff: 'Nós: com notas, qualidade e nomes', visitor: 'O visitante: sem notas, qualidade nem nomes ocultos' },
  fits: n => (n === 1 ? '1 chat corresponde.' : `${n} chats correspondem.`), begin: 'Exportar', cancel: 'Cancelar', progress: (done, total) => `${done} de ${total}`, done: n => `Exportados: ${n}`, broken: 'A exportação foi interrompida. Nada foi salvo.',
  retention: 'Por quanto tempo as gravações são guardadas', keeps: 'Guardadas', forever: 'sem limite', days: n => (n === 1 ? '1 dia' : `${n} dias`), next: 'Próximo apagamento', nothing: 'nada por enquanto',
  erase: 'Apagar os dados deste visitante', erasing: 'Apagar o que este visitante disse', held: (chats, messages, notes, mails) => `Chats: ${chats} · mensagens: ${messages} · notas internas: ${notes} · por e-mail: ${mails} · e todos os arquivos enviados neles`,
  stays: 'Contagens, tempos, pontuações e motivos ficam; o que foi dito desaparece para sempre de todos os arquivos do servidor. Cópias de segurança anteriores ainda o contêm.', liveChat: 'O visitante tem um chat que não terminou. Primeiro deve terminar.', already: n => `${n} deles já foram apagados.`, eraseNow: 'Apagar para sempre', erased: n => `Chats apagados: ${n}`, keep: 'Guardar',
};
