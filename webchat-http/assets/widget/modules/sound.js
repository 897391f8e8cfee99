// A short, quiet tone for a message that comes in unseen.

let audio;

export default () => {
	audio ||= new AudioContext();
	const tone = audio.createOscillator();
	const level = audio.createGain();
	const now = audio.currentTime;
	level.gain.setValueAtTime(0.1, now);
	level.gain.linearRampToValueAtTime(0, now + 0.4);
	tone.connect(level).connect(audio.destination);
	tone.start(now);
	tone.stop(now + 0.4);
};
