// What agents and supervisors have at hand, in Portuguese: canned responses, colleagues, earlier chats, the quality model, recordings.

export const canned = {
  label: 'Respostas prontas', nothing: 'Nenhuma resposta corresponde.', take: 'usar', language: 'idioma',
  fill: (/** @type {string} */ names) => `Preencha ou apague ${names} antes de enviar.`,
  title: 'Respostas prontas', lead: 'Textos que o agente encontra digitando / na resposta.', scope: 'Onde', shared: 'Todas as campanhas', shortcut: 'Atalho', text: 'Texto', add: 'Adicionar uma resposta', none: 'Ainda não há nenhuma aqui.',
  hint: 'Variáveis: {visitor}, {email}, {extra}, {agent}, {campaign}.', export: 'Exportar', import: 'Importar', imported: (/** @type {number} */ n) => `${n} lidas do arquivo. Salve para mantê-las.`, badFile: 'Este arquivo não contém respostas prontas.',
  wrong: { shortcut: 'De 1 a 32 letras, algarismos, - e _, sem repetir', texts: 'Um texto de 1 a 4.000 caracteres em pelo menos um idioma' },
};

export const inviting = {
  title: (/** @type {string} */ name) => `Trazer um colega para o chat com ${name}`, text: 'O colega participa ao seu lado. O visitante vê que alguém entrou.', go: 'Trazer',
  joined: (/** @type {string} */ name) => `${name} já participa`,
};

export const earlier = {
  title: 'Chats anteriores', none: 'Nenhum.', of: (/** @type {string} */ when) => `Chat de ${when}`, score: (/** @type {number} */ n) => `nota ${n} de 5`,
};

export const quality = {
  open: 'Perguntas de qualidade', title: (/** @type {string} */ name) => `Como foi o chat com ${name}?`, text: 'O chat está encerrado. Suas respostas ficam com a gravação.', later: 'Mais tarde', go: 'Salvar respostas',
  missing: 'É preciso uma resposta', clear: 'Limpar', noScore: 'Suas respostas foram salvas.', thanks: (/** @type {number} */ points, /** @type {number} */ most) => `Suas respostas foram salvas: ${points} de ${most} pontos.`,
  models: 'Qualidade', lead: 'Perguntas para o agente ao encerrar. Um modelo nunca muda: salvar cria uma versão nova.', version: 'Versão', name: 'Nome', category: 'Categoria', question: 'Pergunta', mandatory: 'Obrigatória', answer: 'Resposta', score: 'Pontos', none: 'Ainda não há modelo.',
  unasked: 'Sem perguntas', add: 'Novo modelo', copy: 'Nova versão', addCategory: 'Adicionar uma categoria', addQuestion: 'Adicionar uma pergunta', addAnswer: 'Adicionar uma resposta', saved: (/** @type {number} */ n) => `Salvo como versão ${n}`, questions: (/** @type {number} */ n) => (n === 1 ? '1 pergunta' : `${n} perguntas`), invalid: 'Cada categoria, pergunta e resposta precisa de um texto; cada pergunta, de duas respostas; os pontos vão de -1000 a 1000.',
};

/** @type {typeof import('./at-hand-en.js').recordings} */
export const recordings = {
  title: 'Gravações', all: 'Tudo', text: 'Dito', textHint: 'Palavras do chat ou do formulário', campaign: 'Campanha', agent: 'Agente', from: 'De', until: 'Até', reason: 'Como terminou', score: 'Nota', find: 'Buscar', older: 'Mais antigas',
  none: 'Nenhum chat corresponde.', visitor: 'Visitante', when: 'Pedido', length: 'Durou', number: 'Número', waited: 'Esperou', unanswered: 'nunca atendido', feedback: 'Opinião', segments: 'Agentes', guest: 'participou', messages: 'O que foi dito',
  quality: 'Qualidade', system: 'Automático', noScore: 'sem pontuação', erased: 'Apagado', erasedText: 'O que foi dito foi apagado.',
  stars: n => `${n} de 5`, chat: id => `Chat ${id}`,
  calls: 'Chamadas', missed: 'não atendida', call: video => (video ? 'Chamada de vídeo' : 'Chamada'), asked: name => `pedida por ${name}`, accepted: name => `aceita por ${name}`, lasted: time => `durou ${time}`,
  judged: (by, about) => (by === about ? `respondido por ${by}` : `respondido por ${by} sobre ${about}`),
};
