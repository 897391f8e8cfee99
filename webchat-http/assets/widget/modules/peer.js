// One end of a call between two browsers: devices, negotiation, and coming back after the network changed. What it
// says to the other end goes through the chat; `leg` names this page, so that a page loaded anew or another tab can take over.

const WHY = { NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'none', OverconstrainedError: 'none', NotReadableError: 'busy', AbortError: 'busy' };

/** Why there is no microphone or camera: `denied`, `none`, `busy` or `unsupported`. */
export const whyNot = (error) => WHY[error.name] || 'unsupported';

// Seconds without a connection: when to tell, when to stop trying, and how often to try.
const FAILS = 10;
const ENDS = 40;
const EVERY = 4;

export class Peer {
	/** `joining`, `running`, `lost`, `failed`, `refused` (by the relay), `elsewhere` or `over`. */
	state = 'joining';
	/** The other end's sound and picture. */
	remote = null;
	/** Why this end is not seen, though it is a video call. */
	unseen = '';
	#leg = `${Math.random()}`;
	#gone = new Set();
	#work = Promise.resolve();
	#out = Promise.resolve();
	#down = 0;

	/** `servers` resolves with what `call_servers` answers, `send` brings a text to the other end, `changed` is called when there is something to show, and once a second. */
	constructor({ polite, servers, send, changed }) {
		Object.assign(this, { polite, servers, send, changed });
	}

