// Fetches a file of the chat with the visitor's token and hands it to the browser to save.

const LOST = 'El archivo no está disponible|The file is not available|O arquivo não está disponível';

/** The file of the message with this number, or with this key of the visitor's own. */
export default async (kit, key, number) => {
	const message = kit.messages().find((message) => (number ? message.number === number : message.key === key));
	if (!message?.file) return;
	try {
		const answer = await fetch(`${kit.server}/api/v1/chats/${kit.id()}/files/${message.file.id}`, { headers: { authorization: 'Bearer ' + kit.token() } });
		if (!answer.ok) throw 0;
		const href = URL.createObjectURL(await answer.blob());
		kit.h('a', { href, download: message.text }).click();
		setTimeout(() => URL.revokeObjectURL(href), 1e4);
	} catch {
		kit.notice(kit.pick(LOST));
	}
};
