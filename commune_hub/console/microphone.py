"""The microphone of the machine that one sits at, sent to the hub as one speaks, with a level to look at.

The browser's audio thread cuts the sound into fifths of a second; each goes to the hub as a request of its
own, in order, and again until it has arrived. Beyond `WAITING_MAX` pieces the oldest is dropped: the hub puts
silence in its place.
"""

from __future__ import annotations

WAITING_MAX = 40
"""Pieces that wait for a weak network: eight seconds."""

WORKLET = """
registerProcessor('commune-ear', class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.held = new Int16Array(Math.round(sampleRate / 5));
    this.count = 0;
    this.peak = 0;
  }
  process(inputs) {
    const channel = inputs[0][0];
    for (let i = 0; channel && i < channel.length; i += 1) {
      const value = Math.max(-1, Math.min(1, channel[i]));
      this.peak = Math.max(this.peak, Math.abs(value));
      this.held[this.count++] = Math.round(value * 32767);
      if (this.count === this.held.length) {
        this.port.postMessage({samples: this.held, level: this.peak});
        this.held = new Int16Array(this.held.length);
        this.count = 0;
        this.peak = 0;
      }
    }
    return true;
  }
});
"""
"""Runs on the browser's audio thread; served by the hub, since pages take scripts from nowhere else."""

BEGIN = f"""
  if (!navigator.mediaDevices || !window.AudioWorkletNode) return 'insecure';
  let stream;
  const wanted = {{channelCount: 1, autoGainControl: true, noiseSuppression: true, echoCancellation: false}};
  try {{ stream = await navigator.mediaDevices.getUserMedia({{audio: wanted}}); }}
  catch (e) {{ return 'refused'; }}
  const context = new AudioContext();
  await context.audioWorklet.addModule('/media/microphone.js');
  await context.resume();
  const ear = new AudioWorkletNode(context, 'commune-ear');
  const live = {{stream, context, waiting: [], from: 0, level: 0, sent: 0, sending: false, over: false}};
  window.communeLive = live;
  const show = (name, act) => {{ const part = document.getElementById(name); if (part) act(part); }};
  live.stop = () => {{
    live.over = true;
    stream.getTracks().forEach(track => track.stop());
    context.close();
    show('live-meter', part => {{ part.style.width = '0'; }});
  }};
  const post = async piece => {{
    const address = `ADDRESS?rate=${{context.sampleRate}}&from=${{piece.from}}`;
    const options = {{method: 'POST', body: piece.samples, signal: AbortSignal.timeout(4000)}};
    const answer = await fetch(address, options);
    if (answer.ok) return;
    if (answer.status >= 500) throw new Error('again');
    const said = await answer.json();
    show('live-said', part => {{ part.textContent = said.detail; }});
    live.stop();
  }};
  live.send = async () => {{
    if (live.sending) return;
    live.sending = true;
    while (live.waiting.length && !live.over) {{
      const piece = live.waiting[0];
      try {{
        await post(piece);
        live.sent += 1;
        if (live.waiting[0] === piece) live.waiting.shift();
      }} catch (e) {{ await new Promise(done => setTimeout(done, 300)); }}
    }}
    live.sending = false;
  }};
  ear.port.onmessage = event => {{
    if (live.over || live.ending) return;
    live.level = event.data.level;
    show('live-meter', part => {{ part.style.width = `${{Math.round(100 * Math.sqrt(live.level))}}%`; }});
    live.waiting.push({{from: live.from, samples: event.data.samples}});
    live.from += event.data.samples.length;
    while (live.waiting.length > {WAITING_MAX}) live.waiting.shift();
    live.send();
  }};
  show('live-said', part => {{ part.textContent = ''; }});
  context.createMediaStreamSource(stream).connect(ear).connect(context.destination);
  return 'speaking';
"""
"""Opens the microphone. What the ear gives out is silence: nobody hears himself at the desk."""

END = """
  const live = window.communeLive;
  if (!live) return 'nothing';
  live.ending = true;
  for (let i = 0; i < 30 && live.waiting.length && !live.over; i += 1) {
    await new Promise(done => setTimeout(done, 100));
  }
  if (!live.over) live.stop();
  window.communeLive = null;
  return 'ended';
"""
"""Sends the last words, and closes the microphone."""

END_WITHIN_S = 15.0
