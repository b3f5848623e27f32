"""Record a bulletin in the browser, with the microphone of the machine that one sits at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from commune_hub.console.desk import Desk, warn
from commune_hub.console.parts import row, tagged, text

RECORDING_MAX_S = 600
"""Longest recording; spoken bulletins are a few minutes."""

STOP_WITHIN_S = 120.0
"""Longest time that a recording may take to come over the office's network."""

BEGIN = f"""
  if (!navigator.mediaDevices) return 'insecure';
  let stream;
  try {{ stream = await navigator.mediaDevices.getUserMedia({{audio: true}}); }}
  catch (e) {{ return 'refused'; }}
  const recorder = new MediaRecorder(stream, {{audioBitsPerSecond: 64000}});
  const pieces = [];
  recorder.ondataavailable = event => pieces.push(event.data);
  window.communeRecording = {{recorder, pieces, stream}};
  recorder.start(1000);
  setTimeout(() => recorder.state === 'recording' && recorder.stop(), {RECORDING_MAX_S * 1000});
  return 'recording';
"""
END = """
  const held = window.communeRecording;
  if (!held) return 'nothing';
  if (held.recorder.state !== 'inactive') {
    await new Promise(done => { held.recorder.onstop = done; held.recorder.stop(); });
  }
  held.stream.getTracks().forEach(track => track.stop());
  window.communeRecording = null;
  const answer = await fetch('ADDRESS', {method: 'POST', body: new Blob(held.pieces)});
  return answer.ok ? 'sent' : 'not sent';
"""
WHY_NOT = {
    "insecure": "Trình duyệt chỉ cho ghi âm trên trang https hoặc ngay tại máy hub. (Recording needs https.)",
    "refused": "Trình duyệt không cho dùng micrô; hãy cho phép rồi thử lại. (The microphone was refused.)",
}


def record_button(desk: Desk, take: Callable[[bytes], Awaitable[None]]) -> None:
    """Make a button that begins and ends a recording; `take` is given the file that came of it."""
    state = {"recording": False}

    async def toggle() -> None:
        if state["recording"]:
            await end()
        else:
            await begin()

    async def begin() -> None:
        said = str(await ui.run_javascript(BEGIN, timeout=60.0))
        if said != "recording":
            warn(WHY_NOT.get(said, said))
            return
        _show(True)

    async def end() -> None:
        _show(False)
        key = desk.media.expect_recording(desk.token)
        await ui.run_javascript(END.replace("ADDRESS", f"/media/recordings/{key}"), timeout=STOP_WITHIN_S)
        content = desk.media.take_recording(desk.token, key)
        if not content:
            warn("Không ghi được gì; hãy thử lại. (Nothing was recorded.)")
            return
        await take(content)

    def _show(recording: bool) -> None:
        state["recording"] = recording
        button.set_text("Dừng và giữ bản ghi" if recording else "Ghi âm tại đây")
        button.props(f"icon={'stop' if recording else 'mic'} color={'negative' if recording else 'primary'}")
        note.set_visibility(recording)

    with row():
        button = ui.button("Ghi âm tại đây", icon="mic", on_click=toggle).props("outline no-caps")
        tagged(button, "sound-record")
        note = text("Đang ghi âm…", "given-back")
        note.set_visibility(False)