	/** Asks for the devices; without a camera it is a call all the same. */
	async open(video) {
		if (!self.RTCPeerConnection) throw new Error();
		const { mediaDevices } = navigator;
		try {
			this.local = await mediaDevices.getUserMedia({ audio: true, video });
		} catch (error) {
			if (!video || whyNot(error) === 'denied') throw error;
			this.local = await mediaDevices.getUserMedia({ audio: true });
			this.unseen = whyNot(error);
		}
		this.local.getTracks().forEach(this.#mind);
	}

	join() {
		this.#timer = setInterval(this.#tick, 1000);
		addEventListener('online', this.#again);
		this.#say({ hi: 1 });
	}

	/** The way through the chat was interrupted: what was said meanwhile may be lost. */
	wake() {
		if (this.state !== 'running') this.#say({ hi: 1 });
	}

	shut(state = 'over') {
		this.state = state;
		clearInterval(this.#timer);
		removeEventListener('online', this.#again);
		this.#pc?.close();
		this.local?.getTracks().forEach((track) => track.stop());
	}

	/** What the other end said, in its order. */
	hear(text) {
		this.#work = this.#work.then(() => this.#take(JSON.parse(text))).catch(() => {});
	}

	track(kind) {
		return this.local.getTracks().find((track) => track.kind === kind);
	}

	/** Takes another microphone or camera; any when no `id` is given. */
	async use(kind, id) {
		const before = this.track(kind);
		// Many telephones open one camera at a time.
		before?.stop();
		const stream = await navigator.mediaDevices.getUserMedia({ [kind]: id ? { deviceId: { exact: id } } : true });
		const [track] = stream.getTracks();
		track.enabled = before?.enabled ?? true;
		this.#mind(track);
		if (before) this.local.removeTrack(before);
		this.local.addTrack(track);
		const sender = this.#pc?.getSenders().find((sender) => sender.track === before);
		sender ? await sender.replaceTrack(track) : this.#pc?.addTrack(track, this.local);
		this.unseen = '';
		this.changed();
	}

	/** Takes the next camera there is. */
	async flip() {
		const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
		const now = cameras.findIndex(({ deviceId }) => deviceId === this.track('video')?.getSettings().deviceId);
		await this.use('video', cameras[(now + 1) % cameras.length]?.deviceId);
	}

	#pc;
	#timer;
	#other;
	#met;
	#making;
	#ignoring;
	#candidates;
	#denied;

	// A device that was pulled out: another one takes its place, if there is one.
	#mind = (track) => (track.onended = () => this.use(track.kind).catch(() => this.changed()));

	// One at a time, for they must come in order.
	#say(what) {
		const text = JSON.stringify({ leg: this.#leg, to: this.#other, ...what });
		this.#out = this.#out.then(() => this.state === 'over' || this.send(text)).catch(() => {});
	}

	async #configuration() {
		const { servers, relay_only } = await this.servers();
		return { iceServers: servers, iceTransportPolicy: relay_only ? 'relay' : 'all' };
	}

	async #meet(leg) {
		const pc = new RTCPeerConnection(await this.#configuration());
		if (/over|elsewhere/.test(this.state)) return pc.close();
		this.#gone.add(this.#other);
		this.#other = leg;
		this.#pc?.close();
		this.#pc = pc;
		pc.ontrack = ({ streams }) => {
			[this.remote] = streams;
			this.changed();
		};
		pc.onnegotiationneeded = async () => {
			try {
				this.#making = true;
				await pc.setLocalDescription();
				this.#say({ description: pc.localDescription });
			} finally {
				this.#making = false;
			}
		};
		pc.onicecandidate = ({ candidate }) => {
			if (!candidate) return;
			if (this.#candidates) return this.#candidates.push(candidate);
			this.#candidates = [candidate];
			setTimeout(() => {
				pc === this.#pc && this.#say({ candidates: this.#candidates });
				this.#candidates = null;
			}, 50);
		};
		pc.onicecandidateerror = ({ errorCode }) => (this.#denied ||= errorCode === 401);
		pc.onconnectionstatechange = () => this.#look();
		// Both could offer at once and one would give way, but Chromium that gives way before it has looked for its addresses never
		// looks again. So one side begins; later both may offer whenever they have something new.
		this.polite || this.#give();
	}

	#give() {
		for (const track of this.local.getTracks()) this.#pc.addTrack(track, this.local);
	}

	async #take({ leg, to, hi, description, candidates }) {
		if (this.#gone.has(leg) || /over|elsewhere/.test(this.state)) return;
		// Until the other end has met this page, it speaks to the one before.
		if (to && to !== this.#leg) return this.#met && (this.shut('elsewhere'), this.changed());
		this.#met ||= to;
		if (leg !== this.#other) {
			await this.#meet(leg);
			// The side that begins has to know whom to.
			if (this.polite && hi) this.#say({});
		} else if (hi) this.#again();
		const pc = this.#pc;
		if (description) {
			const offer = description.type === 'offer';
			this.#ignoring = offer && !this.polite && (this.#making || pc.signalingState !== 'stable');
			if (this.#ignoring) return;
			await pc.setRemoteDescription(description);
			if (offer) {
				pc.getSenders().some(({ track }) => track) || this.#give();
				await pc.setLocalDescription();
				this.#say({ description: pc.localDescription });
			}
		}
		for (const candidate of candidates || []) await pc.addIceCandidate(candidate).catch(() => {});
	}

	#look() {
		if (this.#pc.connectionState === 'connected') {
			this.state = 'running';
			this.#down = 0;
			this.#denied = false;
		} else if (this.state === 'running' && /disconnected|failed/.test(this.#pc.connectionState)) this.state = 'lost';
		this.changed();
	}

	#tick = () => {
		if (this.state !== 'running') {
			this.#down++;
			if (this.#down >= (this.#denied ? EVERY : FAILS) && /joining|failed/.test(this.state)) this.state = this.#denied ? 'refused' : 'failed';
			if (this.#down >= ENDS) this.shut();
			else if (this.#down % EVERY === EVERY / 2) this.#again();
		}
		this.changed();
	};

	// Tries anew: says again what may have been lost, or looks for another way through the network. The browser's word that
	// the network is another one counts more than a connection that still seems to stand.
	#again = async (network) => {
		const pc = this.#pc;
		if (!pc) return this.#say({ hi: 1 });
		if (pc.signalingState === 'have-local-offer') return this.#say({ description: pc.localDescription });
		if (this.state === 'running' && !network) return;
		if (this.polite && !network) return this.#say({ hi: 1 });
		try {
			pc.setConfiguration(await this.#configuration());
			pc.restartIce();
		} catch {}
	};
}
