"use strict";

const LAYOUT = ["123A", "456B", "789C", "*0#D"];
const LOW_HZ = [697, 770, 852, 941];
const HIGH_HZ = [1209, 1336, 1477, 1633];
const GAP_MS = 70;
const GATHER_MS = 3000;
const READY_TRIES = 40;
const READY_MS = 25;
const WORDS = {
  idle: "Ready to call", calling: "Calling …", connecting: "Connecting …", up: "In the call",
  ended: "Call ended", failed: "Call failed",
};

const $ = (id) => document.getElementById(id);
const keys = new Map();
let call = null;

/** One call: the peer connection, and where to hang up. */
class Call {
  constructor() {
    this.pc = new RTCPeerConnection();
    this.session = null;
    this.stopped = false;
    this.answered = false;
    this.connected = false;
    this.sender = null;
  }

  async place(codec, withMicrophone) {
    const track = await outgoingTrack(this, withMicrophone);
    this.stopIfEnded();
    const transceiver = this.pc.addTransceiver(track, { direction: "sendrecv" });
    this.sender = transceiver.sender;
    if (codec) transceiver.setCodecPreferences(preferences(codec));
    this.pc.ontrack = (event) => {
      $("far-end").srcObject = new MediaStream([event.track]);
      $("far-end").play().catch(() => tell("Sound is blocked: allow this page to play it."));
    };
    this.pc.onconnectionstatechange = () => this.connectionChanged();
    await this.pc.setLocalDescription();
    await gathered(this.pc);
    this.stopIfEnded();
    const response = await fetch("/offer", {
      method: "POST", headers: { "Content-Type": "application/sdp" }, body: this.pc.localDescription.sdp,
    });
    const text = await response.text();
    if (response.status !== 201) throw new Error(text || `The server answered ${response.status}.`);
    this.session = response.headers.get("Location");
    this.stopIfEnded();
    show("connecting");
    await this.pc.setRemoteDescription({ type: "answer", sdp: text });
    this.sender.transport.onstatechange = () => this.connectionChanged();
    this.sender.dtmf.ontonechange = (event) => toneChanged(event.tone);
    this.answered = true;  // the connection may have come up before
    this.connectionChanged();
  }

  stopIfEnded() {
    if (!this.stopped) return;
    this.leave();
    throw new DOMException("The call was hung up.", "AbortError");
  }

  connectionChanged() {
    if (this.stopped || !this.answered) return;
    const transport = this.sender.transport;
    if (transport && transport.state === "closed") finish("ended", "", this);
    else if (this.pc.connectionState === "connected") {
      if (!this.connected) up(this);
    } else if (["failed", "closed"].includes(this.pc.connectionState)) {
      finish("failed", this.connected ? "The connection was lost." : "No connection: a firewall may block UDP.", this);
    }
  }

  press(key) {
    const dtmf = this.sender.dtmf;
    dtmf.insertDTMF(dtmf.toneBuffer + key, Number($("duration").value), GAP_MS);
  }

  leave() {
    this.stopped = true;
    for (const sender of this.pc.getSenders()) if (sender.track) sender.track.stop();
    if (this.context) this.context.close();
    this.pc.close();
    if (this.session) fetch(this.session, { method: "DELETE", keepalive: true }).catch(() => {});
    this.session = null;
    this.context = null;
  }
}

/** The microphone, or silence: events need an audio track to ride on. */
async function outgoingTrack(call, withMicrophone) {
  if (withMicrophone) {
    if (!navigator.mediaDevices) tell("Without https:// the browser lends no microphone; the keys work all the same.");
    else {
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
        return stream.getAudioTracks()[0];
      } catch (error) {
        tell(`No microphone (${error.name}); the keys work all the same.`);
      }
    }
  }
  call.context = new AudioContext();
  const destination = call.context.createMediaStreamDestination();
  const silence = new ConstantSourceNode(call.context, { offset: 0 });
  silence.connect(destination);  // without a source, no packets are sent and no event can ride on them
  silence.start();
  return destination.stream.getAudioTracks()[0];
}

/** The chosen codec alone, with its event formats; the browser refuses a preference without any codec. */
function preferences(codec) {
  const known = RTCRtpReceiver.getCapabilities("audio").codecs;
  return known.filter(({ mimeType }) =>
    [`audio/${codec}`, "audio/telephone-event"].some((name) => name.toLowerCase() === mimeType.toLowerCase()));
}

function gathered(pc) {
  return new Promise((resolve) => {
    const check = () => { if (pc.iceGatheringState === "complete") resolve(); };
    pc.addEventListener("icegatheringstatechange", check);
    setTimeout(resolve, GATHER_MS);
    check();
  });
}

