// Sending files from the window, and fetching those that came. Loaded when a chat allows files or holds one.

const WORDS = {
	attach: 'Adjuntar archivo|Attach a file|Anexar arquivo',
	large: 'El archivo supera {}|The file is larger than {}|O arquivo passa de {}',
	empty: 'El archivo está vacío|The file is empty|O arquivo está vazio',
	kind: 'Este tipo de archivo no se admite|This kind of file is not accepted|Este tipo de arquivo não é aceito',
	off: 'No se admiten archivos|Files are not accepted|Arquivos não são aceitos',
	limit: 'No se admiten más archivos en este chat|No more files are accepted in this chat|Não são aceitos mais arquivos neste chat',
	full: 'No hay lugar para más archivos ahora|There is no room for more files now|Não há espaço para mais arquivos agora',
	fast: 'Demasiados archivos; espere un momento|Too many files; wait a moment|Arquivos demais; aguarde um momento',
	over: 'El chat ya terminó|The chat has ended|O chat já terminou',
};

const ACCEPT = {
	image: 'image/png,image/jpeg,image/gif,image/webp,image/avif,image/heic',
	document: '.pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp',
	text: '.txt,.csv,.log,.md',
	audio: 'audio/*',
	video: 'video/mp4,video/webm,video/quicktime',
};

const CLIP = 'M20 11l-8 8a5 5 0 0 1-7-7l9-9a3.3 3.3 0 0 1 5 5l-9 8a1.6 1.6 0 0 1-2-2l8-8';

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.clip { width: 44px; height: 44px; }
.row .clip { flex: none }
.failed .file { text-decoration: none; cursor: default }
.over::after { content: ''; position: absolute; inset: 6px; border: 2px dashed var(--c); border-radius: 14px; background: #8882; pointer-events: none }
`);

/** Which words answer a refusal of the server. */
const because = ({ code, field }) =>
	field === 'file.bytes' ? 'large' : field === 'file.kind' ? 'kind' : { files_not_allowed: 'off', limit: 'limit', files_full: 'full', too_fast: 'fast', chat_closed: 'over', unknown_chat: 'over' }[code];

const size = (bytes, language) => {
	const mega = bytes >= 1048576;
	const number = (bytes / (mega ? 1048576 : 1024)).toLocaleString(language, { maximumFractionDigits: mega ? 1 : 0 });
	return `${number} ${mega ? 'MB' : 'KB'}`;
};

/** Puts the button beside the field, and takes what is dropped on the window or pasted into the field. */
export default (kit, composer, field) => {
	const { h, icon, pick, uploads, root, frame, settings } = kit;
	const rules = settings.files;
	const words = (key) => pick(WORDS[key], size(rules.max_bytes, kit.language));
	if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);

	const fail = (item, key) => {
		item.failed = true;
		item.why = key && words(key);
		kit.say(item.text, item.why);
		kit.paint();
	};

	const send = (item) => {
		const query = new URLSearchParams({ key: item.key, name: item.text });
		const request = new XMLHttpRequest();
		request.open('POST', `${kit.server}/api/v1/chats/${item.chat}/files?${query}`);
		request.setRequestHeader('authorization', 'Bearer ' + kit.token());
		request.upload.onprogress = ({ loaded, total }) => {
			item.why = loaded < total ? `${Math.floor((loaded / total) * 100)} %` : '';
			kit.paint();
		};
		request.onload = () => {
			item.why = '';
			if (request.status === 201) return kit.paint();
			const key = because(JSON.parse(request.responseText || '{}'));
			request.status === 503 || request.status === 408 ? again(item) : fail(item, key);
		};
		request.onerror = () => again(item);
		request.send(item.blob);
	};
	// The key makes a repeat harmless, so it is tried until it is taken or refused, or its chat is over.
	const again = (item) => {
		item.why = '';
		setTimeout(() => (kit.chat() === item.chat ? send(item) : fail(item, 'over')), 1500);
	};

	const add = (files) => {
		for (const blob of files) {
			const item = { chat: kit.chat(), key: kit.randomKey(), text: blob.name || 'image.png', file: {}, blob };
			uploads.set(item.key, item);
			if (!blob.size) fail(item, 'empty');
			else if (blob.size > rules.max_bytes) fail(item, 'large');
			else send(item);
		}
		kit.paint();
		kit.down();
	};

	const chooser = h('input', { type: 'file', multiple: true, hidden: true, ariaLabel: words('attach'), accept: rules.kinds.map((kind) => ACCEPT[kind]).join(','), onchange: () => {
		add(chooser.files);
		chooser.value = '';
		field.focus();
	} });
	const button = h('button.clip', { type: 'button', ariaLabel: words('attach'), onclick: () => chooser.click() }, icon(CLIP));
	composer.insertBefore(button, composer.lastChild);
	composer.append(chooser);
	field.onpaste = (event) => {
		if (!event.clipboardData?.files.length) return;
		event.preventDefault();
		add(event.clipboardData.files);
	};
	const carries = (event) => kit.chat() && field.isConnected && event.dataTransfer?.types.includes('Files');
	const over = (on) => frame.classList.toggle('over', on);
	frame.ondragover = (event) => {
		if (!carries(event)) return;
		event.preventDefault();
		over(true);
	};
	frame.ondragleave = () => over(false);
	frame.ondrop = (event) => {
		over(false);
		if (!carries(event)) return;
		event.preventDefault();
		add(event.dataTransfer.files);
	};
};
