import { cut } from "../../server/contract/text.ts";

/** True when the browser shows notifications of this page. */
export const canNotify = (): boolean => "Notification" in window && Notification.permission === "granted";

/** Asks the person's leave, at a click of theirs. Gives null, or the sentence why there will be none. */
export const askForNotifications = async (): Promise<string | null> => {
  if (!("Notification" in window)) return "This browser has no notifications.";
  if (Notification.permission === "denied") return "The browser blocks them for this page: allow them in its settings.";
  return (await Notification.requestPermission()) === "granted" ? null : "The browser did not allow them.";
};

/** Shows a notification; one per conversation at a time. A click on it calls `onOpen`. */
export const notify = (title: string, body: string, tag: string, onOpen: () => void): void => {
  if (!canNotify()) return;
  try {
    const notification = new Notification(title, { body: cut(body, 160), tag, silent: true });
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
      onOpen();
    });
  } catch {
    // Some phones forbid it outside of a service worker; the sound and the badge remain.
  }
};

let audio: AudioContext | undefined;

/** Two soft tones, made here: no file to fetch. Silent where the browser wants a click first. */
export const playSound = (): void => {
  try {
    audio ??= new AudioContext();
    void audio.resume();
    for (const [index, frequency] of [660, 880].entries()) {
      const at = audio.currentTime + index * 0.13;
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.24);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.26);
    }
  } catch {
    // No sound device: nothing to hear it with.
  }
};