function show(state) {
  $("state").dataset.state = state;
  $("state-text").textContent = WORDS[state];
  const busy = ["calling", "connecting", "up"].includes(state);
  $("call").disabled = busy;
  $("hang-up").disabled = !busy;
  $("codec").disabled = $("microphone").disabled = busy;
  const ready = state === "up" && call.sender.dtmf.canInsertDTMF;
  for (const button of keys.values()) button.setAttribute("aria-disabled", String(!ready));
}

function tell(text, fatal = false) {
  $("problem").textContent = text;
  $("problem").classList.toggle("fatal", fatal);
  $("problem").hidden = !text;
}

async function start() {
  if (call) return;
  tell("");
  $("sent").textContent = "";
  negotiated("–", "–", "");
  const own = call = new Call();
  show("calling");
  try {
    await own.place($("codec").value, $("microphone").checked);
  } catch (error) {
    if (!own.stopped) {
      const unreachable = error instanceof TypeError && error.message.includes("fetch");
      finish("failed", unreachable ? "The server cannot be reached: does dtmfphone serve still run?" : error.message, own);
    }
  }
}

async function up(own) {
  own.connected = true;
  const event = /^a=rtpmap:(\d+) telephone-event\/(\d+)/im.exec(own.pc.remoteDescription.sdp);
  for (let tries = 0; event && !own.sender.dtmf.canInsertDTMF && tries < READY_TRIES; tries++) {
    await new Promise((resolve) => setTimeout(resolve, READY_MS));  // it turns true without an event
  }
  if (own.stopped) return;
  const codec = own.sender.getParameters().codecs[0];
  const name = codec ? codec.mimeType.slice("audio/".length) : "?";
  const can = own.sender.dtmf.canInsertDTMF;
  negotiated(
    codec ? `${name}, PT ${codec.payloadType}` : name,
    event ? `PT ${event[1]}, ${event[2]} Hz` : "not in the answer",
    String(can),
  );
  if (!event) tell("The answer has no telephone-event: the browser cannot send keys in this call.");
  else if (!can) tell("The browser says that it cannot send keys in this call.");
  show("up");
  const began = Date.now();
  const tick = () => {
    const seconds = Math.floor((Date.now() - began) / 1000);
    $("clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  tick();
  own.clock = setInterval(tick, 500);
  $("clock").hidden = false;
  if (document.activeElement === document.body) $("hang-up").focus({ focusVisible: false });
}

function finish(state, problem, own) {
  if (call !== own) return;
  clearInterval(own.clock);
  own.leave();
  if (problem) tell(problem, true);
  toneChanged("");
  show(state);
  $("can-insert").textContent = "–";
  $("can-insert").dataset.value = "";
  call = null;
}

function negotiated(codec, event, can) {
  $("codec-used").textContent = codec;
  $("event-used").textContent = event;
  $("can-insert").textContent = can || "–";
  $("can-insert").dataset.value = can;
}

function press(key) {
  if (!keys.has(key) || keys.get(key).getAttribute("aria-disabled") === "true") return;
  try {
    call.press(key);
    $("sent").textContent += key;
    $("sent").scrollLeft = $("sent").scrollWidth;
  } catch (error) {
    tell(`${key} was not sent: ${error.message}`);
  }
}

function toneChanged(tone) {
  for (const [key, button] of keys) button.classList.toggle("sounds", key === tone);
}

LAYOUT.forEach((line, row) => [...line].forEach((key, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.id = `key-${{ "*": "star", "#": "hash" }[key] || key}`;
  button.setAttribute("aria-disabled", "true");
  button.setAttribute("aria-keyshortcuts", key);
  button.setAttribute("aria-label", { "*": "star", "#": "hash" }[key] || key);
  const hertz = document.createElement("small");
  hertz.textContent = `${LOW_HZ[row]} · ${HIGH_HZ[column]}`;
  button.append(key, hertz);
  button.addEventListener("click", () => press(key));
  keys.set(key, button);
  $("keypad").append(button);
}));

$("call").addEventListener("click", start);
$("hang-up").addEventListener("click", () => finish("ended", "", call));
document.addEventListener("keydown", (event) => {
  const shortcut = event.metaKey || ((event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph"));
  if (event.repeat || shortcut || event.target.matches("select, input")) return;
  press(event.key.length === 1 ? event.key.toUpperCase() : event.key);
});
addEventListener("pagehide", () => { if (call) finish("ended", "", call); });
show("idle");
