"""Print ``frames`` of playground/demo/sound.yml: one encoded frame for each note and codec.

A frame that holds a whole number of a tone's periods is the same for as long as the tone lasts, so
one frame for each note is all that is needed to write MP3, Opus and AAC without an encoder. Needs
PyAV, which the project does not need otherwise: ``pip install av``.
"""

import base64
from collections import Counter
from typing import Any

import av
import numpy
import yaml

NOTES = (150, 200, 250, 300, 350, 400, 450, 500)
SECONDS = 3
OVERTONES = ((1, 0.35), (2, 0.14), (3, 0.07))
CODECS: dict[str, dict[str, Any]] = {
    "mp3": {
        "encoder": "libmp3lame", "rate": 24000, "bits": 32000, "format": "s16p", "frame": 576,
        "options": {"reservoir": "0"},
    },
    "opus": {
        "encoder": "libopus", "rate": 48000, "bits": 20000, "format": "flt", "frame": 960,
        "options": {"application": "audio", "vbr": "off", "packet_loss": "100"},
    },
    "aac": {
        "encoder": "aac", "rate": 24000, "bits": 24000, "format": "fltp", "frame": 1024,
        "options": {"aac_coder": "fast"},
    },
}  # fmt: skip


def steady_frame(codec: dict[str, Any], note: int) -> bytes:
    """Return the frame that an encoder repeats while a note lasts; note 0 is silence."""
    encoder = av.CodecContext.create(codec["encoder"], "w")
    encoder.sample_rate, encoder.layout, encoder.format = codec["rate"], "mono", codec["format"]
    encoder.bit_rate, encoder.options = codec["bits"], codec["options"]
    encoder.open()
    size, rate = codec["frame"], codec["rate"]
    pitch = round(note * size / rate) * rate / size
    at = numpy.arange(rate * SECONDS) / rate
    wave = sum(a * numpy.sin(2 * numpy.pi * pitch * k * at) for k, a in OVERTONES)
    packets = []
    for begin in range(0, len(at) - size + 1, size):
        part = wave[begin : begin + size][None, :]
        whole = codec["format"].startswith("s16")
        data = (part * 32767).astype("int16") if whole else part.astype("float32")
        frame = av.AudioFrame.from_ndarray(data, format=codec["format"], layout="mono")
        frame.sample_rate, frame.pts = rate, begin
        packets += [bytes(p) for p in encoder.encode(frame)]
    steady = packets[len(packets) // 3 : -len(packets) // 4]
    return Counter(steady).most_common(1)[0][0]


def main() -> None:
    """Print the frames as YAML."""
    frames = {
        name: {note: base64.b64encode(steady_frame(codec, note)).decode() for note in (0, *NOTES)}
        for name, codec in CODECS.items()
    }
    print(yaml.safe_dump({"frames": frames}, sort_keys=False, width=10_000), end="")


if __name__ == "__main__":
    main()
